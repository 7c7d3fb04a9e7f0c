//! Builds the component that runs a `plugin.js` (`runner/runner.js`) into `$OUT_DIR/runner.wasm`.
//!
//! Needs Node 20 or later with npm. The package that makes components is fetched once per lock file
//! (`npm ci --ignore-scripts`); nothing but `runner/node_modules` is written in the source tree.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a build script reads cargo's environment, starts node and talks to cargo"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::process::ExitCode;

/// What the component is made from; a change of any of these builds it again.
const SOURCES: [&str; 5] =
    ["runner/package.json", "runner/package-lock.json", "runner/build.mjs", "runner/runner.js", "wit/plugin.wit"];

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
    let here = env_path("CARGO_MANIFEST_DIR")?;
    for source in SOURCES {
        println!("cargo::rerun-if-changed={}", here.join(source).display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    let runner = here.join("runner");
    install(&runner)?;
    let out = env_path("OUT_DIR")?.join("runner.wasm");
    run(Command::new("node").arg("build.mjs").arg(out).current_dir(&runner))
}

/// Fetches the npm packages unless those of this very lock file are there already.
fn install(runner: &Path) -> Result<(), String> {
    let stamp = runner.join("node_modules/.freehold-lock");
    let lock = fs::read(runner.join("package-lock.json")).map_err(|e| format!("package-lock.json: {e}"))?;
    if fs::read(&stamp).is_ok_and(|seen| seen == lock) {
        return Ok(());
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    run(Command::new(npm).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(runner))?;
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
    Err(format!("{program} failed while building the plugin runner ({}): {said}", output.status))
}

/// A path that cargo gives in its environment.
fn env_path(name: &str) -> Result<PathBuf, String> {
    std::env::var_os(name).map(PathBuf::from).ok_or_else(|| format!("{name} is not set; build with cargo"))
}
