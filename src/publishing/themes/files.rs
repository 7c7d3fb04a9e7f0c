//! A theme's folder as bytes in memory: read once, from the program or from disk, never through a link.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use freehold_base::{Code, Error};
use freehold_host::rooted::{FoundKind, Rooted};
use sha2::{Digest as _, Sha256};

use super::problem::Problem;

/// The theme every chain ends with.
pub const BUILT_IN: &str = "croft";
/// Largest template, in bytes (security rule D2).
pub const MAX_TEMPLATE_BYTES: u64 = 256 * 1024;
/// Largest static file, in bytes.
pub const MAX_ASSET_BYTES: u64 = 8 * 1024 * 1024;
/// Most files in a theme, and the most bytes of all of them together.
pub(crate) const MAX_FILES: usize = 2_000;
pub(crate) const MAX_THEME_BYTES: u64 = 64 * 1024 * 1024;
pub(crate) const TOO_MUCH: &str = "The theme has more than 2,000 files or 64 MiB.";

/// Longest name of a theme's folder.
pub(crate) const MAX_NAME: usize = 64;

/// What we ship, embedded.
#[derive(rust_embed::RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../themes"]
struct Shipped;

/// The same by name. Unpacked once: a build for developers reads and hashes each file anew whenever it is asked for.
static SHIPPED: LazyLock<BTreeMap<String, ThemeFiles>> = LazyLock::new(|| {
    let mut all: BTreeMap<String, ThemeFiles> = BTreeMap::new();
    for path in Shipped::iter() {
        let (Some((name, inside)), Some(file)) = (path.split_once('/'), Shipped::get(&path)) else { continue };
        let theme = ThemeFiles { name: name.to_owned(), files: BTreeMap::new() };
        let files = &mut all.entry(name.to_owned()).or_insert(theme).files;
        files.insert(inside.to_owned(), Arc::from(file.data.as_ref()));
    }
    all
});

/// The regular files of one theme folder.
#[derive(Clone, Debug)]
pub struct ThemeFiles {
    name: String,
    files: BTreeMap<String, Arc<[u8]>>,
}

impl ThemeFiles {
    /// A theme from files in memory: path inside the folder (`templates/index.html`) and bytes.
    pub fn from_memory<P: Into<String>, B: AsRef<[u8]>>(name: &str, files: impl IntoIterator<Item = (P, B)>) -> Self {
        let files = files.into_iter().map(|(path, bytes)| (path.into(), Arc::from(bytes.as_ref()))).collect();
        Self { name: name.to_owned(), files }
    }

    /// A theme from files that are there already.
    pub(crate) fn from_parts(name: &str, files: BTreeMap<String, Arc<[u8]>>) -> Self {
        Self { name: name.to_owned(), files }
    }

    /// All its files, by their place in its folder.
    pub fn all(&self) -> &BTreeMap<String, Arc<[u8]>> {
        &self.files
    }

    /// The embedded theme of this name, if we ship one.
    pub fn shipped(name: &str) -> Option<Self> {
        SHIPPED.get(name).cloned()
    }

    /// Whether we ship a theme of this name.
    pub fn is_shipped(name: &str) -> bool {
        SHIPPED.contains_key(name)
    }

    /// Names of the themes we ship, sorted.
    pub fn shipped_names() -> Vec<String> {
        SHIPPED.keys().cloned().collect()
    }

    /// Reads `root/name`. Only regular files count; a symbolic link anywhere refuses the theme (rules D1 and E1).
    ///
    /// # Errors
    /// The first file that is a link, too large or unreadable, or too many of them.
    pub fn read(root: &Path, name: &str) -> Result<Self, Problem> {
        if !is_name(name) {
            return Err(Problem::of_file(name, "A theme's folder is named with a-z, 0-9, - and _ only."));
        }
        Self::read_named(root, name)
    }

    /// As [`ThemeFiles::read`], of a folder anywhere on the machine and whatever it is called.
    ///
    /// # Errors
    /// As [`ThemeFiles::read`].
    pub fn read_any(folder: &Path) -> Result<Self, Problem> {
        let whole = folder.canonicalize().map_err(|e| Problem::of_file(folder.display().to_string(), e.to_string()))?;
        match (whole.parent(), whole.file_name().and_then(|name| name.to_str())) {
            (Some(above), Some(name)) => Self::read_named(above, name),
            _ => Err(Problem::of_file(whole.display().to_string(), "This is no folder of a theme.")),
        }
    }

