//! What happens where a name is taken.

use freehold_base::{Code, Error, JailPath, Result};
use freehold_host::account_dir::{AccountDir, Links, Replace};

/// What happens where a name is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clash {
    /// Nothing; it is refused.
    #[default]
    Refuse,
    /// A file takes the place of a file.
    Replace,
    /// The new one gets a number: `report (2).pdf`.
    KeepBoth,
}

/// Numbers that are tried.
const TRIES: usize = 1000;

impl Clash {
    /// All of them.
    pub const ALL: [Clash; 3] = [Self::Refuse, Self::Replace, Self::KeepBoth];

    /// The word in forms, the API and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Replace => "replace",
            Self::KeepBoth => "keep_both",
        }
    }

    /// Finds one by its word.
    ///
    /// # Errors
    /// `Invalid("clash")`.
    pub fn by_name(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|clash| clash.name() == name);
        found.ok_or_else(|| Error::invalid("clash", Code::NotAllowed, "refuse, replace, keep_both"))
    }

    /// How the file layer takes it.
    pub(super) const fn replace(self) -> Replace {
        match self {
            Self::Replace => Replace::Yes,
            Self::Refuse | Self::KeepBoth => Replace::No,
        }
    }

    /// Does something with a name that may be taken; with `KeepBoth` the next free one is tried where it is.
    pub(super) fn settle<T>(
        self,
        dir: &AccountDir,
        wanted: &JailPath,
        mut act: impl FnMut(&JailPath, Replace) -> Result<T>,
    ) -> Result<(JailPath, T)> {
        let mut path = wanted.clone();
        for _ in 0..TRIES {
            match act(&path, self.replace()) {
                Err(e) if self == Self::KeepBoth && e.as_code() == Code::AlreadyExists => {
                    path = free_name(dir, wanted)?;
                }
                done => return done.map(|done| (path, done)),
            }
        }
        Err(Error::refused(Code::AlreadyExists, wanted.name()))
    }
}

/// The next name like this one that nothing has: `a (2).tar.gz`.
pub(super) fn free_name(dir: &AccountDir, wanted: &JailPath) -> Result<JailPath> {
    let folder = wanted.parent().unwrap_or_default();
    let name = wanted.name();
    let (stem, extension) = split(&name);
    for number in 2..=TRIES {
        let tail = format!(" ({number}){extension}");
        let room = freehold_base::jail_path::NAME_BYTES.saturating_sub(tail.len());
        let path = folder.join(&format!("{}{tail}", cut(stem, room)))?;
        match dir.metadata(&path, Links::Refuse) {
            Err(e) if e.as_code() == Code::NotFound => return Ok(path),
            Err(e) => return Err(e),
            Ok(_) => {}
        }
    }
    Err(Error::refused(Code::AlreadyExists, name))
}

/// Name and extension with its dot; `.tar.gz` is one.
fn split(name: &str) -> (&str, &str) {
    let at = match name.rfind('.') {
        Some(at) if at > 0 => at,
        _ => return (name, ""),
    };
    let at = if name[..at].len() > 4 && name[..at].ends_with(".tar") { at - 4 } else { at };
    name.split_at(at)
}

/// At most so many bytes, not in the middle of a character.
fn cut(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_before_the_extension() {
        for (name, expected) in [
            ("a.txt", ("a", ".txt")),
            ("a.tar.gz", ("a", ".tar.gz")),
            (".tar.gz", (".tar", ".gz")),
            ("noext", ("noext", "")),
            (".env", (".env", "")),
            ("a.b.c", ("a.b", ".c")),
        ] {
            assert_eq!(split(name), expected, "{name}");
        }
        assert_eq!(cut("aé", 2), "a");
    }
}
