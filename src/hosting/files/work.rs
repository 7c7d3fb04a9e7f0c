//! The folder of one job, out of sight: what is made there is moved to its place when it is whole and on the disk. A crash
//! before that point leaves nothing; one after it is followed by the rest of the moves, because the job is done again.
//! The mark that it is whole stays until the job's report is in the database: so nothing is done twice.

use freehold_base::{Code, JailPath, Result};
use freehold_host::account_dir::{AccountDir, Links, Part, Replace};

/// Folder of work in `run`.
pub(super) const FOLDER: &str = "jobs";

/// The folder of one job.
pub(super) struct Work {
    pub(super) home: AccountDir,
    pub(super) run: AccountDir,
    pub(super) folder: JailPath,
    /// What is made: a file or a folder.
    pub(super) thing: JailPath,
    /// Stands there once the thing is whole and on the disk.
    whole: JailPath,
}

impl Work {
    pub(super) fn of(home: &AccountDir, job: i64) -> Result<Self> {
        let folder = JailPath::root().join(FOLDER)?.join(&job.to_string())?;
        let (thing, whole) = (folder.join("tree")?, folder.join("whole")?);
        Ok(Self { home: home.clone(), run: home.part(Part::Run), folder, thing, whole })
    }

    /// Takes the folder of the job away.
    pub(super) fn clear(&self) -> Result<()> {
        match self.run.unsynced().remove_tree(&self.folder) {
            Err(e) if e.as_code() == Code::NotFound => Ok(()),
            other => other,
        }
    }

    /// Makes the thing and puts it into its place; after a crash it goes on where that makes sense. After a failure
    /// nothing is left of it, but for what was moved already where the disk failed in the middle of that.
    pub(super) fn through<T>(
        &self,
        make: impl FnOnce() -> Result<T>,
        place: impl FnOnce() -> Result<Option<JailPath>>,
    ) -> Result<(Option<T>, Option<JailPath>)> {
        let done = self.made(make).and_then(|made| {
            // It may have been moved before a crash.
            let placed = if is_there(&self.run, &self.thing)? { place()? } else { None };
            Ok((made, placed))
        });
        if done.is_err() {
            self.clear()?;
        }
        done
    }

    /// `None` where it was made before a crash: the moves go on.
    fn made<T>(&self, make: impl FnOnce() -> Result<T>) -> Result<Option<T>> {
        if is_there(&self.run, &self.whole)? {
            return Ok(None);
        }
        self.clear()?;
        self.run.unsynced().make_folders(&self.folder)?;
        let made = make()?;
        self.run.create(&self.whole, Replace::Yes, 0o600)?.finish()?;
        Ok(Some(made))
    }
}

pub(super) fn is_there(dir: &AccountDir, path: &JailPath) -> Result<bool> {
    match dir.metadata(path, Links::Refuse) {
        Ok(_) => Ok(true),
        Err(e) if e.as_code() == Code::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}
