//! Builds the panel's styles and scripts (`admin-ui/`) into `$OUT_DIR/admin-ui`.
//!
//! Needs Node 20 or later with npm. The packages are fetched once per lock file
//! (`npm ci --ignore-scripts`); nothing but `admin-ui/node_modules` is written in the source tree.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a build script reads cargo's environment, starts node and talks to cargo"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::process::ExitCode;

/// What the bundle is made from; a change of any of these builds it again.
const SOURCES: [&str; 8] = [
    "package.json",
    "package-lock.json",
    "build.mjs",
    "icons.txt",
    "styles",
    "scripts",
    "images",
    // Embedded by the crate itself: a new file must reach rust-embed.
    "templates",
];

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            println!("cargo::error={reason}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the two steps. The error is one line that says what to do.
fn build() -> Result<(), String> {
    let ui = env_path("CARGO_MANIFEST_DIR")?.join("../../admin-ui");
    let ui = ui.canonicalize().map_err(|e| format!("{}: {e}", ui.display()))?;
    for source in SOURCES {
        println!("cargo::rerun-if-changed={}", ui.join(source).display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    install(&ui)?;
    let out = env_path("OUT_DIR")?.join("admin-ui");
    run(Command::new("node").arg("build.mjs").arg(out).current_dir(&ui))
}

/// Fetches the npm packages unless those of this very lock file are there already.
fn install(ui: &Path) -> Result<(), String> {
    let stamp = ui.join("node_modules/.freehold-lock");
    let lock = fs::read(ui.join("package-lock.json")).map_err(|e| format!("package-lock.json: {e}"))?;
    if fs::read(&stamp).is_ok_and(|seen| seen == lock) {
        return Ok(());
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    run(Command::new(npm).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(ui))?;
    fs::write(&stamp, lock).map_err(|e| format!("{}: {e}", stamp.display()))
}

/// Runs one program; its output becomes part of the error.
fn run(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|e| {
        format!("cannot start {program} ({e}); building Freehold needs Node.js 20 or later with npm on the PATH")
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).trim().replace('\n', " | ");
    Err(format!("{program} failed while building admin-ui ({}): {said}", output.status))
}

/// A path that cargo gives in its environment.
fn env_path(name: &str) -> Result<PathBuf, String> {
    std::env::var_os(name).map(PathBuf::from).ok_or_else(|| format!("{name} is not set; build with cargo"))
}
