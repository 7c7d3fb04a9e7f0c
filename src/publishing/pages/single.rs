//! One entry.

use std::sync::Arc;

use freehold_base::secret::random_token;
use freehold_base::{EntryId, Error, Result};
use freehold_store::entries::{Author, Cover, Entry};
use freehold_store::{comments, entries as rows, media};
use serde_json::json;

use super::{Answer, Draft, Making, Part, views};
use crate::comments::{is_open, page_size};
use crate::document::{Document, KnownMedia, RenderOptions, together};
use crate::plugins::Hook;
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
        let (view, trail) = self.entry(&entry, &author, cover.as_ref())?;
        let mut page = self.page(if front { "front" } else { "entry" }, &entry.title);
        page.page.browser_title.clone_from(&entry.seo_title);
        page.page.described = !entry.seo_description.is_empty();
        let summary = if entry.visibility == "public" { entry.summary.as_str() } else { "" };
        let described = if entry.seo_description.is_empty() { summary } else { &entry.seo_description };
        page.page.description = described.chars().take(300).collect();
        page.page.noindex |= entry.visibility != "public" || self.preview;
        page.request.is_preview = self.preview;
        if self.preview
            && let Some(problem) = self.themes.problem(&self.site.settings.theme.name)
        {
            page.page.notice = problem.to_string();
        }
        if self.preview {
            page.page.canonical = String::new();
        }
        page.page.image.clone_from(&view.image);
        page.page.breadcrumbs.clone_from(&trail);
        if view.comments.open || view.comments.count > 0 {
            page.page.feed = format!("{}feed/", view.url);
        }
        page.entry = Some(view);
        let question = if front {
            Question::Front { kind: &entry.kind, slug: &entry.slug }
        } else {
            Question::Entry { kind: &entry.kind, slug: &entry.slug, template: &entry.template }
        };
        self.render(200, question, page)
    }

    fn entry(&mut self, entry: &Entry, author: &Author, cover: Option<&Cover>) -> Result<(EntryView, Vec<Link>)> {
        let around = rows::around(self.tx, self.scope, entry)?;
        self.parts.extend(around.terms.iter().map(|t| Part::Term(t.id)));
        self.parts.push(Part::Around(entry.id));
        self.parts.extend([&around.older, &around.newer].into_iter().flatten().map(|n| Part::Entry(n.id)));
        let link = |n: rows::Neighbour| Link { title: n.title, url: n.path };
        let unlocked = entry.visibility == "password" && self.ask.unlocked == Some(entry.id);
        let readable = entry.visibility == "public" || unlocked || self.preview;
        let document = if readable { Document::parse(&entry.document)? } else { Document::default() };
        let known = self.pictures(&document, &around.shown)?;
        let options = RenderOptions {
            image_widths: views::WIDTHS,
            media: &known,
            eager_images: u32::from(cover.is_none()).try_into().unwrap_or(0),
            raw_html: true,
            ..Default::default()
        };
        let trail = trail(&around);
        let view = EntryView {
            id: entry.id.get(),
            kind: entry.kind.clone(),
            title: entry.title.clone(),
            slug: entry.slug.clone(),
            url: entry.path.clone().unwrap_or_default(),
            // Only what somebody wrote stands above the text; the first words stand in the text itself.
            excerpt: if readable { entry.excerpt.clone() } else { String::new() },
            html: if readable { Html(self.html(entry, &document, &options)?) } else { Html::default() },
            toc: document.toc().into_iter().map(|t| TocItem { level: t.level, title: t.text, id: t.id }).collect(),
            reading_time: views::reading_time(entry.word_count),
            published_at: entry.published_at.ms(),
            updated_at: entry.updated_at.ms(),
            authors: vec![Arc::new(views::author(author))],
            terms: views::by_taxonomy(around.terms.iter().map(|t| Arc::new(views::term(t)))),
            image: cover.map(views::cover),
            fields: fields(&entry.fields),
            prev: around.older.map(link),
            next: around.newer.map(link),
            comments: self.comments(entry)?,
            can_read: readable,
            needs_password: entry.visibility == "password" && !readable,
            is_sticky: entry.sticky,
            found: None,
        };
        Ok((view, trail))
    }

    /// The text of an entry as HTML, with what the site's plugins make of it. Blocks that were saved as raw pass them by:
    /// what plugins answer is cleaned, and those may hold what no plugin may write.
    fn html(&mut self, entry: &Entry, document: &Document, options: &RenderOptions<'_>) -> Result<String> {
        let line_up = self.plugins.map(|plugins| plugins.line_up(self.scope.id(), self.scope.account()));
        let Some(line_up) = line_up.filter(|all| all.listens(Hook::EntryRender)) else {
            return Ok(document.to_html(options));
        };
        let mark = format!("raw-{}", random_token()?);
        let (html, blocks) = document.to_html_apart(options, &mark);
        let headings = document.toc().into_iter().map(|t| json!({ "level": t.level, "text": t.text, "id": t.id }));
        let context = json!({
            "id": entry.id,
            "type": entry.kind,
            "title": entry.title,
            "slug": entry.slug,
            "url": entry.path,
            "locale": self.site.settings.general.locale,
            "words": entry.word_count,
            "headings": headings.collect::<Vec<_>>(),
            "preview": self.preview,
        });
        Ok(together(&line_up.render(html, &context.to_string()), &mark, &blocks))
    }

    /// What is known of the files a document shows. They came beside the entry; a draft may show more.
    fn pictures(&mut self, document: &Document, beside: &[rows::Shown]) -> Result<Vec<KnownMedia>> {
        let mut missing = document.media_ids();
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        missing.retain(|id| !beside.iter().any(|m| m.id.get() == *id));
        let mut known: Vec<KnownMedia> = beside.iter().map(views::shown).collect();
        if self.preview {
            known.extend(media::find_many(self.tx, self.scope, &missing)?.iter().map(views::known));
        }
        Ok(known)
    }

    fn comments(&mut self, entry: &Entry) -> Result<Comments> {
        self.parts.push(Part::Comments(entry.id));
        let discussion = &self.site.settings.discussion;
        let (depth, newest_first) = (discussion.depth, discussion.newest_first);
        let size = page_size(discussion);
        let mut view = Comments {
            count: u64::try_from(entry.comment_count).unwrap_or(0),
            open: !self.preview && is_open(entry, discussion, self.tx.now()),
            ..Comments::default()
        };
        if entry.comment_count < 1 {
            return Ok(view);
        }
        let all = if entry.comment_count <= size {
            comments::approved(self.tx, self.scope, entry.id, size)?
        } else {
            let usual = if newest_first { 0 } else { 1 };
            let asked = self.ask.comments.map_or(usual, i64::from);
            let found = comments::threads(self.tx, self.scope, entry.id, asked, size)?;
            if found.comments.is_empty() && asked > 1 {
                return Err(Error::not_found("page"));
            }
            let pages = (found.total + size - 1) / size;
            let number = if asked > 0 { asked } else { pages };
            let first = if newest_first { pages } else { 1 };
            let path = entry.path.as_deref().unwrap_or_default();
            let address = |n: i64| match n {
                n if n < 1 || n > pages => String::new(),
                n if n == first => format!("{path}#comments"),
                n => format!("{path}?comments={n}#comments"),
            };
            (view.older, view.newer) = (address(number - 1), address(number + 1));
            view.page = u64::try_from(number).unwrap_or(1);
            view.pages = u64::try_from(pages).unwrap_or(1);
            found.comments
        };
        view.tree = views::comment_tree(&all, entry.author_id.get(), depth);
        Ok(view)
    }
}

/// The way from the site's root to an entry, without the entry itself: the pages above it, or its first category.
fn trail(around: &rows::Around) -> Vec<Link> {
    if !around.above.is_empty() {
        return around.above.iter().map(|n| Link { title: n.title.clone(), url: n.path.clone() }).collect();
    }
    let category = around.terms.iter().find(|t| t.taxonomy == "category");
    category.map(|t| Link { title: t.name.clone(), url: t.path.clone() }).into_iter().collect()
}

/// An entry's own fields.
fn fields(json: &str) -> std::collections::BTreeMap<String, serde_json::Value> {
    if json.len() < 3 { Default::default() } else { serde_json::from_str(json).unwrap_or_default() }
}
