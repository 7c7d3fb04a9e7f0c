//! What the tests of files have in common with those of falls.

use freehold_base::JailPath;
use freehold_hosting::files::{Clash, Desk};

pub fn at(path: &str) -> JailPath {
    JailPath::parse(path).unwrap()
}

/// Puts a file there, with the folders above it.
pub fn put(desk: &Desk, path: &str, bytes: &[u8]) {
    let folder = at(path).parent().unwrap();
    if !folder.is_root() && desk.metadata(&folder).is_err() {
        desk.new_folder(&folder).unwrap();
    }
    let mut put = desk.put(&at(path), Clash::Replace, None).unwrap();
    put.write(bytes).unwrap();
    put.finish().unwrap();
}