    fn read_named(root: &Path, name: &str) -> Result<Self, Problem> {
        let unread = |e: &Error| Problem::of_file(name, format!("The folder cannot be read: {e}"));
        let root = Rooted::open(root).map_err(|e| unread(&e))?;
        let found = root.list(name, MAX_FILES, &is_kept).map_err(|e| match e.as_code() {
            Code::TooLarge => Problem::of_file(name, TOO_MUCH),
            Code::Malformed => Problem::of_file(name, "A file's name is not UTF-8."),
            _ => unread(&e),
        })?;
        let linked = |inside: &str| Problem::of_file(inside, "Links and devices are not read.");
        let mut theme = Self { name: name.to_owned(), files: BTreeMap::new() };
        let mut total = 0;
        for file in found.ok_or_else(|| linked(name))? {
            let path = format!("{name}/{}", file.name);
            match file.kind {
                FoundKind::Folder => continue,
                FoundKind::Other => return Err(linked(&path)),
                FoundKind::File => {}
            }
            let bytes = read_regular(&root, &path, &file.name)?;
            total += bytes.len() as u64;
            theme.files.insert(file.name, Arc::from(bytes));
            if total > MAX_THEME_BYTES {
                return Err(Problem::of_file(name, TOO_MUCH));
            }
        }
        Ok(theme)
    }

    /// The same files under another name.
    #[must_use]
    pub fn renamed(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// The folder's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A file's bytes.
    pub fn get(&self, path: &str) -> Option<&Arc<[u8]>> {
        self.files.get(path)
    }

    /// A file as text; none where it is missing.
    ///
    /// # Errors
    /// The file is not UTF-8.
    pub fn text(&self, path: &str) -> Result<Option<&str>, Problem> {
        let Some(bytes) = self.files.get(path) else { return Ok(None) };
        std::str::from_utf8(bytes)
            .map(Some)
            .map_err(|_| Problem::of_file(format!("{}/{path}", self.name), "The file is not UTF-8 text."))
    }

    /// Files below a folder (`static/`), as (path below it, bytes), in the order of their names.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a Arc<[u8]>)> {
        self.files.iter().filter_map(move |(path, bytes)| Some((path.strip_prefix(folder)?, bytes)))
    }

    /// Adds this theme to a content hash: names, paths and bytes, each with its length.
    pub(crate) fn add_to(&self, hash: &mut Sha256) {
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        part(self.name.as_bytes());
        for (path, bytes) in &self.files {
            part(path.as_bytes());
            part(bytes);
        }
        part(b"end of theme");
    }
}

/// Whether this can name a theme's folder.
pub fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAX_NAME
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

/// Most bytes of a file at this place of a theme's folder.
pub(crate) fn limit_of(inside: &str) -> u64 {
    let is_asset = inside.starts_with("static/") || inside.starts_with("screenshot.");
    if is_asset { MAX_ASSET_BYTES } else { MAX_TEMPLATE_BYTES }
}

/// What editors leave behind is no part of a theme.
fn is_kept(step: &str) -> bool {
    !step.starts_with('.') && !step.ends_with('~')
}

/// Folders in `root` that can be themes.
pub(crate) fn folders(root: &Path) -> Vec<String> {
    let found = Rooted::open(root).and_then(|root| root.names());
    let found = found.map_err(|e| tracing::warn!("the folder of themes cannot be read: {e}")).unwrap_or_default();
    found.into_iter().filter(|name| is_name(name)).collect()
}

fn read_regular(root: &Rooted, path: &str, inside: &str) -> Result<Vec<u8>, Problem> {
    let limit = limit_of(inside);
    let wrong = |message: String| Problem::of_file(path, message);
    match root.read(path, limit) {
        Ok(Some(bytes)) => Ok(bytes),
        // Between the list and the open a file can become something else.
        Ok(None) => Err(wrong("Links and devices are not read.".to_owned())),
        Err(e) if e.as_code() == Code::TooLarge => Err(wrong(format!("The file is larger than {} KiB.", limit / 1024))),
        Err(e) => Err(wrong(format!("The file cannot be read: {e}"))),
    }
}
