//! Bytes as a file without a name, so that the kernel can send them without copying them first (sendfile).

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use freehold_base::{OrInternal as _, Result};

/// A nameless file with these bytes; gone with its last handle. In `folder` where its filesystem makes such files, else
/// in memory: a disk's filesystem hands its pages on in batches, memory one by one, which took a fifth more CPU for
/// 88 kB. Linux only.
///
/// # Errors
/// `Internal` where the kernel gives none (too many open files, no room, another system).
#[cfg(target_os = "linux")]
pub fn nameless_file(folder: Option<&Path>, bytes: &[u8]) -> Result<File> {
    use rustix::fs::{MemfdFlags, Mode, OFlags, memfd_create, open};
    let on_disk = folder.and_then(|folder| {
        open(folder, OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR).ok()
    });
    let made = match on_disk {
        Some(made) => made,
        None => memfd_create(c"freehold-page", MemfdFlags::CLOEXEC).or_internal("making a file in memory")?,
    };
    let mut file = File::from(made);
    file.write_all(bytes).or_internal("filling a nameless file")?;
    Ok(file)
}

/// There is none on this system.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub fn nameless_file(_: Option<&Path>, _: &[u8]) -> Result<File> {
    Err(freehold_base::Error::internal("making a nameless file", "this system has none"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::{Read as _, Seek as _};

    use super::*;

    #[test]
    fn bytes_become_a_file_that_no_folder_shows() {
        let folder = tempfile::tempdir().expect("a folder");
        for place in [Some(folder.path()), Some(Path::new("/proc/self")), None] {
            let mut file = nameless_file(place, b"a page").expect("a file");
            let mut text = String::new();
            file.rewind().expect("its beginning");
            file.read_to_string(&mut text).expect("its text");
            assert_eq!(text, "a page");
        }
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
    }
}
