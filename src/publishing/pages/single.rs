//! One entry.

use freehold_base::{EntryId, Error, Result};
use freehold_store::entries::{Author, Cover, Entry};
use freehold_store::{comments, entries as rows, media};

use super::{Answer, Draft, Making, Part, views};
use crate::comments::is_open;
use crate::document::{Document, KnownMedia, RenderOptions};
use crate::themes::Question;
use crate::themes::context::{Comments, EntryView, Html, Link, TocItem};

impl Making<'_, '_> {
    /// A page of one entry. `front`: it stands at the site's root.
    pub(super) fn single(&mut self, found: (Entry, Author, Option<Cover>), front: bool) -> Result<Answer> {
        let (entry, author, cover) = found;
        if !entry.is_live() {
            return Err(Error::not_found("page"));
        }
        self.draw((entry, author, cover), front)
    }

    /// An entry as it would stand on the site, whether or not visitors may see it (row ED07).
    pub(super) fn preview(&mut self, id: EntryId, draft: Option<&Draft>) -> Result<Answer> {
        let found = rows::find_with_author(self.tx, self.scope, id)?;
        let (mut entry, author, mut cover) = found.ok_or_else(|| Error::not_found("page"))?;
        if entry.status == "trash" {
            return Err(Error::not_found("page"));
        }
        if let Some(draft) = draft {
            entry.title.clone_from(&draft.title);
            entry.excerpt.clone_from(&draft.excerpt);
            if let Some(document) = &draft.document {
                entry.document.clone_from(document);
            }
            if entry.cover_id != draft.cover {
                cover = media::find_many(self.tx, self.scope, &[draft.cover.get()])?.first().map(views::as_cover);
            }
        }
        if entry.published_at.ms() == 0 {
            entry.published_at = self.tx.now();
        }
        self.preview = true;
        self.draw((entry, author, cover), false)
    }

    fn draw(&mut self, found: (Entry, Author, Option<Cover>), front: bool) -> Result<Answer> {
        let (entry, author, cover) = found;
        self.parts.push(Part::Entry(entry.id));
        self.parts.push(Part::Person(entry.author_id));
        let view = self.entry(&entry, &author, cover.as_ref())?;
        let mut page = self.page(if front { "front" } else { "entry" }, &entry.title);
        page.page.browser_title.clone_from(&entry.seo_title);
        page.page.described = !entry.seo_description.is_empty();
        let summary = if entry.visibility == "public" { entry.summary.as_str() } else { "" };
        let described = if entry.seo_description.is_empty() { summary } else { &entry.seo_description };
        page.page.description = described.chars().take(300).collect();
        page.page.noindex |= entry.visibility != "public" || self.preview;
        page.request.is_preview = self.preview;
        if self.preview {
            page.page.canonical = String::new();
        }
        page.page.image.clone_from(&view.image);
        page.entry = Some(view);
        let question = if front {
            Question::Front { kind: &entry.kind, slug: &entry.slug }
        } else {
            Question::Entry { kind: &entry.kind, slug: &entry.slug, template: &entry.template }
        };
        self.render(200, question, page)
    }

    fn entry(&mut self, entry: &Entry, author: &Author, cover: Option<&Cover>) -> Result<EntryView> {
        let around = rows::around(self.tx, self.scope, entry)?;
        self.parts.extend(around.terms.iter().map(|t| Part::Term(t.id)));
        self.parts.push(Part::Around(entry.id));
        self.parts.extend([&around.older, &around.newer].into_iter().flatten().map(|n| Part::Entry(n.id)));
        let link = |n: rows::Neighbour| Link { title: n.title, url: n.path };
        let unlocked = entry.visibility == "password" && self.ask.unlocked == Some(entry.id);
        let readable = entry.visibility == "public" || unlocked || self.preview;
        let document = if readable { Document::parse(&entry.document)? } else { Document::default() };
        let shown = media::find_many(self.tx, self.scope, &document.media_ids())?;
        let known: Vec<KnownMedia> = shown.iter().map(views::known).collect();
        let options = RenderOptions {
            image_widths: views::WIDTHS,
            media: &known,
            eager_images: u32::from(cover.is_none()).try_into().unwrap_or(0),
            raw_html: true,
            ..Default::default()
        };
        Ok(EntryView {
            id: entry.id.get(),
            kind: entry.kind.clone(),
            title: entry.title.clone(),
            slug: entry.slug.clone(),
            url: entry.path.clone().unwrap_or_default(),
            // Only what somebody wrote stands above the text; the first words stand in the text itself.
            excerpt: if readable { entry.excerpt.clone() } else { String::new() },
            html: Html(document.to_html(&options)),
            toc: document.toc().into_iter().map(|t| TocItem { level: t.level, title: t.text, id: t.id }).collect(),
            reading_time: views::reading_time(entry.word_count),
            published_at: entry.published_at.ms(),
            updated_at: entry.updated_at.ms(),
            authors: vec![views::author(author)],
            terms: views::by_taxonomy(around.terms.iter()),
            image: cover.map(views::cover),
            fields: Default::default(),
            prev: around.older.map(link),
            next: around.newer.map(link),
            comments: self.comments(entry)?,
            can_read: readable,
            needs_password: entry.visibility == "password" && !readable,
            is_sticky: entry.sticky,
        })
    }

    fn comments(&mut self, entry: &Entry) -> Result<Comments> {
        self.parts.push(Part::Comments(entry.id));
        let discussion = &self.site.settings.discussion;
        let tree = if entry.comment_count > 0 {
            let all = comments::approved(self.tx, self.scope, entry.id)?;
            views::comment_tree(&all, entry.author_id.get(), discussion.depth)
        } else {
            Vec::new()
        };
        Ok(Comments {
            count: u64::try_from(entry.comment_count).unwrap_or(0),
            open: !self.preview && is_open(entry, discussion, self.tx.now()),
            tree,
        })
    }
}
