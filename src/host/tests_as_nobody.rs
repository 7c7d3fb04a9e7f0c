//! Tests of what the kernel lets root do: as root a test runs itself again as nobody.

use std::os::unix::fs::PermissionsExt as _;

/// Whether this test, by its whole name, goes on here. As root it ran as nobody already, and that went well.
pub fn as_nobody(name: &str) -> bool {
    if !rustix::process::geteuid().is_root() {
        return true;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = folder.path().join("tests");
    let here = std::env::current_exe().unwrap();
    // The folder of the sources may be closed to others.
    if std::fs::hard_link(&here, &program).is_err() {
        std::fs::copy(&here, &program).unwrap();
    }
    #[allow(clippy::disallowed_methods)] // a test of programs starts programs
    let out = std::process::Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
        // As who was started in the background: what such a one ignores must not reach what runs in a sandbox.
        .args(["env", "--ignore-signal=INT,QUIT,HUP"])
        .arg(&program)
        .args(["--exact", name, "--nocapture"])
        .env("FREEHOLD_SECRET_OF_THE_NODE", "canary-7391")
        .current_dir("/")
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success() && said.contains("1 passed"), "as nobody: {said}");
    false
}
