//! From rows to what templates see.

use std::collections::BTreeMap;

use freehold_store::comments::Comment;
use freehold_store::entries::{Author, CardRow, Cover};
use freehold_store::media::Media;
use freehold_store::terms::Term;

use super::Making;
use crate::document::KnownMedia;
use crate::themes::Page;
use crate::themes::context::{
    AuthorView, CommentView, EntryView, Html, MediaView, MenuItem, PageView, Request, Site, TermView, Variant,
};

/// Words read in a minute: the middle of what studies of silent reading in English give (about 238).
const WORDS_PER_MINUTE: i64 = 238;
/// Widths of a picture's variants.
pub(super) const WIDTHS: &[u32] = &[320, 640, 960, 1280, 1920, 2560];

/// Minutes of reading, at least 1.
pub(super) fn reading_time(words: i64) -> u32 {
    u32::try_from((words + WORDS_PER_MINUTE / 2) / WORDS_PER_MINUTE).unwrap_or(1).max(1)
}

pub(super) fn author(a: &Author) -> AuthorView {
    AuthorView {
        id: a.id.get(),
        name: a.name.clone(),
        slug: a.slug.clone(),
        url: format!("/author/{}/", a.slug),
        bio: a.bio.clone(),
        image: None,
    }
}

pub(super) fn term(t: &Term) -> TermView {
    TermView {
        id: t.id.get(),
        taxonomy: t.taxonomy.clone(),
        name: t.name.clone(),
        slug: t.slug.clone(),
        url: t.path.clone(),
        description: t.description.clone(),
        count: u64::try_from(t.entry_count).unwrap_or(0),
    }
}

pub(super) fn cover(c: &Cover) -> MediaView {
    let width = u32::try_from(c.width).unwrap_or(0);
    MediaView {
        id: c.id.get(),
        url: format!("/media/{}/{}", c.hash, c.filename),
        alt: c.alt.clone(),
        caption: c.caption.clone(),
        width,
        height: u32::try_from(c.height).unwrap_or(0),
        mime: c.content_type.clone(),
        variants: copies(&c.hash, &c.content_type, width),
        focus: None,
    }
}

/// The sizes in which a picture is offered: the widths below its own, and its own, which the next width up holds
/// (nothing is enlarged). None of drawings, and none of GIFs, which may move.
fn copies(hash: &str, content_type: &str, own: u32) -> Vec<Variant> {
    if !matches!(content_type, "image/jpeg" | "image/png" | "image/webp") || own == 0 {
        return Vec::new();
    }
    let last = WIDTHS.iter().position(|w| *w >= own).unwrap_or(WIDTHS.len() - 1);
    let mut all = Vec::new();
    for (format, mime) in [("avif", "image/avif"), ("webp", "image/webp")] {
        for width in WIDTHS.iter().take(last + 1) {
            let url = format!("/media/{hash}/{width}.{format}");
            all.push(Variant { width: (*width).min(own), mime: mime.into(), url });
        }
    }
    all
}

/// A file as an entry's cover.
pub(super) fn as_cover(m: &Media) -> Cover {
    Cover {
        id: m.id,
        hash: m.hash.clone(),
        filename: m.filename.clone(),
        content_type: m.content_type.clone(),
        width: m.width,
        height: m.height,
        colour: m.colour.clone(),
        alt: m.alt.clone(),
        caption: m.caption.clone(),
    }
}

/// What the document's renderer may know of a file.
pub(super) fn known(m: &Media) -> KnownMedia {
    KnownMedia {
        id: m.id.get(),
        src: crate::library::address(m),
        alt: if m.decorative { String::new() } else { m.alt.clone() },
        width: u32::try_from(m.width).unwrap_or(0),
        height: u32::try_from(m.height).unwrap_or(0),
    }
}

pub(super) fn by_taxonomy<'a>(terms: impl Iterator<Item = &'a Term>) -> BTreeMap<String, Vec<TermView>> {
    let mut map: BTreeMap<String, Vec<TermView>> = BTreeMap::new();
    for t in terms {
        map.entry(t.taxonomy.clone()).or_default().push(term(t));
    }
    map
}

