//! The layer: SQLite's own file access with a pencil in between.
#![allow(unsafe_code)] // SQLite asks for C functions

use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::ptr::null_mut;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use libsqlite3_sys as ffi;

/// One thing that happened to a file of the watched folder. Files go by the end of their name.
#[derive(Clone, Debug)]
pub enum Op {
    /// Bytes at a place, not yet safe.
    Write(String, usize, Vec<u8>),
    /// A new length, not yet safe.
    Truncate(String, usize),
    /// What was written to this file so far is safe.
    Sync(String),
    /// The file is gone; whether that is safe.
    Delete(String, bool),
    /// Not the disk's: transaction `n` was acknowledged.
    Acknowledged(usize),
}

#[derive(Default)]
struct Notes {
    /// Whose files are looked at. A store of an earlier test may still be closing its own.
    folder: Option<PathBuf>,
    recording: bool,
    ops: Vec<Op>,
    /// Writes and syncs until the disk refuses, and with what.
    refuse_in: Option<(u64, c_int)>,
    /// Refuses once only.
    once: bool,
    refused: u64,
}

static NOTES: Mutex<Option<Notes>> = Mutex::new(None);
static ALONE: Mutex<()> = Mutex::new(());

fn notes<T>(f: impl FnOnce(&mut Notes) -> T) -> T {
    f(NOTES.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default())
}

/// The layer is one: who holds this uses it alone.
pub fn alone() -> MutexGuard<'static, ()> {
    install();
    let guard = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    notes(|n| *n = Notes::default());
    guard
}

/// Looks at the files in this folder from now on, and at no others.
pub fn watch(folder: &Path) {
    notes(|n| n.folder = Some(folder.to_owned()));
}

/// Writes down from now on.
pub fn record() {
    notes(|n| n.recording = true);
}

/// Everything that happened since [`record`].
pub fn recorded() -> Vec<Op> {
    notes(|n| {
        n.recording = false;
        std::mem::take(&mut n.ops)
    })
}

/// Notes that a transaction was acknowledged.
pub fn acknowledged(transaction: usize) {
    notes(|n| n.ops.push(Op::Acknowledged(transaction)));
}

/// The `nth` write or sync from now on fails with an error of SQLite, and all after it unless `once`.
pub fn refuse(nth: u64, error: c_int, once: bool) {
    notes(|n| {
        n.refuse_in = Some((nth, error));
        n.once = once;
        n.refused = 0;
    });
}

/// The disk works again; how often it refused.
pub fn allow() -> u64 {
    notes(|n| {
        n.refuse_in = None;
        n.refused
    })
}

/// Notes an act on a watched file, or refuses it.
fn act(file: &Path, op: impl FnOnce(String) -> Op) -> c_int {
    notes(|n| {
        let watched = n.folder.as_deref().is_some_and(|folder| file.parent() == Some(folder));
        let Some(name) = file.file_name().filter(|_| watched) else { return ffi::SQLITE_OK };
        if let Some((left, error)) = &mut n.refuse_in {
            *left = left.saturating_sub(1);
            if *left == 0 {
                let error = *error;
                // 1: the next one is refused too.
                n.refuse_in = if n.once { None } else { Some((1, error)) };
                n.refused += 1;
                return error;
            }
        }
        if n.recording {
            n.ops.push(op(name.to_string_lossy().into_owned()));
        }
        ffi::SQLITE_OK
    })
}

/// Our file; SQLite's own stands right behind it.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    /// Its name, boxed; null for nameless ones.
    name: *mut PathBuf,
}

const OURS: usize = size_of::<File>();

unsafe fn real(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: `install` asked for room behind our part.
    unsafe { file.cast::<u8>().add(OURS).cast() }
}

unsafe fn name_of(file: *mut ffi::sqlite3_file) -> Option<PathBuf> {
    // SAFETY: `open` put the box there, `close` takes it away.
    unsafe { (*file.cast::<File>()).name.as_ref().cloned() }
}

