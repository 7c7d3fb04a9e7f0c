//! A theme as somebody brings it: a zip, a tar.gz as Git hosts send it, or a folder. Read into memory within bounds,
//! believing nothing (rules D1 and E3); what is no part of a theme is left out, what could be a program is refused.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

use freehold_base::text::slugify;
use freehold_base::{Code, Error, OrInternal as _, Result};
use freehold_host::archive::{self, Format};

use super::files::{MAX_FILES, MAX_NAME, MAX_THEME_BYTES, TOO_MUCH, ThemeFiles, is_name, limit_of};
use super::manifest::Manifest;
use super::problem::Problem;

/// Names of an archive that are looked at, what is left out among them: a Git host sends more than a theme.
const MOST_NAMES: usize = 20_000;
/// Bytes that come out of an archive at most, with those that are left out.
const MOST_BYTES: u64 = 256 << 20;
/// Names that are left out and told.
const TOLD: usize = 20;

/// Folders of a theme, with the endings that their files may have.
const FOLDERS: &[(&str, &[&str])] = &[
    ("templates/", &["html", "xml", "svg"]),
    ("components/", &["html"]),
    ("blocks/", &["html", "toml"]),
    ("widgets/", &["html"]),
    ("patterns/", &["json"]),
    ("locales/", &["toml"]),
    (
        "static/",
        &[
            "css", "js", "mjs", "map", "json", "svg", "png", "jpg", "jpeg", "gif", "webp", "avif", "ico", "woff",
            "woff2", "ttf", "otf", "txt", "md",
        ],
    ),
];

/// Beside the folders: what says who made it and on which terms, and its picture.
const BESIDE: &[&str] = &["md", "txt", "avif", "webp", "png", "jpg", "jpeg"];

/// Endings of programs: nobody who brings one brings a theme.
const PROGRAMS: &str = "php phtml phar php3 php4 php5 php7 php8 cgi pl py rb lua sh bash bat cmd ps1 exe dll so dylib com msi \
                        scr jar war class jsp asp aspx wasm htaccess user.ini";

/// A theme that was read.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its files, under the name that its folder gets.
    pub files: ThemeFiles,
    /// Names that were left out, the first of them.
    pub left_out: Vec<String>,
}

impl Package {
    /// Reads an archive. `name`: of its folder; empty: made from the theme's own name.
    ///
    /// # Errors
    /// `ThemeRefused`, `ArchiveRefused` with the reason.
    pub fn of_archive(file: &File, name: &str) -> Result<Self> {
        let mut head = [0; 4];
        let read = file.read_at(&mut head, 0).or_internal("reading an archive")?;
        let format = Format::of_bytes(head.get(..read).unwrap_or_default());
        let format = format.ok_or_else(|| match read {
            0 => archive::broken("it is empty"),
            _ => archive::broken("it is neither a zip nor a tar.gz"),
        })?;
        let mut names = 0;
        let mut gathered = Gathered::default();
        let mut begin = |promise: archive::Promise| too_many(usize::try_from(promise.entries).unwrap_or(usize::MAX));
        let mut each = |head: &archive::Head, bytes: &mut dyn Read| {
            names += 1;
            too_many(names)?;
            if head.is_folder { Ok(()) } else { gathered.add(head.path.to_string(), bytes) }
        };
        archive::read(format, file, &mut begin, &mut each)?;
        gathered.package(name)
    }

    /// Reads a folder of the machine, never through a link.
    ///
    /// # Errors
    /// `ThemeRefused` with the reason.
    pub fn of_folder(folder: &Path, name: &str) -> Result<Self> {
        let files = ThemeFiles::read_any(folder).map_err(|p| refused(p.to_string()))?;
        let mut gathered = Gathered::default();
        for (path, bytes) in files.below("") {
            gathered.add(path.to_owned(), &mut &bytes[..])?;
        }
        gathered.package(name)
    }
}

fn too_many(names: usize) -> Result<()> {
    if names > MOST_NAMES { Err(refused(TOO_MUCH)) } else { Ok(()) }
}

/// The theme is refused.
pub(crate) fn refused(why: impl Into<String>) -> Error {
    Error::refused(Code::ThemeRefused, why.into())
}

/// Files as they come, by their names in the archive.
#[derive(Default)]
struct Gathered {
    files: BTreeMap<String, Arc<[u8]>>,
    left_out: Vec<String>,
    /// Of the theme, and of all that was read.
    bytes: u64,
    all_bytes: u64,
}