pub(super) fn card(row: &CardRow, terms: BTreeMap<String, Vec<TermView>>) -> EntryView {
    let (c, a, image) = row;
    EntryView {
        id: c.id.get(),
        kind: c.kind.clone(),
        title: c.title.clone(),
        slug: c.slug.clone(),
        url: c.path.clone().unwrap_or_default(),
        excerpt: if c.visibility == "public" { c.summary.clone() } else { String::new() },
        reading_time: reading_time(c.word_count),
        published_at: c.published_at.ms(),
        updated_at: c.updated_at.ms(),
        authors: vec![author(a)],
        terms,
        image: image.as_ref().map(cover),
        can_read: c.visibility == "public",
        is_sticky: c.sticky,
        ..Default::default()
    }
}

/// Comments as a tree of at most `depth` levels; deeper answers stand on the last one.
pub(super) fn comment_tree(all: &[Comment], entry_author: i64, depth: u8) -> Vec<CommentView> {
    level(all, 0, entry_author, depth.max(1))
}

fn level(all: &[Comment], parent: i64, entry_author: i64, left: u8) -> Vec<CommentView> {
    let known = |id: i64| all.iter().any(|c| c.id.get() == id);
    let mut out = Vec::new();
    for c in all {
        // An answer to something that is not shown stands on the top.
        let above = if known(c.parent_id.get()) { c.parent_id.get() } else { 0 };
        if above != parent {
            continue;
        }
        let mut replies = if left > 1 { level(all, c.id.get(), entry_author, left - 1) } else { Vec::new() };
        let view = CommentView {
            id: c.id.get(),
            author: c.author_name.clone(),
            url: c.author_url.clone(),
            html: comment_html(&c.body),
            published_at: c.created_at.ms(),
            by_author: c.user_id != 0 && c.user_id == entry_author,
            replies: std::mem::take(&mut replies),
        };
        out.push(view);
        if left == 1 {
            out.extend(level(all, c.id.get(), entry_author, 1));
        }
    }
    out
}

/// A comment is plain text: escaped, with its paragraphs and lines.
fn comment_html(body: &str) -> Html {
    let mut out = String::with_capacity(body.len() + 16);
    for paragraph in body.split("\n\n").filter(|p| !p.trim().is_empty()) {
        out.push_str("<p>");
        for (i, line) in paragraph.trim().lines().enumerate() {
            if i > 0 {
                out.push_str("<br>");
            }
            freehold_base::text::escape_html(line, &mut out);
        }
        out.push_str("</p>");
    }
    Html(out)
}

impl Making<'_, '_> {
    /// A page with everything that all pages have.
    pub(super) fn page(&self, kind: &str, title: &str) -> Page {
        let (ask, s) = (self.ask, &self.site.settings);
        let url = format!("{}{}", ask.origin, ask.path);
        Page {
            site: Site {
                title: s.general.title.clone(),
                tagline: s.general.tagline.clone(),
                url: ask.origin.to_owned(),
                locale: s.general.locale.clone(),
                rtl: super::is_rtl(&s.general.locale),
                timezone: s.general.timezone.clone(),
                feed_url: "/feed/".into(),
                is_public: s.reading.indexed,
                ..Default::default()
            },
            request: Request {
                path: ask.path.to_owned(),
                url: url.clone(),
                query: ask.search.unwrap_or_default().to_owned(),
                is_preview: false,
                reply: ask.reply.unwrap_or(0),
                said: ask.said.filter(|s| matches!(*s, "live" | "waiting" | "wrong")).unwrap_or_default().to_owned(),
            },
            page: PageView {
                kind: kind.to_owned(),
                title: title.to_owned(),
                canonical: url,
                status: 200,
                noindex: !s.reading.indexed,
                ..Default::default()
            },
            menus: self.site.menus.iter().map(|(place, items)| (place.clone(), mark(items, ask.path))).collect(),
            settings: s.theme.settings.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
            typed: ask.typed.cloned().unwrap_or_default(),
            now: self.tx.now().ms(),
            ..Default::default()
        }
    }
}

fn mark(items: &[MenuItem], path: &str) -> Vec<MenuItem> {
    items
        .iter()
        .map(|item| MenuItem { is_current: item.url == path, children: mark(&item.children, path), ..item.clone() })
        .collect()
}