/// Calls the same method of SQLite's own file.
macro_rules! pass {
    ($file:expr, $method:ident $(, $arg:expr)*) => {{
        // SAFETY: the arguments are SQLite's own, for the file that it opened.
        unsafe {
            let real = real($file);
            ((*(*real).pMethods).$method.unwrap())(real $(, $arg)*)
        }
    }};
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    let done = pass!(file, xClose);
    // SAFETY: the box was made in `open`, and the file is not used any more.
    unsafe {
        let name = (*file.cast::<File>()).name;
        if !name.is_null() {
            drop(Box::from_raw(name));
        }
    }
    done
}
unsafe extern "C" fn read(file: *mut ffi::sqlite3_file, to: *mut c_void, n: c_int, at: i64) -> c_int {
    pass!(file, xRead, to, n, at)
}
unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, from: *const c_void, n: c_int, at: i64) -> c_int {
    // SAFETY: SQLite gives `n` readable bytes.
    let (name, bytes) = unsafe { (name_of(file), std::slice::from_raw_parts(from.cast::<u8>(), n as usize)) };
    if let Some(name) = name {
        let refused = act(&name, |name| Op::Write(name, at as usize, bytes.to_vec()));
        if refused != ffi::SQLITE_OK {
            return refused;
        }
    }
    pass!(file, xWrite, from, n, at)
}
unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: as in `name_of`.
    if let Some(name) = unsafe { name_of(file) } {
        let refused = act(&name, |name| Op::Truncate(name, size as usize));
        if refused != ffi::SQLITE_OK {
            return refused;
        }
    }
    pass!(file, xTruncate, size)
}
unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: as in `name_of`.
    if let Some(name) = unsafe { name_of(file) } {
        let refused = act(&name, Op::Sync);
        if refused != ffi::SQLITE_OK {
            return refused;
        }
    }
    let _ = flags;
    ffi::SQLITE_OK // the machine does not lose power here; a real sync would only take time
}
unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, size: *mut i64) -> c_int {
    pass!(file, xFileSize, size)
}
unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, kind: c_int) -> c_int {
    pass!(file, xLock, kind)
}
unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, kind: c_int) -> c_int {
    pass!(file, xUnlock, kind)
}
unsafe extern "C" fn reserved(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    pass!(file, xCheckReservedLock, out)
}
unsafe extern "C" fn control(file: *mut ffi::sqlite3_file, op: c_int, arg: *mut c_void) -> c_int {
    pass!(file, xFileControl, op, arg)
}
unsafe extern "C" fn sector(file: *mut ffi::sqlite3_file) -> c_int {
    pass!(file, xSectorSize)
}
unsafe extern "C" fn device(file: *mut ffi::sqlite3_file) -> c_int {
    pass!(file, xDeviceCharacteristics)
}
unsafe extern "C" fn shm_map(f: *mut ffi::sqlite3_file, p: c_int, n: c_int, e: c_int, to: *mut *mut c_void) -> c_int {
    pass!(f, xShmMap, p, n, e, to)
}
unsafe extern "C" fn shm_lock(file: *mut ffi::sqlite3_file, at: c_int, n: c_int, flags: c_int) -> c_int {
    pass!(file, xShmLock, at, n, flags)
}
unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    pass!(file, xShmBarrier)
}
unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, delete: c_int) -> c_int {
    pass!(file, xShmUnmap, delete)
}
unsafe extern "C" fn fetch(file: *mut ffi::sqlite3_file, at: i64, n: c_int, to: *mut *mut c_void) -> c_int {
    pass!(file, xFetch, at, n, to)
}
unsafe extern "C" fn unfetch(file: *mut ffi::sqlite3_file, at: i64, page: *mut c_void) -> c_int {
    pass!(file, xUnfetch, at, page)
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 3,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector),
    xDeviceCharacteristics: Some(device),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: Some(fetch),
    xUnfetch: Some(unfetch),
};

/// SAFETY: null, or a name as SQLite gives it.
unsafe fn path_of(name: *const c_char) -> Option<PathBuf> {
    if name.is_null() {
        return None;
    }
    // SAFETY: SQLite's names end with a 0.
    Some(PathBuf::from(unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned()))
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: `vfs` is the one of `install`, `file` has the room that it asked for.
    unsafe {
        let under: *mut ffi::sqlite3_vfs = (*vfs).pAppData.cast();
        let done = ((*under).xOpen.unwrap())(under, name, real(file), flags, out);
        let ours = file.cast::<File>();
        (*ours).name = path_of(name).map_or(null_mut(), |n| Box::into_raw(Box::new(n)));
        let opened = !(*real(file)).pMethods.is_null();
        (*file).pMethods = if opened { &METHODS } else { std::ptr::null() };
        done
    }
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, synced: c_int) -> c_int {
    // SAFETY: as in `open`.
    unsafe {
        if let Some(name) = path_of(name) {
            let refused = act(&name, |name| Op::Delete(name, synced != 0));
            if refused != ffi::SQLITE_OK {
                return refused;
            }
        }
        let under: *mut ffi::sqlite3_vfs = (*vfs).pAppData.cast();
        ((*under).xDelete.unwrap())(under, name, synced)
    }
}

/// Lays the layer under every database that this process opens from now on.
fn install() {
    static ONCE: Once = Once::new();
    // SAFETY: the copy lives for ever; its functions are those of SQLite's own layer save the two that open and delete.
    ONCE.call_once(|| unsafe {
        let under = ffi::sqlite3_vfs_find(std::ptr::null());
        let mut ours = *under;
        ours.zName = c"watched".as_ptr();
        ours.szOsFile = OURS as c_int + (*under).szOsFile;
        ours.pNext = null_mut();
        ours.pAppData = under.cast();
        ours.xOpen = Some(open);
        ours.xDelete = Some(delete);
        ffi::sqlite3_vfs_register(Box::into_raw(Box::new(ours)), 1);
    });
}
