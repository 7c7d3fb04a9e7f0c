//! Copies of a data folder, one after each step.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use freehold_base::steps;

struct Camera {
    data: PathBuf,
    into: PathBuf,
    steps: Vec<&'static str>,
}

static CAMERA: Mutex<Option<Camera>> = Mutex::new(None);
static ROOM: RwLock<()> = RwLock::new(());

/// Nothing else happens in this process: what is heard is the act's.
pub fn alone() -> RwLockWriteGuard<'static, ()> {
    ROOM.write().unwrap_or_else(PoisonError::into_inner)
}

/// Others may work at the same time, and nobody takes pictures.
pub fn others() -> RwLockReadGuard<'static, ()> {
    ROOM.read().unwrap_or_else(PoisonError::into_inner)
}

/// From now on, `data` is copied to `into/0`, `into/1` … after each step.
pub fn begin(data: &Path, into: &Path) {
    static LISTEN: Once = Once::new();
    LISTEN.call_once(|| steps::listen(shoot));
    *camera() = Some(Camera { data: data.to_owned(), into: into.to_owned(), steps: Vec::new() });
}

/// Ends it; which steps there were.
pub fn end() -> Vec<&'static str> {
    camera().take().map(|camera| camera.steps).unwrap_or_default()
}

fn camera() -> MutexGuard<'static, Option<Camera>> {
    CAMERA.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Who made the step waits here, so nothing of the act moves meanwhile; other threads wait at their own next step.
fn shoot(step: &'static str) {
    if let Some(camera) = camera().as_mut() {
        copy(&camera.data, &camera.into.join(camera.steps.len().to_string()));
        camera.steps.push(step);
    }
}

/// The database first: its log is only added to while it is copied.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    let mut names: Vec<_> = std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    for path in names {
        let target = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &target),
            // What the database's readers share lies in memory, and is gone with the node.
            false if path.to_string_lossy().ends_with("-shm") => {}
            false => {
                std::fs::copy(&path, &target).unwrap();
                keep_time(&path, &target);
            }
        }
    }
    keep_time(from, to);
}

/// Archives hold the times of what is in them.
fn keep_time(from: &Path, to: &Path) {
    let modified = std::fs::metadata(from).unwrap().modified().unwrap();
    std::fs::File::open(to).unwrap().set_modified(modified).unwrap();
}
