//! Search by name and content (row H081): a look at the disk that ends when its time is over, and says so.

use std::io::Read as _;
use std::time::Duration;

use freehold_base::{Clock, Code, Error, JailPath, Result};
use freehold_host::account_dir::{Kind, Links, Next};
use regex::bytes::{Regex, RegexBuilder};

use super::Desk;

/// Time of a search.
const TIME: Duration = Duration::from_secs(5);
/// Results at most.
const MOST: usize = 500;
/// Lines of one file that are shown.
const LINES: usize = 20;
/// Larger files are not read.
const MOST_BYTES: u64 = 2 << 20;
/// Bytes of a line that are shown.
const LINE_BYTES: usize = 240;
/// Folders that nobody means: other people's code.
const PASSED_OVER: &[&str] = &["node_modules", ".git", ".svn", ".hg", ".cache"];

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// The words.
    pub text: String,
    /// In names.
    pub in_names: bool,
    /// In contents.
    pub in_contents: bool,
    /// Capital and small letters differ.
    pub match_case: bool,
    /// Also in hidden folders, caches and other people's code.
    pub everywhere: bool,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Where.
    pub path: JailPath,
    /// What it is.
    pub kind: Kind,
    /// The line, from 1; `None` where the name fits.
    pub line: Option<usize>,
    /// That line, cut to what fits.
    pub text: String,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// In the order of paths.
    pub hits: Vec<Hit>,
    /// Whether everything was looked at.
    pub is_complete: bool,
}

impl Desk {
    /// Looks below a folder.
    ///
    /// # Errors
    /// `Invalid("q")` for no words, `NotFound`, `Denied`.
    pub fn search(&self, folder: &JailPath, query: &Query) -> Result<Found> {
        self.looking(&[folder])?;
        let words = words(query)?;
        let ends = Clock::instant() + TIME;
        let mut found = Found { is_complete: true, ..Found::default() };
        self.home.walk(folder, &mut |path, about| {
            if Clock::instant() > ends || found.hits.len() >= MOST {
                found.is_complete = false;
                return Ok(Next::Stop);
            }
            let name = path.name();
            if !query.everywhere && (PASSED_OVER.contains(&name.as_str())) {
                return Ok(Next::Skip);
            }
            if query.in_names && words.is_match(name.as_bytes()) {
                found.hits.push(Hit { path: path.clone(), kind: about.kind, line: None, text: String::new() });
            }
            if query.in_contents && about.kind == Kind::File && about.bytes <= MOST_BYTES {
                self.look_into(path, &words, &mut found.hits);
            }
            Ok(Next::On)
        })?;
        Ok(found)
    }

    /// Lines of a text that fit; a file that cannot be read is passed over.
    fn look_into(&self, path: &JailPath, words: &Regex, hits: &mut Vec<Hit>) {
        let Ok(opened) = self.home.open_read(path, Links::Refuse) else { return };
        let mut bytes = Vec::new();
        if opened.file.take(MOST_BYTES).read_to_end(&mut bytes).is_err() || bytes.contains(&0) {
            return;
        }
        let (mut line, mut counted, mut next) = (1, 0, 0);
        for one in words.find_iter(&bytes).filter(|one| !one.is_empty()) {
            if one.start() < next {
                continue; // the same line again
            }
            line += bytes[counted..one.start()].iter().filter(|b| **b == b'\n').count();
            counted = one.start();
            let begin = bytes[..one.start()].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
            let end = bytes[one.start()..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |at| one.start() + at);
            next = end;
            let from = if one.start() - begin > LINE_BYTES / 2 { one.start() - LINE_BYTES / 4 } else { begin };
            let shown = &bytes[from..end.min(from + LINE_BYTES)];
            let text = String::from_utf8_lossy(shown).trim().to_owned();
            hits.push(Hit { path: path.clone(), kind: Kind::File, line: Some(line), text });
            if hits.iter().rev().take_while(|hit| hit.path == *path).count() >= LINES {
                return;
            }
        }
    }
}

fn words(query: &Query) -> Result<Regex> {
    let text = query.text.trim();
    if text.is_empty() || text.len() > 200 {
        return Err(Error::invalid("q", Code::Required, ""));
    }
    RegexBuilder::new(&regex::escape(text))
        .case_insensitive(!query.match_case)
        .size_limit(1 << 20)
        .build()
        .map_err(|e| Error::internal("preparing a search", e))
}
