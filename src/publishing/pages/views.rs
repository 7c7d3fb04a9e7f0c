//! From rows to what templates see.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use freehold_base::{EntryId, TermId, UserId};
use freehold_store::comments::Comment;
use freehold_store::entries::{Author, CardRow, Cover, Shown};
use freehold_store::media::Media;
use freehold_store::terms::Label;

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

pub(super) fn term(t: &Label) -> TermView {
    TermView {
        id: t.id.get(),
        taxonomy: t.taxonomy.clone(),
        name: t.name.clone(),
        slug: t.slug.clone(),
        url: t.path.clone(),
        description: t.description.clone(),
        count: u64::try_from(t.entry_count).unwrap_or(0),
        image: None,
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

/// The same of a file that was read beside its entry.
pub(super) fn shown(m: &Shown) -> KnownMedia {
    KnownMedia {
        id: m.id.get(),
        src: format!("/media/{}/{}", m.hash, m.filename),
        alt: m.alt.clone(),
        width: u32::try_from(m.width).unwrap_or(0),
        height: u32::try_from(m.height).unwrap_or(0),
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

/// The terms of one entry.
pub(super) fn by_taxonomy(terms: impl Iterator<Item = Arc<TermView>>) -> BTreeMap<String, Vec<Arc<TermView>>> {
    let mut map: BTreeMap<String, Vec<Arc<TermView>>> = BTreeMap::new();
    for term in terms {
        map.entry(term.taxonomy.clone()).or_default().push(term);
    }
    map
}

/// The entries of a list with their terms. What several of them have is made once.
pub(super) fn cards(found: &[CardRow], held: &[(EntryId, Label)]) -> Vec<EntryView> {
    let mut people: HashMap<UserId, Arc<AuthorView>> = HashMap::new();
    let mut labels: HashMap<TermId, Arc<TermView>> = HashMap::new();
    let mut terms: HashMap<EntryId, Vec<Arc<TermView>>> = HashMap::new();
    for (entry, label) in held {
        let view = labels.entry(label.id).or_insert_with(|| Arc::new(term(label)));
        terms.entry(*entry).or_default().push(Arc::clone(view));
    }
    let of = |row: &CardRow| {
        let by = people.entry(row.1.id).or_insert_with(|| Arc::new(author(&row.1)));
        card(row, Arc::clone(by), by_taxonomy(terms.remove(&row.0.id).into_iter().flatten()))
    };
    found.iter().map(of).collect()
}

fn card(row: &CardRow, author: Arc<AuthorView>, terms: BTreeMap<String, Vec<Arc<TermView>>>) -> EntryView {
    let (c, _, image) = row;
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
        authors: vec![author],
        terms,
        image: image.as_ref().map(cover),
        can_read: c.visibility == "public",
        is_sticky: c.sticky,
        ..Default::default()
    }
}

/// Comments as a tree of at most `depth` levels; deeper answers stand on the last one.
pub(super) fn comment_tree(all: &[Comment], entry_author: i64, depth: u8) -> Vec<CommentView> {
    let known: HashSet<i64> = all.iter().map(|c| c.id.get()).collect();
    let mut answers = Answers::new();
    for c in all {
        // An answer to something that is not shown stands on the top.
        let above = c.parent_id.get();
        answers.entry(if known.contains(&above) { above } else { 0 }).or_default().push(c);
    }
    level(&mut answers, 0, entry_author, depth.max(1))
}

type Answers<'a> = HashMap<i64, Vec<&'a Comment>>;

/// Takes the answers to `parent`, with theirs. What was taken stands nowhere else, so that a circle ends.
fn level(answers: &mut Answers<'_>, parent: i64, entry_author: i64, left: u8) -> Vec<CommentView> {
    if left == 1 {
        return flat(answers, parent, entry_author);
    }
    let mut out = Vec::new();
    for c in answers.remove(&parent).unwrap_or_default() {
        let replies = level(answers, c.id.get(), entry_author, left - 1);
        out.push(comment(c, entry_author, replies));
    }
    out
}

/// The last level: everything below stands one after the other, however long the conversation is.
fn flat(answers: &mut Answers<'_>, parent: i64, entry_author: i64) -> Vec<CommentView> {
    let mut next = |id: i64| answers.remove(&id).unwrap_or_default().into_iter().rev();
    let mut waiting: Vec<&Comment> = next(parent).collect();
    let mut out = Vec::new();
    while let Some(c) = waiting.pop() {
        out.push(comment(c, entry_author, Vec::new()));
        waiting.extend(next(c.id.get()));
    }
    out
}

fn comment(c: &Comment, entry_author: i64, replies: Vec<CommentView>) -> CommentView {
    CommentView {
        id: c.id.get(),
        author: c.author_name.clone(),
        url: c.author_url.clone(),
        html: comment_html(&c.body),
        published_at: c.created_at.ms(),
        by_author: c.user_id != 0 && c.user_id == entry_author,
        replies,
    }
}

/// A comment is plain text: escaped, with its paragraphs and lines.
pub(super) fn comment_html(body: &str) -> Html {
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
                logo: self.site.logo.clone(),
                icon: self.site.icon.clone(),
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

#[cfg(test)]
mod tests {
    use freehold_base::{CommentId, EntryId, Timestamp};

    use super::*;

    fn said(id: i64, parent: i64) -> Comment {
        Comment {
            id: CommentId(id),
            entry_id: EntryId(1),
            parent_id: CommentId(parent),
            user_id: 0,
            author_name: String::new(),
            author_email: String::new(),
            author_url: String::new(),
            address: String::new(),
            agent: String::new(),
            body: String::new(),
            status: "approved".into(),
            created_at: Timestamp(id),
        }
    }

    fn drawn(level: &[CommentView]) -> String {
        level
            .iter()
            .map(|c| if c.replies.is_empty() { c.id.to_string() } else { format!("{}({})", c.id, drawn(&c.replies)) })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn answers_stand_below_what_they_answer_and_the_deepest_one_after_the_other() {
        let all = [said(1, 0), said(2, 1), said(3, 2), said(4, 3), said(5, 2), said(6, 99), said(7, 8), said(8, 7)];
        assert_eq!(
            drawn(&comment_tree(&all, 0, 3)),
            "1(2(3 4 5)) 6",
            "an answer to nothing stands on the top, a circle nowhere"
        );
        assert_eq!(drawn(&comment_tree(&all, 0, 1)), "1 2 3 4 5 6");
    }

    #[test]
    fn a_conversation_of_a_hundred_thousand_answers_is_drawn() {
        let all: Vec<Comment> = (1..=100_000).map(|n| said(n, n - 1)).collect();
        assert_eq!(comment_tree(&all, 0, 5).len(), 1);
        assert_eq!(comment_tree(&all, 0, 1).len(), all.len());
    }
}
