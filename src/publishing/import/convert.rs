//! From an item of the file to an entry of ours. On no transaction.

use freehold_base::text::slugify;
use freehold_base::{EntryId, MediaId, Timestamp, UserId};
use percent_encoding::percent_decode_str;
use sha2::{Digest as _, Sha256};

use super::address::Address;
use super::survey::{key_of, named, slug_of};
use super::world::World;
use super::{comments, fields};
use crate::content::{Entry, password, permalink, prepare};
use crate::document::{Document, Image, Kind, MAX_BYTES, Node};
use crate::wxr::Item;

/// Types that are WordPress's own and no pages: kept, but never shown.
const INTERNAL: &[&str] =
    &["revision", "custom_css", "customize_changeset", "oembed_cache", "user_request", "acf-field", "acf-field-group"];

/// An item that is ready to be written.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    pub key: i64,
    /// The file's word for its kind.
    pub kind: String,
    /// As notes name it.
    pub name: String,
    pub entry: Entry,
    /// The entry above: its number in the file; 0 for none.
    pub parent: i64,
    pub terms: Vec<i64>,
    pub plain: String,
    pub comments: Vec<comments::Ready>,
    /// Addresses that shall lead to it.
    pub old: Vec<String>,
    pub fingerprint: u64,
    /// The entry that an earlier run made of it.
    pub before: Option<EntryId>,
    pub notes: Vec<String>,
}

/// A content type of ours from one of theirs: part of addresses, so that it must not hide one of the site's own.
pub(super) fn kind_of(kind: &str) -> String {
    if matches!(kind, "post" | "page") {
        return kind.to_owned();
    }
    let clean: String = kind
        .to_ascii_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '-' })
        .take(40)
        .collect();
    let reserved = freehold_platform::sites::settings::RESERVED.contains(&clean.as_str());
    let year = clean.bytes().all(|b| b.is_ascii_digit());
    if clean.is_empty() || reserved || year { format!("x-{clean}") } else { clean }
}

/// What the source says, as a number: the same as long as nothing of it changed.
pub(super) fn fingerprint(item: &Item) -> u64 {
    let mut h = Sha256::new();
    let mut put = |text: &str| {
        h.update((text.len() as u64).to_le_bytes());
        h.update(text.as_bytes());
    };
    for text in [&item.kind, &item.title, &item.slug, &item.status, &item.password, &item.content, &item.excerpt] {
        put(text);
    }
    for text in [&item.creator, &item.comment_status, &item.link, &item.attachment_url] {
        put(text);
    }
    let date = item.pub_date_gmt.map_or(0, Timestamp::ms);
    for number in [date, item.parent, item.menu_order, i64::from(item.is_sticky)] {
        put(&number.to_string());
    }
    for term in &item.terms {
        put(&term.taxonomy);
        put(slug_of(term));
    }
    for (name, value) in item.meta.iter().filter(|(name, _)| !name.starts_with("_edit_")) {
        put(name);
        put(value);
    }
    for c in &item.comments {
        put(&c.wp_id.to_string());
        put(&c.approved);
        put(&c.content);
    }
    let digest = h.finalize();
    // Never 0, which means that nothing is known.
    digest.iter().take(8).fold(0_u64, |n, b| (n << 8) | u64::from(*b)).max(1)
}

/// A text without markup on one line, cut to `max` characters; says whether it was cut.
pub(super) fn one_line(html: &str, max: usize) -> (String, bool) {
    let plain = if html.contains(['<', '&']) { Document::from_html(html).to_plain() } else { html.to_owned() };
    let clean: String = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let clean: String = clean.chars().filter(|c| !c.is_control()).collect();
    let cut: String = clean.chars().take(max).collect();
    let was_cut = cut.len() < clean.len();
    (freehold_base::text::line("text", &cut, max).unwrap_or(cut), was_cut)
}

/// A text without markup with its lines, cut to `max` characters; says whether it was cut.
pub(super) fn some_lines(html: &str, max: usize) -> (String, bool) {
    let plain = if html.contains(['<', '&']) { Document::from_wordpress(html).to_plain() } else { html.to_owned() };
    let cut: String = plain.trim().chars().take(max).collect();
    let was_cut = cut.len() < plain.trim().len();
    (freehold_base::text::lines("text", &cut, max).unwrap_or(cut), was_cut)
}

