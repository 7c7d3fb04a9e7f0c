//! Permissions that let in too many or too few, and secrets where the web server looks (row H089); each with its repair.

use freehold_base::{Code, Error, JailPath, Result};
use freehold_host::account_dir::{Kind, Metadata, Next};

use super::Desk;
use super::desk::Act;
use super::kinds;

/// Findings that are shown.
const MOST: usize = 500;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Everybody on the machine may change it.
    WorldWritable,
    /// A secret that others on the machine may read: settings with passwords, keys, dumps.
    OpenSecret,
    /// Its owner may not read it, or not enter it.
    Shut,
}

impl Fault {
    /// The word in forms and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WorldWritable => "world_writable",
            Self::OpenSecret => "open_secret",
            Self::Shut => "shut",
        }
    }

    /// What it means and what the repair does.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::WorldWritable => "Everybody on the machine may change this. The repair lets only you change it.",
            Self::OpenSecret => {
                "This looks like a secret, and others on the machine may read it. It is never served; the repair lets only you read it."
            }
            Self::Shut => "You may not read this yourself. The repair gives you the right.",
        }
    }
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub path: JailPath,
    /// What.
    pub fault: Fault,
    /// Permissions now.
    pub mode: u16,
    /// Permissions after the repair.
    pub repaired: u16,
}

impl Desk {
    /// Looks at everything below a folder; at most 500 findings, in the order of paths.
    ///
    /// # Errors
    /// `NotFound`, `Denied`.
    pub fn check_permissions(&self, folder: &JailPath) -> Result<Vec<Finding>> {
        self.looking(&[folder])?;
        let mut found = Vec::new();
        self.home.walk(folder, &mut |path, about| {
            if let Some((fault, repaired)) = fault_of(path, about) {
                found.push(Finding { path: path.clone(), fault, mode: about.mode, repaired });
            }
            Ok(if found.len() >= MOST { Next::Stop } else { Next::On })
        })?;
        Ok(found)
    }

    /// Repairs what is wrong with these paths; how many were repaired. What is right by now, or gone, is passed over.
    ///
    /// # Errors
    /// `Denied`, `NotFound` for paths out of reach.
    pub fn repair_permissions(&self, paths: &[JailPath]) -> Result<usize> {
        let some: Vec<&JailPath> = paths.iter().take(MOST).collect();
        let act = Act::on("file.repair_permissions", &some);
        self.doing(act, || {
            let mut repaired = 0;
            for path in &some {
                let about = match self.home.metadata(path, freehold_host::account_dir::Links::Refuse) {
                    Err(e) if e.as_code() == Code::NotFound => continue,
                    about => about?,
                };
                if let Some((_, mode)) = fault_of(path, &about) {
                    self.home.set_mode(path, mode)?;
                    repaired += 1;
                }
            }
            Ok::<_, Error>(repaired)
        })
    }
}

/// What is wrong with something, and which permissions would be right.
fn fault_of(path: &JailPath, about: &Metadata) -> Option<(Fault, u16)> {
    let least = match about.kind {
        Kind::Folder => 0o700,
        Kind::File => 0o400,
        Kind::Link | Kind::Other => return None,
    };
    let mode = about.mode;
    if mode & 0o002 != 0 {
        return Some((Fault::WorldWritable, (mode & !0o022) | least));
    }
    if mode & least != least {
        return Some((Fault::Shut, mode | least | 0o200));
    }
    if about.kind == Kind::File && mode & 0o077 != 0 && is_secret(path) {
        return Some((Fault::OpenSecret, mode & 0o700));
    }
    None
}

/// What is never served and holds secrets: programs do not, and not every dot file does.
fn is_secret(path: &JailPath) -> bool {
    let name = path.name().to_lowercase();
    let harmless = [".htaccess", ".gitignore", ".gitattributes", ".editorconfig", ".nojekyll"];
    let in_git = path.names().any(|name| matches!(name, b".git" | b".svn" | b".hg"));
    let is_dark = path.names().any(|name| name.starts_with(b".") && name != b".well-known");
    let is_secret = is_dark || kinds::is_secret(&String::from_utf8_lossy(path.as_bytes()));
    is_secret && !in_git && !harmless.contains(&name.as_str())
}
