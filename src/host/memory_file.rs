//! Bytes as a file that lives in memory, so that the kernel can send them without copying them first (sendfile).

use std::fs::File;
use std::io::Write as _;

use freehold_base::{OrInternal as _, Result};

/// A nameless file with these bytes; gone with its last handle. Linux only.
///
/// # Errors
/// `Internal` where the kernel gives none (too many open files, no memory, another system).
#[cfg(target_os = "linux")]
pub fn memory_file(bytes: &[u8]) -> Result<File> {
    use rustix::fs::{MemfdFlags, memfd_create};
    let made = memfd_create(c"freehold-page", MemfdFlags::CLOEXEC).or_internal("making a file in memory")?;
    let mut file = File::from(made);
    file.write_all(bytes).or_internal("filling a file in memory")?;
    Ok(file)
}

/// There is none on this system.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub fn memory_file(_: &[u8]) -> Result<File> {
    Err(freehold_base::Error::internal("making a file in memory", "this system has none"))
}