fn decoded_slug(slug: &str) -> String {
    slugify(&percent_decode_str(slug).decode_utf8_lossy())
}

impl World {
    /// An entry without its text: enough to know its address. With its terms.
    pub fn skeleton(&self, item: &Item) -> (Entry, Vec<i64>, Vec<String>) {
        let author = self.authors.get(&item.creator).copied().unwrap_or(self.nobody);
        let mut e = Entry::blank(self.site, &kind_of(&item.kind), author);
        let mut notes = Vec::new();
        let (title, was_cut) = one_line(&item.title, 300);
        if was_cut {
            notes.push("its title was cut to 300 characters".to_owned());
        }
        e.title = title;
        e.slug = decoded_slug(&item.slug);
        if e.slug.is_empty() {
            e.slug = slugify(&e.title);
        }
        self.set_status(item, &mut e, &mut notes);
        let terms = self.terms_of(item);
        (e, terms, notes)
    }

    fn set_status(&self, item: &Item, e: &mut Entry, notes: &mut Vec<String>) {
        let at = item.pub_date_gmt.or(item.modified);
        let at = at.filter(|t| (0..=253_402_300_799_000).contains(&t.ms()));
        e.published_at = item.pub_date_gmt.filter(|t| at == Some(*t)).unwrap_or_default();
        e.created_at = at.unwrap_or(self.now);
        e.updated_at = item.modified.filter(|t| *t <= self.now).unwrap_or(e.created_at).min(self.now);
        let live = |e: &mut Entry| {
            if e.published_at.ms() == 0 {
                e.published_at = e.created_at.min(self.now);
            }
            e.status = if e.published_at > self.now { "scheduled" } else { "published" }.into();
        };
        match item.status.as_str() {
            "publish" | "future" => live(e),
            "private" => {
                live(e);
                e.visibility = "private".into();
            }
            "pending" => e.status = "pending".into(),
            "trash" => {
                e.status = "trash".into();
                e.status_before_trash = match item.meta("_wp_trash_meta_status") {
                    Some("publish") => "published".into(),
                    Some("pending") => "pending".into(),
                    _ => "draft".into(),
                };
            }
            "draft" | "auto-draft" | "inherit" => e.status = "draft".into(),
            other => {
                e.status = "draft".into();
                let other: String = other.chars().take(40).collect();
                notes.push(format!("its status \u{201c}{other}\u{201d} is not known here; it is a draft now"));
            }
        }
        if !item.password.is_empty() && e.visibility == "public" {
            let typed: String = item.password.chars().take(100).collect();
            match password::seal(&self.keys, self.site, &typed) {
                Ok(sealed) => {
                    e.visibility = "password".into();
                    e.password = sealed.into_stored();
                }
                Err(_) => {
                    e.visibility = "private".into();
                    notes.push("its password could not be kept; it is private now".to_owned());
                }
            }
        }
        let internal = INTERNAL.contains(&item.kind.as_str()) || item.kind.starts_with("wp_");
        if internal {
            e.visibility = "private".into();
        }
    }

