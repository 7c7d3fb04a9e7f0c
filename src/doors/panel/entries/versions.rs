//! The versions of an entry: who changed what, and back again (row CM11).

use std::collections::HashMap;

use actix_web::web::Path;
use chrono::TimeZone as _;
use freehold_base::{EntryId, Error, Result, RevisionId, SiteId, Timestamp};
use freehold_platform::sites::settings;
use freehold_publishing::content::versions::{self, Changed, OneBlock, Snapshot};
use freehold_publishing::content::{self, Body, Changes, Entry, prepare};
use freehold_publishing::document::Document;
use freehold_publishing::document::diff::{
    Change, Comparison, Op, Run, compare as compare_documents, compare_text, count_words,
};
use freehold_store::revisions::RevisionLine;
use freehold_store::{SiteScope, Tx};
use serde::Serialize;

use super::compare::{self, RowView, RunView};
use super::{PAGES, POSTS, shown_title, status_word, unsaved};
use crate::panel::build_frame::{crumb, hue, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::frame::TimeView;
use crate::panel::thumbs::thumb;

/// Versions of one page of the list.
const LISTED: i64 = 20;

#[derive(Serialize)]
struct Page {
    title: String,
    noun: &'static str,
    list_href: String,
    list_label: &'static str,
    edit_href: String,
    views: Vec<Tab>,
    view: &'static str,
    badges: Vec<Badge>,
    position: String,
    older_href: String,
    newer_href: String,
    left: Head,
    right: Head,
    against: Vec<Tab>,
    title_old: Vec<RunView>,
    title_new: Vec<RunView>,
    title_both: Vec<RunView>,
    excerpt_old: Vec<RunView>,
    excerpt_new: Vec<RunView>,
    excerpt_both: Vec<RunView>,
    rows: Vec<RowView>,
    /// Where all of a long text is shown; empty where it is.
    all_href: String,
    cut: bool,
    same: bool,
    fields: Vec<FieldView>,
    fields_changed: usize,
    lines: Vec<Line>,
    more_href: String,
    first_href: String,
    /// Where the chosen version is brought back; empty where it cannot be.
    restore_action: String,
    block_action: String,
    /// The version of the entry that is compared, for what is brought back.
    seen: i64,
    live: bool,
    back: Option<Back>,
}

#[derive(Serialize)]
struct Tab {
    label: &'static str,
    href: String,
    current: bool,
}

#[derive(Serialize)]
struct Badge {
    label: String,
    tone: &'static str,
}

/// What stands over one side.
#[derive(Serialize)]
struct Head {
    name: String,
    by: String,
}

/// One thing beside the words.
#[derive(Serialize)]
struct FieldView {
    label: &'static str,
    old: String,
    new: String,
    changed: bool,
}

#[derive(Serialize)]
struct Line {
    href: String,
    who: String,
    initials: String,
    hue: u16,
    at: TimeView,
    name: String,
    figures: String,
    current: bool,
}

/// A version was brought back just now.
#[derive(Serialize)]
struct Back {
    text: &'static str,
    undo_action: String,
}

/// The newest change.
pub async fn newest(ctx: Ctx, path: Path<(i64, EntryId)>) -> Reply {
    page(&ctx, path.1, Chosen::Newest).await
}

/// One version, or with `unsaved` what the person typed and did not save.
pub async fn show(ctx: Ctx, path: Path<(i64, EntryId, String)>) -> Reply {
    let chosen = match path.2.as_str() {
        "unsaved" => Chosen::Unsaved,
        id => Chosen::One(id.parse().map_err(|_| Error::not_found("version"))?),
    };
    page(&ctx, path.1, chosen).await
}

/// Brings a version back.
pub async fn restore(ctx: Ctx, path: Path<(i64, EntryId, RevisionId)>, form: Form) -> Reply {
    let (site, id, revision) = (ctx.site, path.1, path.2);
    let seen = form.has("seen").then(|| form.number("seen"));
    let before = ctx
        .write(move |tx| {
            let before = last(tx, site, id)?;
            versions::restore(tx, site, id, revision, seen)?;
            Ok(before)
        })
        .await?;
    let done = if form.has("undo") { "undone" } else { "back" };
    Ok(ctx.go(&format!("{}/entries/{id}/versions?done={done}&undo={before}", ctx.base())))
}

/// Brings one block of a version back.
pub async fn restore_block(ctx: Ctx, path: Path<(i64, EntryId, RevisionId)>, form: Form) -> Reply {
    let (site, id, revision) = (ctx.site, path.1, path.2);
    let number = |name: &str| form.get(name).parse::<usize>().ok();
    let block = OneBlock { old: number("old"), new: number("new"), at: number("at").unwrap_or(0) };
    let seen = form.number("seen");
    let before = ctx
        .write(move |tx| {
            let before = last(tx, site, id)?;
            versions::restore_block(tx, site, id, revision, seen, block)?;
            Ok(before)
        })
        .await?;
    let view = if form.get("view") == "text" { "&view=text" } else { "" };
    Ok(ctx.go(&format!("{}/entries/{id}/versions/{revision}?done=block&undo={before}{view}", ctx.base())))
}

/// The newest version before a change: what undo brings back.
fn last(tx: &mut Tx<'_>, site: SiteId, id: EntryId) -> Result<i64> {
    Ok(versions::list(tx, site, id, 0, 1)?.first().map_or(0, |l| l.id))
}

#[derive(Clone, Copy, PartialEq)]
enum Chosen {
    Newest,
    One(RevisionId),
    Unsaved,
}

/// What the address asks for.
#[derive(Clone)]
struct Asked {
    base: String,
    own: String,
    chosen: Chosen,
    view: &'static str,
    /// Against the version before it, not against what is now.
    before: bool,
    all: bool,
    list_from: i64,
    done: String,
    undo: i64,
    typed: Option<Form>,
}

impl Asked {
    fn of(ctx: &Ctx, id: EntryId, chosen: Chosen, typed: Option<Form>) -> Self {
        let number = |name: &str| ctx.param(name).and_then(|n| n.parse().ok()).unwrap_or(0);
        Self {
            base: ctx.base(),
            own: format!("{}/entries/{id}/versions", ctx.base()),
            chosen,
            view: match ctx.param("view").as_deref() {
                Some("text") => "text",
                Some("settings") => "settings",
                _ => "side",
            },
            before: ctx.param("with").is_some_and(|w| w == "before"),
            all: ctx.param("all").is_some(),
            list_from: number("from"),
            done: ctx.param("done").unwrap_or_default(),
            undo: number("undo"),
            typed,
        }
    }
    /// The address of a version with the same view.
    fn href(&self, version: &str, view: &str, before: bool, list_from: i64, all: bool) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if view != "side" {
            query.append_pair("view", view);
        }
        if before {
            query.append_pair("with", "before");
        }
        if list_from > 0 {
            query.append_pair("from", &list_from.to_string());
        }
        if all {
            query.append_pair("all", "1");
        }
        let query = query.finish();
        let question = if query.is_empty() { "" } else { "?" };
        let slash = if version.is_empty() { "" } else { "/" };
        format!("{}{slash}{version}{question}{query}", self.own)
    }
    fn name(&self) -> String {
        match self.chosen {
            Chosen::Newest => String::new(),
            Chosen::One(id) => id.to_string(),
            Chosen::Unsaved => "unsaved".into(),
        }
    }
}