impl Gathered {
    fn add(&mut self, path: String, bytes: &mut dyn Read) -> Result<()> {
        let last = path.rsplit('/').next().unwrap_or(&path).to_lowercase();
        if PROGRAMS.split_whitespace().any(|end| last.strip_suffix(end).is_some_and(|before| before.ends_with('.'))) {
            // Who moves here from there tries this first.
            let of = if last.ends_with(".php") { "; themes for WordPress cannot be used here" } else { "" };
            return Err(refused(format!("\u{201c}{path}\u{201d} is a program; themes have none{of}")));
        }
        if path.split('/').any(|step| step.starts_with('.')) || !may_be_kept(&path) {
            let left = MOST_BYTES.saturating_sub(self.all_bytes);
            let read = std::io::copy(&mut bytes.take(left + 1), &mut std::io::sink()).map_err(archive::unreadable)?;
            self.all_bytes += read;
            if read > left {
                return Err(refused(TOO_MUCH));
            }
            self.leave_out(path);
            return Ok(());
        }
        let inside = path.split_once('/').map_or("", |(_, inside)| inside);
        let most = limit_of(&path).max(limit_of(inside));
        let mut kept = Vec::new();
        bytes.take(most + 1).read_to_end(&mut kept).map_err(archive::unreadable)?;
        if kept.len() as u64 > most {
            return Err(refused(format!("\u{201c}{path}\u{201d} is larger than {} KiB", most / 1024)));
        }
        self.bytes += kept.len() as u64;
        self.all_bytes += kept.len() as u64;
        if self.bytes > MAX_THEME_BYTES || self.files.len() >= MAX_FILES {
            return Err(refused(TOO_MUCH));
        }
        if self.files.insert(path.clone(), Arc::from(kept)).is_some() {
            return Err(refused(format!("it has \u{201c}{path}\u{201d} twice")));
        }
        Ok(())
    }

    fn leave_out(&mut self, path: String) {
        if self.left_out.len() < TOLD {
            self.left_out.push(path);
        }
    }

    /// What was gathered as a theme: its `theme.toml` stands on top, or in the one folder that holds all else.
    fn package(mut self, name: &str) -> Result<Package> {
        let wrapper = match self.files.contains_key("theme.toml") {
            true => String::new(),
            false => {
                let mut inside = self.files.keys().filter_map(|path| path.strip_suffix("/theme.toml"));
                let found = inside.next().filter(|folder| !folder.contains('/') && inside.next().is_none());
                format!("{}/", found.ok_or_else(|| refused("it has no theme.toml"))?)
            }
        };
        let mut files = BTreeMap::new();
        for (path, bytes) in std::mem::take(&mut self.files) {
            match path.strip_prefix(&wrapper).filter(|path| belongs(path)) {
                Some(path) => drop(files.insert(path.to_owned(), bytes)),
                None => self.leave_out(path),
            }
        }
        if let Some(both) = files.keys().find(|path| is_above(path, &files)) {
            return Err(refused(format!("it has \u{201c}{both}\u{201d} as a file and as a folder")));
        }
        let named = ThemeFiles::from_parts("theme", files);
        let manifest = Manifest::read(&named).map_err(|p| refused(said(&p)))?;
        let name = if name.is_empty() { folder_of(&manifest.theme.name) } else { name.to_owned() };
        if !is_name(&name) {
            return Err(refused(
                "its folder needs a name of a-z, 0-9, - and _: give it one, or write another name into theme.toml",
            ));
        }
        Ok(Package { files: named.renamed(&name), left_out: self.left_out })
    }
}

/// The name of a folder that is made from a theme's own name.
fn folder_of(title: &str) -> String {
    let slug: String = slugify(title).chars().take(MAX_NAME).collect();
    slug.trim_end_matches('-').to_owned()
}

/// Whether another name lies below this one.
fn is_above(path: &str, files: &BTreeMap<String, Arc<[u8]>>) -> bool {
    let below = format!("{path}/");
    files.range(below.clone()..).next().is_some_and(|(next, _)| next.starts_with(&below))
}

/// A problem without the folder's name, which the theme has not got yet.
fn said(problem: &Problem) -> String {
    let text = problem.to_string();
    text.strip_prefix("theme/").map_or(text.clone(), str::to_owned)
}

/// Whether a name may be a theme's, with or without the folder around it.
fn may_be_kept(path: &str) -> bool {
    belongs(path) || path.split_once('/').is_some_and(|(_, inside)| belongs(inside))
}

/// Whether a file at this place of a theme's folder is a part of the theme.
pub(crate) fn belongs(path: &str) -> bool {
    let ending = |path: &str| path.rsplit_once('.').map_or(String::new(), |(_, end)| end.to_lowercase());
    let is_licence = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path).to_uppercase();
        ["LICENSE", "LICENCE", "COPYING", "NOTICE", "OFL"].iter().any(|word| name.starts_with(word))
            && ["", "md", "txt"].contains(&ending(path).as_str())
    };
    match FOLDERS.iter().find_map(|(folder, ends)| path.strip_prefix(folder).map(|inside| (inside, ends))) {
        Some((inside, ends)) => ends.contains(&ending(inside).as_str()) || is_licence(inside),
        None if path.contains('/') => false,
        None => path == "theme.toml" || BESIDE.contains(&ending(path).as_str()) || is_licence(path),
    }
}
