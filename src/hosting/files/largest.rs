//! Which folders take the space (row H007). One walk fills the view; it is kept until somebody wants it fresh, so that
//! opening it costs nothing.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use freehold_base::{AccountId, Clock, Code, Error, JailPath, Result, Timestamp};
use freehold_host::account_dir::{AccountDir, Kind, Metadata, Next};

use super::{Desk, Files};

/// Folders that are shown.
const MOST: usize = 100;
/// Deeper folders count for the one above them.
const DEPTH: usize = 6;

/// A folder with everything below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderSize {
    /// Where.
    pub path: JailPath,
    /// Bytes of its files.
    pub bytes: u64,
    /// Files and folders in it.
    pub files: u64,
    /// Whether all of it was counted: not where it, or a folder in it, could not be read.
    pub is_whole: bool,
}

/// The largest folders of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Largest {
    /// Largest first.
    pub folders: Vec<FolderSize>,
    /// When it was looked at.
    pub seen_at: Timestamp,
    /// Not looked at again before: an account is looked at for at most a twentieth of the time.
    again_at: Option<Instant>,
}

/// A look that took less is repeated as often as somebody wishes.
const SHORT: Duration = Duration::from_millis(50);
/// So many times as long as a look took it is not repeated.
const REST: u32 = 20;

impl Desk {
    /// The largest folders; as they were seen last, or seen anew where the last look is not too near.
    ///
    /// # Errors
    /// `Denied`, `NotFound`; `Busy` while they are looked at for the first time.
    pub fn largest(&self, anew: bool) -> Result<Arc<Largest>> {
        self.looking(&[&JailPath::root()])?;
        let known = self.files.0.largest.lock().unwrap_or_else(PoisonError::into_inner).get(&self.account()).cloned();
        match known {
            Some(known) if !anew || known.again_at.is_some_and(|at| Clock::instant() < at) => Ok(known),
            known => {
                let Some(_looking) = Looking::begin(&self.files, self.account()) else {
                    return known.ok_or_else(|| Error::code(Code::Busy));
                };
                look(&self.files, &self.home)
            }
        }
    }
}

/// One at a time looks through an account for whoever asks.
struct Looking<'a>(&'a Files, AccountId);

impl<'a> Looking<'a> {
    fn begin(files: &'a Files, account: AccountId) -> Option<Self> {
        let is_first = files.0.looking.lock().unwrap_or_else(PoisonError::into_inner).insert(account);
        is_first.then_some(Self(files, account))
    }
}

impl Drop for Looking<'_> {
    fn drop(&mut self) {
        self.0.0.looking.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

/// Looks, and keeps what was seen.
pub(super) fn look(files: &Files, home: &AccountDir) -> Result<Arc<Largest>> {
    let begun = Clock::instant();
    let mut sizes: HashMap<JailPath, (u64, u64)> = HashMap::new();
    let mut cut = HashSet::new();
    let mut see = |path: &JailPath, about: &Metadata| {
        // A folder counts itself with one name; whatever lies deep counts for each folder above.
        let lowest = if about.kind == Kind::Folder { Some(path.clone()) } else { path.parent() };
        for folder in shown_above(lowest) {
            let (bytes, count) = sizes.entry(folder).or_default();
            *bytes = bytes.saturating_add(about.bytes);
            *count += 1;
        }
        Ok(Next::On)
    };
    home.walk_all(&JailPath::root(), &mut see, &mut |shut| cut.extend(shown_above(Some(shut.clone()))))?;
    let mut folders: Vec<FolderSize> = sizes
        .into_iter()
        .map(|(path, (bytes, files))| FolderSize { is_whole: !cut.contains(&path), path, bytes, files: files - 1 })
        .collect();
    folders.sort_by(|a, b| b.bytes.cmp(&a.bytes).then(b.files.cmp(&a.files)).then(a.path.cmp(&b.path)));
    folders.truncate(MOST);
    let took = begun.elapsed();
    let again_at = (took > SHORT).then(|| Clock::instant() + took * REST);
    let largest = Arc::new(Largest { folders, seen_at: files.0.store.clock().now(), again_at });
    files.0.largest.lock().unwrap_or_else(PoisonError::into_inner).insert(home.account(), largest.clone());
    Ok(largest)
}

/// A folder and those above it, without the top, as far down as they are shown.
fn shown_above(lowest: Option<JailPath>) -> impl Iterator<Item = JailPath> {
    let all = std::iter::successors(lowest, JailPath::parent);
    all.filter(|folder| !folder.is_root() && folder.depth() <= DEPTH)
}
