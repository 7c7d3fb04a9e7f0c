//! The first reading of a file: what is in it. Keeps what is small (people, terms, menus, addresses of files), never
//! a text.

use std::collections::{BTreeMap, HashMap, HashSet};

use freehold_base::{Code, Error, Result};

use super::Source;
use super::address::{OldSite, file_key, short};
use super::shortcodes;
use crate::wxr::menu::MenuItem;
use crate::wxr::{Author, Export, Item, ItemTerm, Record, SiteInfo, Term};

/// Lines of menus that are kept; no site has more.
const MAX_MENU_LINES: usize = 20_000;

/// A file of the other site.
#[derive(Clone, Debug)]
pub(super) struct OldFile {
    pub url: Box<str>,
    /// The entry it was uploaded to.
    pub parent: i64,
}

/// What is in an export.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub site: SiteInfo,
    pub old: OldSite,
    pub authors: Vec<Author>,
    pub terms: Vec<Term>,
    /// Menus: slug and name, in the file's order.
    pub menus: Vec<(String, String)>,
    pub lines: Vec<MenuItem>,
    /// Logins that items name, declared or not.
    pub creators: HashSet<String>,
    /// Terms that only items name.
    pub named: Vec<ItemTerm>,
    pub files: HashMap<i64, OldFile>,
    /// Files by address.
    pub file_numbers: HashMap<u64, i64>,
    pub found: BTreeMap<String, u64>,
    pub shortcodes: BTreeMap<String, u64>,
    pub repairs: u64,
    pub incomplete: Option<String>,
    /// Comments on files: they have no place here.
    pub file_comments: u64,
    known_terms: HashSet<u64>,
}

/// The number of an item in maps: its own, or a negative one made from what it says where it has none.
pub(super) fn key_of(item: &Item) -> i64 {
    if item.wp_id > 0 {
        return item.wp_id;
    }
    let text = format!("{}\n{}\n{}", item.guid, item.link, item.title);
    let number = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    -i64::try_from(number >> 2).unwrap_or(i64::MAX)
}

/// An item as notes name it.
pub(super) fn named(item: &Item) -> String {
    let title: String = item.title.chars().take(80).collect();
    format!("\u{201c}{title}\u{201d} (number {})", item.wp_id)
}

/// Gives every record to `visit`, which says whether to go on. With `partial` a broken end is no failure: what is
/// wrong is given back.
pub(super) fn each(
    source: &dyn Source,
    partial: bool,
    visit: &mut dyn FnMut(Record) -> Result<bool>,
) -> Result<(Option<String>, u64)> {
    let mut export = Export::open(source.open()?)?;
    while let Some(record) = export.next() {
        match record {
            Ok(record) => {
                if !visit(record)? {
                    break;
                }
            }
            Err(e) if partial && e.as_code() == Code::ImportMalformed => {
                return Ok((Some(e.sentence()), export.repairs()));
            }
            Err(e) => return Err(e),
        }
    }
    Ok((None, export.repairs()))
}

/// Reads the whole file once.
///
/// # Errors
/// `ImportMalformed` unless `partial`; faults of the disk.
pub(super) fn survey(source: &dyn Source, partial: bool) -> Result<Survey> {
    let mut s = Survey::default();
    let (incomplete, repairs) = each(source, partial, &mut |record| {
        s.take(record);
        Ok(true)
    })?;
    (s.incomplete, s.repairs) = (incomplete, repairs);
    if s.found.is_empty() {
        return Err(Error::refused(Code::ImportMalformed, "it holds no items, people or terms"));
    }
    let declared: HashSet<u64> = s.terms.iter().map(|t| term_key(&t.taxonomy, &t.slug)).collect();
    s.named.retain(|t| !declared.contains(&term_key(&t.taxonomy, slug_of(t))));
    for kind in s.named.iter().map(|t| named_kind(&t.taxonomy)).collect::<Vec<_>>() {
        s.count(&kind);
    }
    let logins: HashSet<String> = s.authors.iter().map(|a| a.login.clone()).collect();
    s.creators.retain(|login| !logins.contains(login));
    for _ in 0..s.creators.len() {
        s.count(NAMED_AUTHOR);
    }
    Ok(s)
}

/// Report kind of people whom only items name.
pub(super) const NAMED_AUTHOR: &str = "author (named by items)";

/// Report kind of terms that only items name.
pub(super) fn named_kind(taxonomy: &str) -> String {
    format!("{taxonomy} (named by items)")
}

pub(super) fn slug_of(term: &ItemTerm) -> &str {
    if term.slug.is_empty() { &term.name } else { &term.slug }
}

fn term_key(taxonomy: &str, slug: &str) -> u64 {
    short(&format!("{taxonomy}\n{slug}"))
}

impl Survey {
    fn count(&mut self, kind: &str) {
        *self.found.entry(kind.to_owned()).or_default() += 1;
    }

    fn take(&mut self, record: Record) {
        match record {
            Record::Site(site) => {
                self.old = OldSite::new(&site.link, &site.base_blog_url);
                self.site = site;
            }
            Record::Author(author) => {
                self.count("author");
                self.authors.push(author);
            }
            Record::Term(term) => {
                self.count(&term.taxonomy.clone());
                if term.taxonomy == "nav_menu" {
                    self.menu(&term.slug, &term.name);
                } else {
                    self.terms.push(term);
                }
            }
            Record::Item(item) => self.item(&item),
        }
    }

    fn menu(&mut self, slug: &str, name: &str) {
        if !slug.is_empty() && !self.menus.iter().any(|(known, _)| known == slug) {
            self.menus.push((slug.to_owned(), name.to_owned()));
        }
    }

    fn item(&mut self, item: &Item) {
        self.count(&item.kind);
        if item.kind == "nav_menu_item" {
            if let Some(line) = MenuItem::from_item(item).filter(|_| self.lines.len() < MAX_MENU_LINES) {
                self.menu(&line.menu, &line.menu_name);
                self.lines.push(line);
            }
            return;
        }
        if !item.creator.is_empty() && !self.creators.contains(&item.creator) {
            self.creators.insert(item.creator.clone());
        }
        *self.found.entry("comment".to_owned()).or_default() += item.comments.len() as u64;
        if item.kind == "attachment" {
            self.file_comments += item.comments.len() as u64;
            self.file(item);
            return;
        }
        for term in &item.terms {
            if self.known_terms.insert(term_key(&term.taxonomy, slug_of(term))) {
                self.named.push(term.clone());
            }
        }
        shortcodes::count(&item.content, &mut self.shortcodes);
    }

    fn file(&mut self, item: &Item) {
        let url = if item.attachment_url.is_empty() { &item.guid } else { &item.attachment_url };
        if let Some(name) = file_key(url, &self.old) {
            self.file_numbers.insert(short(&name), key_of(item));
        }
        self.files.insert(key_of(item), OldFile { url: url.as_str().into(), parent: item.parent });
    }
}