async fn page(ctx: &Ctx, id: EntryId, chosen: Chosen) -> Reply {
    let typed = match chosen {
        Chosen::Unsaved => Some(unsaved::find(ctx, id).await?.ok_or_else(|| Error::not_found("version"))?.form),
        _ => None,
    };
    let (asked, site) = (Asked::of(ctx, id, chosen, typed), ctx.site);
    let view = ctx.read(move |tx| read(tx, site, id, &asked)).await?;
    let mut frame = ctx.frame(&format!("Versions of {}", view.title), vec![crumb("Versions", None)]).await?;
    frame.flash.clear(); // the page says it in place, beside what it is about
    Ok(ctx.page(200, "entries/versions.html", &frame, &view)?)
}

/// One side of a comparison.
struct Side {
    head: Head,
    state: Snapshot,
}

fn read(tx: &mut Tx<'_>, site: SiteId, id: EntryId, asked: &Asked) -> Result<Page> {
    let (entry, terms) = content::lists::find(tx, site, id)?;
    let scope = tx.authorize(site, freehold_base::Capability::EntriesWriteOwn)?;
    let listed = versions::list(tx, site, id, asked.list_from, LISTED + 1)?;
    let newest = versions::list(tx, site, id, 0, 2)?;
    let zone = settings::read(tx, scope)?.general.timezone.parse().unwrap_or(chrono_tz::UTC);
    let around = Around { me: tx.actor().user().map_or(0, i64::from), now: tx.now(), zone };
    let now = Side {
        head: Head {
            name: "Now".into(),
            by: newest.first().map(|l| around.by(l, Some(entry.updated_at))).unwrap_or_default(),
        },
        state: Snapshot::now(&entry, &terms)?,
    };
    let chosen = match (asked.chosen, newest.as_slice()) {
        (Chosen::One(id), _) => Some(id),
        (_, [_, second, ..]) => Some(RevisionId(second.id)),
        (_, [only]) => Some(RevisionId(only.id)),
        _ => None,
    };
    let place = match chosen {
        Some(revision) => Some(versions::place(tx, site, id, revision)?),
        None => None,
    };
    let (left, right) = sides(tx, site, id, asked, &around, place.as_ref(), now)?;
    let words = Words::of(&left.state, &right.state)?;
    let mut page = blank(asked, &entry, &words, left.head, right.head);
    page.fields = fields(tx, scope, site, zone, &left.state, &right.state)?;
    page.fields_changed = page.fields.iter().filter(|f| f.changed).count();
    show_pictures(tx, scope, &mut page.rows)?;
    list(tx, site, id, asked, &around, listed, chosen.filter(|_| asked.chosen != Chosen::Unsaved), &mut page)?;
    if let (Some(place), true) = (&place, asked.chosen != Chosen::Unsaved) {
        let link = |id: Option<RevisionId>| {
            id.map(|id| asked.href(&id.to_string(), asked.view, asked.before, 0, false)).unwrap_or_default()
        };
        page.position = format!("{} of {}", place.count - place.newer, place.count);
        (page.older_href, page.newer_href) = (link(place.older_id), link(place.newer_id));
        let here = |before| asked.href(&place.line.id.to_string(), asked.view, before, asked.list_from, false);
        if place.newer > 0 && place.older_id.is_some() {
            page.against = vec![
                Tab { label: "Now", href: here(false), current: !asked.before },
                Tab { label: "The version before it", href: here(true), current: asked.before },
            ];
        }
        if place.newer > 0 && entry.status != "trash" {
            page.restore_action = format!("{}/{}/restore", asked.own, place.line.id);
            if !asked.before {
                page.block_action = format!("{}/{}/block", asked.own, place.line.id);
            }
        }
    }
    if ["back", "block", "undone"].contains(&asked.done.as_str()) && asked.undo > 0 {
        page.back = Some(Back {
            text: match asked.done.as_str() {
                "block" => "The block is back. What stood there is kept as a version.",
                "undone" => "Taken back. That was kept as a version too.",
                _ => "The version is back. What stood here before is kept as a version.",
            },
            undo_action: format!("{}/{}/restore", asked.own, asked.undo),
        });
    }
    Ok(page)
}