    fn terms_of(&self, item: &Item) -> Vec<i64> {
        let find = |t: &crate::wxr::ItemTerm| self.terms.get(&(t.taxonomy.clone(), slug_of(t).to_owned())).copied();
        let mut ids: Vec<i64> = item.terms.iter().filter_map(find).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// What the address of a post needs beside it.
    pub fn parts(&self, e: &Entry, terms: &[i64]) -> permalink::Parts {
        permalink::Parts {
            author: self.author_slugs.get(&e.author_id).cloned().unwrap_or_default(),
            category: terms.iter().find_map(|id| self.category_slugs.get(id)).cloned().unwrap_or_default(),
            parent: String::new(),
        }
    }

    /// The whole entry.
    pub fn ready(&self, item: &Item, parent: i64) -> Result<Ready, String> {
        let (mut e, terms, mut notes) = self.skeleton(item);
        let key = key_of(item);
        let n = self.plan.number(key);
        if n > 1 {
            notes.push(format!("the address \u{201c}{}\u{201d} is in use here; it ends with -{n} now", e.slug));
            e.slug = format!("{}-{n}", e.slug);
        }
        let mut document = Document::from_wordpress(&item.content);
        self.fill_galleries(key, &mut document);
        document.map_media(&mut |number, src| self.picture(number, src));
        document.map_links(&mut |href| self.link(href));
        document.clean(self.raw_html).map_err(|e| e.sentence())?;
        let text = prepare::measure(&document);
        if text.json.len() > MAX_BYTES {
            return Err(format!("its text is larger than {} MB", MAX_BYTES >> 20));
        }
        (e.document, e.summary, e.word_count) = (text.json, text.summary, text.words);
        let (excerpt, was_cut) = some_lines(&item.excerpt, 2000);
        if was_cut {
            notes.push("its excerpt was cut to 2,000 characters".to_owned());
        }
        if !excerpt.is_empty() {
            e.summary.clone_from(&excerpt);
        }
        e.excerpt = excerpt;
        let (fields, lost) = fields::of(item);
        e.fields = fields;
        notes.extend(lost);
        (e.seo_title, e.seo_description) = fields::seo(item);
        e.sticky = item.is_sticky;
        e.position = item.menu_order;
        e.comments_open = item.comment_status == "open";
        self.cover(item, &mut e, &mut notes);
        let comments = comments::ready(self, item, &mut notes);
        e.comment_count = comments.iter().filter(|c| c.row.status == "approved").count() as i64;
        Ok(Ready {
            key,
            kind: item.kind.clone(),
            name: named(item),
            old: self.old_addresses(item),
            entry: e,
            parent,
            terms,
            plain: text.plain,
            comments,
            fingerprint: fingerprint(item),
            before: self.items.get(&key).map(|d| EntryId(d.id)),
            notes,
        })
    }

    fn cover(&self, item: &Item, e: &mut Entry, notes: &mut Vec<String>) {
        let Some(number) = item.meta("_thumbnail_id").and_then(|n| n.trim().parse::<i64>().ok()) else { return };
        match self.files.get(&number) {
            Some(file) => e.cover_id = file.id,
            None => {
                e.cover_id = MediaId(0);
                notes.push(format!("its cover image (number {number}) is not in the library"));
            }
        }
    }

    /// A gallery without numbers shows the pictures that were uploaded to its entry.
    fn fill_galleries(&self, key: i64, document: &mut Document) {
        let Some(attached) = self.attached.get(&key) else { return };
        for node in &mut document.content {
            if matches!(node.kind, Kind::Gallery(_)) && node.content.is_empty() {
                let picture = |id: &i64| {
                    let file = self.files.get(id);
                    Node::leaf(Kind::Image(Box::new(Image {
                        media_id: Some(*id),
                        alt: file.map(|f| f.alt.to_string()).filter(|a| !a.is_empty()),
                        width: file.map(|f| f.size.0).filter(|n| *n > 0),
                        height: file.map(|f| f.size.1).filter(|n| *n > 0),
                        ..Image::default()
                    })))
                };
                node.content = attached.iter().take(500).map(picture).collect();
            }
        }
    }

    /// Addresses under which the item was read: its permalink, former slugs, its number.
    pub fn old_addresses(&self, item: &Item) -> Vec<String> {
        let mut old = Vec::new();
        let link = Address::parse(&item.link).filter(|a| self.survey.old.owns(a));
        let mut number = Some(item.wp_id).filter(|n| *n > 0);
        if let Some(address) = link {
            number = number.or_else(|| address.number());
            if address.path != "/" && address.query.is_empty() {
                old.extend(former(item, &address.path));
                old.push(address.path);
            }
        }
        old.extend(number.map(|n| format!("/?p={n}")));
        old
    }

    /// Who wrote something, by their number there; 0 for nobody of ours.
    pub fn user_by_number(&self, number: i64) -> i64 {
        let login = self.survey.authors.iter().find(|a| a.wp_id == number && number > 0).map(|a| &a.login);
        login.and_then(|login| self.authors.get(login)).copied().map_or(0, UserId::get)
    }
}

/// Addresses with the slugs that an item had before.
fn former(item: &Item, path: &str) -> Vec<String> {
    let Some((above, _)) = path.trim_end_matches('/').rsplit_once('/') else { return Vec::new() };
    let slugs = item.meta.iter().filter(|(name, _)| name == "_wp_old_slug").map(|(_, slug)| slug);
    let decoded = slugs.map(|slug| percent_decode_str(slug).decode_utf8_lossy().into_owned());
    decoded.filter(|slug| !slug.is_empty() && !slug.contains('/')).map(|slug| format!("{above}/{slug}/")).collect()
}