/// Which two states are compared.
fn sides(
    tx: &mut Tx<'_>,
    site: SiteId,
    id: EntryId,
    asked: &Asked,
    around: &Around,
    place: Option<&versions::Place>,
    now: Side,
) -> Result<(Side, Side)> {
    if let Some(form) = &asked.typed {
        let state = typed(form, &now.state)?;
        return Ok((now, Side { head: Head { name: "Your words, not saved".into(), by: "You".into() }, state }));
    }
    let Some(place) = place else {
        let head = Head { name: "Now".into(), by: now.head.by.clone() };
        return Ok((Side { head, state: now.state.clone() }, now));
    };
    let one = |tx: &mut Tx<'_>, revision: RevisionId, line: &RevisionLine| -> Result<Side> {
        let (_, state) = versions::find(tx, site, id, revision)?;
        let name = if place.newer == 0 && line.id == place.line.id { "Now" } else { "This version" };
        Ok(Side { head: Head { name: name.into(), by: around.by(line, None) }, state })
    };
    let chosen = one(tx, RevisionId(place.line.id), &place.line)?;
    match place.older_id.filter(|_| asked.before || place.newer == 0) {
        Some(older) => {
            let line = versions::place(tx, site, id, older)?.line;
            let mut left = one(tx, older, &line)?;
            left.head.name = "The version before it".into();
            Ok((left, if place.newer == 0 { now } else { chosen }))
        }
        None => Ok((chosen, now)),
    }
}

/// Unsaved words over the entry as it is.
fn typed(form: &Form, now: &Snapshot) -> Result<Snapshot> {
    let mut state = now.clone();
    let body = match (form.get("source"), form.get("document")) {
        ("markdown", _) => Some(Body::Markdown(form.get("markdown").to_owned())),
        (_, "") => None,
        (_, json) => Some(Body::Json(json.to_owned())),
    };
    // Cleaned as a save would, so that only what somebody typed differs.
    let clean = prepare(Changes { body, ..Default::default() }, true)?;
    if let Some(text) = clean.text {
        state.document = serde_json::from_str(&text.json).map_err(|e| Error::internal("reading unsaved words", e))?;
    }
    let put = |to: &mut String, name: &str| form.get(name).clone_into(to);
    put(&mut state.title, "title");
    put(&mut state.excerpt, "excerpt");
    put(&mut state.seo_title, "seo_title");
    put(&mut state.seo_description, "seo_description");
    Ok(state)
}

/// The words of two states against each other.
struct Words {
    title: Vec<Run>,
    excerpt: Vec<Run>,
    body: Comparison,
}

impl Words {
    fn of(old: &Snapshot, new: &Snapshot) -> Result<Self> {
        let parse = |s: &Snapshot| Document::parse(&s.document.to_string());
        Ok(Self {
            title: compare_text(&old.title, &new.title),
            excerpt: compare_text(&old.excerpt, &new.excerpt),
            body: compare_documents(&parse(old)?, &parse(new)?),
        })
    }
    fn count(&self, op: Op) -> usize {
        let of_body = if op == Op::New { self.body.added } else { self.body.removed };
        let lines = self.title.iter().chain(&self.excerpt).filter(|r| r.op == op);
        of_body + lines.map(|r| count_words(&r.text)).sum::<usize>()
    }
    fn badges(&self) -> Vec<Badge> {
        let some = |n: usize, sign: &str, one: &str, many: &str, tone: &'static str| {
            let word = if n == 1 { one } else { many };
            (n > 0).then(|| Badge { label: format!("{sign}{n} {word}"), tone })
        };
        let (came, went) = (self.body.pictures_added, self.body.pictures_removed);
        [
            some(self.count(Op::New), "+ ", "word", "words", "good"),
            some(self.count(Op::Gone), "\u{2212} ", "word", "words", "bad"),
            some(came, "", "picture added", "pictures added", "info"),
            some(went, "", "picture gone", "pictures gone", "info"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Who looks, when and where.
struct Around {
    me: i64,
    now: Timestamp,
    zone: chrono_tz::Tz,
}

impl Around {
    fn who(&self, line: &RevisionLine) -> String {
        match &line.author_name {
            _ if line.author_id == self.me => "You".into(),
            Some(name) if !name.is_empty() => name.clone(),
            _ => "The system".into(),
        }
    }
    /// `Ida, 27 Nov 2026 09:12`
    fn by(&self, line: &RevisionLine, at: Option<Timestamp>) -> String {
        let at = at.unwrap_or(Timestamp(line.created_at));
        let local = self.zone.from_utc_datetime(&at.utc().naive_utc());
        format!("{}, {}", self.who(line), local.format("%-d %b %Y %H:%M"))
    }
}

fn blank(asked: &Asked, entry: &Entry, words: &Words, left: Head, right: Head) -> Page {
    let noun = if entry.kind == "page" { PAGES } else { POSTS };
    let name = asked.name();
    let tab = |label, view: &'static str| Tab {
        label,
        href: asked.href(&name, view, asked.before, asked.list_from, false),
        current: asked.view == view,
    };
    let rows = compare::rows(&words.body, asked.all);
    let skips = !asked.all && rows.len() < words.body.rows.len();
    Page {
        title: shown_title(&entry.title),
        noun: noun.kind,
        list_href: format!("{}/{}", asked.base, noun.plural),
        list_label: noun.label,
        edit_href: format!("{}/{}/{}", asked.base, noun.plural, entry.id),
        views: vec![tab("Side by side", "side"), tab("In the text", "text"), tab("Settings", "settings")],
        view: asked.view,
        badges: words.badges(),
        position: String::new(),
        older_href: String::new(),
        newer_href: String::new(),
        left,
        right,
        against: Vec::new(),
        title_old: compare::side_runs(&words.title, Op::New),
        title_new: compare::side_runs(&words.title, Op::Gone),
        title_both: compare::runs(&words.title),
        excerpt_old: compare::side_runs(&words.excerpt, Op::New),
        excerpt_new: compare::side_runs(&words.excerpt, Op::Gone),
        excerpt_both: compare::runs(&words.excerpt),
        same: words.badges().is_empty() && words.body.rows.iter().all(|r| r.change == Change::Same),
        all_href: if skips {
            asked.href(&name, asked.view, asked.before, asked.list_from, true)
        } else {
            String::new()
        },
        cut: words.body.cut,
        rows,
        fields: Vec::new(),
        fields_changed: 0,
        lines: Vec::new(),
        more_href: String::new(),
        first_href: String::new(),
        restore_action: String::new(),
        block_action: String::new(),
        seen: entry.version,
        live: matches!(entry.status.as_str(), "published" | "scheduled"),
        back: None,
    }
}

/// Gives pictures the addresses of their small forms.
fn show_pictures(tx: &mut Tx<'_>, scope: SiteScope, rows: &mut [RowView]) -> Result<()> {
    let mut all: Vec<&mut compare::PictureView> = rows
        .iter_mut()
        .flat_map(|r| [r.old.as_mut(), r.new.as_mut(), r.both.as_mut()])
        .flatten()
        .flat_map(|side| side.pictures.iter_mut())
        .collect();
    let ids: Vec<i64> = all.iter().map(|p| p.media_id).filter(|id| *id > 0).collect();
    let known: HashMap<i64, String> = freehold_store::media::find_many(tx, scope, &ids)?
        .into_iter()
        .map(|m| (m.id.get(), thumb(&m.hash, &m.filename, &m.content_type, 640)))
        .collect();
    for picture in &mut all {
        picture.url = known.get(&picture.media_id).cloned().unwrap_or_default();
    }
    Ok(())
}

/// The list at the side.
#[allow(clippy::too_many_arguments, reason = "one page's parts")]
fn list(
    tx: &mut Tx<'_>,
    site: SiteId,
    id: EntryId,
    asked: &Asked,
    around: &Around,
    mut found: Vec<RevisionLine>,
    chosen: Option<RevisionId>,
    page: &mut Page,
) -> Result<()> {
    let shown = usize::try_from(LISTED).unwrap_or(20);
    let older = found.get(shown).map(|l| RevisionId(l.id));
    found.truncate(shown);
    let changed = versions::changed(tx, site, id, &found, older)?;
    for (at, line) in found.iter().enumerate() {
        let now = asked.list_from == 0 && at == 0;
        let what = changed.get(at);
        page.lines.push(Line {
            href: asked.href(&line.id.to_string(), asked.view, asked.before, asked.list_from, false),
            initials: freehold_base::text::initials(line.author_name.as_deref().unwrap_or("System")),
            hue: hue(line.author_id),
            who: around.who(line),
            at: time_view(Timestamp(line.created_at), around.now),
            name: if now { "Now".into() } else { name_of(line, what) },
            figures: what.map(figures).unwrap_or_default(),
            current: chosen.is_some_and(|c| c.get() == line.id),
        });
    }
    if let (Some(last), Some(_)) = (found.last(), older) {
        page.more_href = asked.href(&asked.name(), asked.view, asked.before, last.id, false);
    }
    if asked.list_from > 0 {
        page.first_href = asked.href(&asked.name(), asked.view, asked.before, 0, false);
    }
    Ok(())
}

/// What a version is called.
fn name_of(line: &RevisionLine, what: Option<&Changed>) -> String {
    if what.is_some_and(|w| w.first) {
        return if line.action == "import" { "Imported" } else { "First version" }.into();
    }
    match (line.action.as_str(), what.map(|w| w.status.as_str())) {
        ("publish", Some(status)) if !status.is_empty() => status_word(status, "").0.into(),
        ("trash", _) => "Moved to the trash".into(),
        ("restore", _) => "Back from the trash".into(),
        ("import", _) => "Imported".into(),
        _ => String::new(),
    }
}

fn figures(what: &Changed) -> String {
    let words = match (what.added, what.removed) {
        (0, 0) => String::new(),
        (1, 0) => "1 word".into(),
        (added, 0) => format!("{added} words"),
        (0, removed) => format!("\u{2212}{removed} words"),
        (added, removed) => format!("+{added} \u{2212}{removed} words"),
    };
    match (words.is_empty(), what.beside) {
        (true, true) => "settings".into(),
        (true, false) => "no words".into(),
        (false, true) => format!("{words}, settings"),
        (false, false) => words,
    }
}

/// What stands beside the words, on both sides.
fn fields(
    tx: &mut Tx<'_>,
    scope: SiteScope,
    site: SiteId,
    zone: chrono_tz::Tz,
    old: &Snapshot,
    new: &Snapshot,
) -> Result<Vec<FieldView>> {
    let mut names = HashMap::new();
    for id in old.terms.iter().chain(&new.terms).take(400) {
        if !names.contains_key(id) {
            let found = freehold_store::terms::find(tx, scope, freehold_base::TermId(*id)).ok();
            names.insert(*id, found.map_or(("gone".into(), "deleted".into()), |t| (t.taxonomy, t.name)));
        }
    }
    let of = |s: &Snapshot, wanted: fn(&str) -> bool| {
        let mut all: Vec<&str> =
            s.terms.iter().filter_map(|id| names.get(id)).filter(|(t, _)| wanted(t)).map(|(_, n)| n.as_str()).collect();
        all.sort_unstable();
        all.join(", ")
    };
    let yes = |on: bool| if on { "Yes" } else { "No" }.to_owned();
    let when = |ms: i64| match ms {
        0 => String::new(),
        ms => zone.from_utc_datetime(&Timestamp(ms).utc().naive_utc()).format("%-d %b %Y %H:%M").to_string(),
    };
    let who = |v: &str| {
        match v {
            "private" => "People of this site",
            "password" => "Those with the password",
            _ => "Everyone",
        }
        .to_owned()
    };
    let covers = freehold_store::media::find_many(tx, scope, &[old.cover, new.cover])?;
    let cover = |id: i64| match covers.iter().find(|m| m.id.get() == id) {
        Some(m) => m.filename.clone(),
        None if id > 0 => "A file that was deleted".into(),
        None => String::new(),
    };
    let mut page_above = |id: i64| -> String {
        if id == 0 {
            return String::new();
        }
        content::lists::find(tx, site, EntryId(id))
            .map_or_else(|_| "A page that is gone".into(), |(e, _)| shown_title(&e.title))
    };
    let parents = (page_above(old.parent), page_above(new.parent));
    let field = |label, old: String, new: String| FieldView { label, changed: old != new, old, new };
    let mut all = vec![
        field("Status", status_word(&old.status, "").0.into(), status_word(&new.status, "").0.into()),
        field("Address", old.slug.clone(), new.slug.clone()),
        field("Visible to", who(&old.visibility), who(&new.visibility)),
        field("Date", when(old.published_at), when(new.published_at)),
        field("Categories", of(old, |t| t == "category"), of(new, |t| t == "category")),
        field("Tags", of(old, |t| t == "tag"), of(new, |t| t == "tag")),
        field(
            "Other terms",
            of(old, |t| !matches!(t, "category" | "tag")),
            of(new, |t| !matches!(t, "category" | "tag")),
        ),
        field("Cover", cover(old.cover), cover(new.cover)),
        field("Excerpt", old.excerpt.clone(), new.excerpt.clone()),
        field("Page above", parents.0, parents.1),
        field("Template", old.template.clone(), new.template.clone()),
        field("On top of the front page", yes(old.sticky), yes(new.sticky)),
        field("Readers may comment", yes(old.comments_open), yes(new.comments_open)),
        field("Title for search engines", old.seo_title.clone(), new.seo_title.clone()),
        field("Description for search engines", old.seo_description.clone(), new.seo_description.clone()),
    ];
    if old.fields != new.fields {
        all.push(field("Further fields", old.fields.to_string(), new.fields.to_string()));
    }
    all.retain(|f| f.changed || !f.old.is_empty());
    all.sort_by_key(|f| !f.changed);
    Ok(all)
}
