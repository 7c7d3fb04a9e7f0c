//! The writing page.

use chrono::TimeZone as _;
use freehold_base::{Capability, Code, EntryId, Error, Page, PageSize, Result, SiteId, Timestamp};
use freehold_platform::sites::settings;
use freehold_publishing::content::{self, Entry, Filter, Sort, Term};
use freehold_publishing::document::Document;
use freehold_publishing::themes::manifest::Manifest;
use freehold_store::Tx;
use serde::Serialize;

use super::list::OptionView;
use super::{Noun, status_word, unsaved};
use crate::panel::auth::{FieldText, error_at, field_texts};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::thumbs::thumb;

#[derive(Serialize)]
struct StatusView {
    value: String,
    label: &'static str,
    tone: &'static str,
}

#[derive(Serialize, Default)]
struct FieldErrors {
    slug: String,
    publish_at: String,
    password: String,
}

#[derive(Serialize)]
struct CategoryView {
    id: i64,
    name: String,
    depth: usize,
    checked: bool,
}

#[derive(Serialize)]
struct CheckView {
    ok: bool,
    text: String,
    href: String,
}

#[derive(Serialize)]
struct Notice {
    text: String,
    href: String,
    label: &'static str,
    /// The address to copy; empty where there is none.
    copy: String,
}

/// Somebody saved while these words were typed.
#[derive(Serialize)]
struct ConflictView {
    /// Who, as a sentence begins: `Ida saved at 09:12`.
    text: String,
    both_href: String,
    theirs_href: String,
    /// Where "save mine over it" posts, naming the version it was shown.
    over_action: String,
    /// The button that was pressed.
    act: String,
}

#[derive(Serialize)]
struct CoverView {
    id: i64,
    url: String,
    alt: String,
}

#[derive(Serialize)]
struct PersonView {
    initials: String,
    hue: u16,
    name: String,
}

#[derive(Serialize)]
pub(super) struct EditView {
    id: i64,
    noun: &'static str,
    new: bool,
    action: String,
    list_href: String,
    list_label: &'static str,
    title: String,
    version: i64,
    document: String,
    markdown: String,
    status: StatusView,
    can_publish: bool,
    published: bool,
    /// Visitors reach it at `public_url` now.
    live: bool,
    public_url: String,
    preview_href: String,
    share_href: String,
    versions_href: String,
    trash_action: String,
    autosave_url: String,
    lock_url: String,
    upload_url: String,
    media_url: String,
    saved_text: String,
    locked_by: String,
    take_over_action: String,
    /// `trash` or `locked` where nothing can be typed, else empty.
    readonly: &'static str,
    restore_action: String,
    conflict: Option<ConflictView>,
    /// Typed words that the answer did not store: script keeps them at once.
    refused: bool,
    new_category: String,
    lang: String,
    dir: &'static str,
    errors: Vec<FieldText>,
    field_errors: FieldErrors,
    notice: Option<Notice>,
    unsaved: Option<unsaved::UnsavedView>,
    slug: String,
    slug_prefix: String,
    publish_at: String,
    time_zone: String,
    visibility: String,
    password: String,
    cover: Option<CoverView>,
    excerpt: String,
    categories: Vec<CategoryView>,
    can_add_category: bool,
    tags: Vec<String>,
    tag_suggestions: Vec<String>,
    templates: Vec<OptionView>,
    template: String,
    parents: Vec<OptionView>,
    parent: String,
    menu_order: i64,
    sticky: bool,
    comments_open: bool,
    seo_title: String,
    seo_description: String,
    site_host: String,
    site_title: String,
    checks: Vec<CheckView>,
    people: Vec<PersonView>,
    language: String,
}

const EMPTY: &str = r#"{"type":"doc","attrs":{"version":1},"content":[]}"#;

/// A page for something new. Nothing is stored before the first save.
pub async fn new(ctx: Ctx) -> Reply {
    let view = read(&ctx, None).await?;
    show(&ctx, 200, &view)
}

/// The page of an entry.
pub async fn edit(ctx: Ctx) -> Reply {
    let id = ctx.entry_id()?;
    let mut view = read(&ctx, Some(id)).await?;
    if let Some(done) = ctx.param("done") {
        view.notice = notice(&done, view.live, &view.public_url);
    }
    if view.readonly.is_empty()
        && let Some(unsaved) = unsaved::find(&ctx, id).await?
    {
        let asked = ctx.param("unsaved").is_some();
        if asked || unsaved.base == view.version {
            view.take(&ctx, &unsaved.form).await?;
            view.saved_text = "Kept for you, not saved yet".into();
        }
        view.unsaved = Some(unsaved.view(&ctx.base(), id, view.version, asked));
    }
    show(&ctx, 200, &view)
}

fn notice(done: &str, live: bool, public_url: &str) -> Option<Notice> {
    let text = match done {
        "published" if live => "It is live.",
        "published" => "It is published; only those it is for see it.",
        "scheduled" => "It goes live at the time you set.",
        "review" => "Sent to somebody who may publish it.",
        "draft" => "It is a draft again; visitors do not see it.",
        _ => return None,
    };
    let address = if done == "published" && live { public_url } else { "" };
    let label = if address.is_empty() { "" } else { "Open it" };
    Some(Notice { text: text.into(), href: address.into(), label, copy: address.into() })
}

/// The page with what was typed and why it was refused.
pub(super) async fn refused(ctx: &Ctx, id: Option<EntryId>, form: &Form, e: &Error) -> Reply {
    let mut view = read(ctx, id).await?;
    // What was typed shows even where somebody else writes now; only the form's own version can be saved.
    view.readonly = "";
    view.take(ctx, form).await?;
    view.refused = true;
    view.saved_text = "Not saved".into();
    view.errors = field_texts(e);
    match (e.as_code(), id) {
        (Code::VersionConflict, Some(id)) => view.conflict = Some(conflict(ctx, id, form, &view).await?),
        (Code::EntryLocked, _) => {}
        _ if view.errors.is_empty() => {
            view.errors.push(FieldText { field: "title".into(), text: e.sentence() });
        }
        _ => {}
    }
    view.field_errors = FieldErrors {
        slug: error_at(Some(e), "slug"),
        publish_at: error_at(Some(e), "publish_at"),
        password: error_at(Some(e), "password"),
    };
    show(ctx, e.status(), &view)
}

/// What somebody else saved, and the three ways on. The form keeps the version that it was typed on: pressing the same
/// button again changes nothing.
async fn conflict(ctx: &Ctx, id: EntryId, form: &Form, view: &EditView) -> Result<ConflictView> {
    let site = ctx.site;
    let (by, at, version) = ctx.read(move |tx| unsaved::last_save(tx, site, id)).await?;
    let who = match &ctx.person {
        Some(me) if me.name == by => "You saved elsewhere".to_owned(),
        _ if by.is_empty() => "Somebody saved".to_owned(),
        _ => format!("{by} saved"),
    };
    let act = if form.get("do").is_empty() { "save" } else { form.get("do") };
    Ok(ConflictView {
        text: format!("{who} at {at}, while you wrote."),
        both_href: format!("{}/unsaved", view.versions_href),
        theirs_href: view.action.clone(),
        over_action: format!("{}?over={version}", view.action),
        act: act.to_owned(),
    })
}

impl EditView {
    /// Shows what was typed in the place of what is stored.
    async fn take(&mut self, ctx: &Ctx, form: &Form) -> Result<()> {
        let wanted = form.number("cover_id");
        if form.has("cover_id") && self.cover.as_ref().map_or(0, |c| c.id) != wanted {
            let site = ctx.site;
            self.cover = ctx
                .read(move |tx| {
                    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
                    cover(tx, scope, wanted)
                })
                .await?;
        }
        self.fill(form);
        Ok(())
    }

    fn fill(&mut self, form: &Form) {
        if form.has("version") {
            self.version = form.number("version");
        }
        let put = |to: &mut String, name: &str| form.get(name).clone_into(to);
        put(&mut self.title, "title");
        put(&mut self.slug, "slug");
        put(&mut self.excerpt, "excerpt");
        put(&mut self.publish_at, "publish_at");
        put(&mut self.seo_title, "seo_title");
        put(&mut self.seo_description, "seo_description");
        put(&mut self.visibility, "visibility");
        put(&mut self.password, "password");
        put(&mut self.template, "template");
        put(&mut self.parent, "parent");
        put(&mut self.new_category, "new_category");
        self.menu_order = form.number("menu_order");
        self.sticky = form.has("sticky");
        self.comments_open = form.has("comments_open");
        let chosen = form.all("categories");
        for category in &mut self.categories {
            category.checked = chosen.contains(&category.id.to_string().as_str());
        }
        if form.get("source") == "markdown" {
            put(&mut self.markdown, "markdown");
            self.document = Document::from_markdown(&self.markdown).to_json();
        } else if !form.get("document").is_empty() {
            put(&mut self.document, "document");
            if let Ok(document) = Document::parse(&self.document) {
                self.markdown = document.to_markdown();
            }
        }
        self.tags = super::save::tags_of(form);
    }
}

fn show(ctx: &Ctx, status: u16, view: &EditView) -> Reply {
    let mut frame = super::super::frame::Frame::plain(if view.title.is_empty() { "Untitled" } else { &view.title });
    // The palette searches this site; there is no side menu that needs more.
    frame.site = Some(super::super::frame::SiteView {
        id: ctx.site.get(),
        title: view.site_title.clone(),
        host: view.site_host.clone(),
        url: String::new(),
        href: ctx.base(),
        initials: String::new(),
        hue: 0,
    });
    if let Some(person) = &ctx.person {
        use super::super::frame::Theme;
        frame.theme = match freehold_platform::accounts::Appearance::parse(&person.appearance).theme.as_str() {
            "light" => Theme::Light,
            "dark" => Theme::Dark,
            _ => Theme::System,
        };
    }
    Ok(ctx.page(status, "entries/edit.html", &frame, view)?)
}

async fn read(ctx: &Ctx, id: Option<EntryId>) -> Result<EditView> {
    let (app, site, base, noun) = (ctx.app.clone(), ctx.site, ctx.base(), ctx.noun());
    ctx.read(move |tx| {
        let origin = app.origin_of(tx, site)?;
        let mut view = build(tx, site, id, noun, &base, &origin)?;
        view.password = content::password::open(&app.keys, site, &view.password);
        let scope = tx.visit(site)?;
        let theme = app.pages.themes().get(&settings::read(tx, scope)?.theme.name);
        view.templates.extend(templates(theme.manifest(), noun));
        Ok(view)
    })
    .await
}

fn build(tx: &mut Tx<'_>, site: SiteId, id: Option<EntryId>, noun: Noun, base: &str, origin: &str) -> Result<EditView> {
    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
    let settings = settings::read(tx, scope)?;
    let (entry, terms) = match id {
        Some(id) => {
            let (entry, terms) = super::save::of_noun(tx, site, id, noun)?;
            (Some(entry), terms)
        }
        None => (None, Vec::new()),
    };
    let zone: chrono_tz::Tz = settings.general.timezone.parse().unwrap_or(chrono_tz::UTC);
    let locked = match id {
        Some(id) => content::locks::held_by_other(tx, site, id)?,
        None => None,
    };
    let own = |id: i64| format!("{base}/entries/{id}");
    let e = entry.as_ref();
    let text = |f: fn(&Entry) -> &str| e.map(f).unwrap_or_default().to_owned();
    let number = e.map_or(0, |e| e.id.get());
    let document = e.map_or(EMPTY.to_owned(), |e| e.document.clone());
    let parsed = Document::parse(&document)?;
    let status = e.map_or("draft", |e| e.status.as_str());
    let visibility = e.map_or("public", |e| e.visibility.as_str());
    let (label, tone) = status_word(status, visibility);
    let published = matches!(status, "published" | "scheduled");
    let live = status == "published" && visibility != "private";
    let readonly = match status {
        "trash" => "trash",
        _ if locked.is_some() => "locked",
        _ => "",
    };
    let public_url = e.and_then(|e| e.path.as_ref()).map(|p| format!("{origin}{p}")).unwrap_or_default();
    let categories = tree(tx, site, &terms)?;
    Ok(EditView {
        id: number,
        noun: noun.kind,
        new: id.is_none(),
        action: id.map_or_else(|| format!("{base}/{}/new", noun.plural), |id| format!("{base}/{}/{id}", noun.plural)),
        list_href: format!("{base}/{}", noun.plural),
        list_label: noun.label,
        title: text(|e| &e.title),
        version: e.map_or(0, |e| e.version),
        markdown: parsed.to_markdown(),
        document,
        status: StatusView { value: status.into(), label, tone },
        can_publish: scope.has(Capability::EntriesPublishAll)
            || (noun.kind == "post" && scope.has(Capability::EntriesPublishOwn)),
        published,
        live,
        public_url,
        preview_href: if id.is_some() { format!("{}/preview", own(number)) } else { String::new() },
        share_href: if id.is_some() { format!("{}/share", own(number)) } else { String::new() },
        versions_href: if id.is_some() { format!("{}/versions", own(number)) } else { String::new() },
        trash_action: format!("{}/trash", own(number)),
        autosave_url: match id {
            Some(_) => format!("{}/autosave", own(number)),
            None => format!("{base}/{}/new", noun.plural),
        },
        lock_url: if id.is_some() { format!("{}/lock", own(number)) } else { String::new() },
        upload_url: if scope.has(Capability::MediaWrite) { format!("{base}/media") } else { String::new() },
        media_url: format!("{base}/media"),
        saved_text: if id.is_some() { "Saved".into() } else { "Not saved yet".into() },
        locked_by: locked.and_then(|l| l.user_name).unwrap_or_default(),
        take_over_action: format!("{}/take-over", own(number)),
        readonly,
        restore_action: format!("{}/restore", own(number)),
        conflict: None,
        refused: false,
        new_category: String::new(),
        dir: if freehold_publishing::pages::is_rtl(&settings.general.locale) { "rtl" } else { "ltr" },
        lang: settings.general.locale.clone(),
        errors: Vec::new(),
        field_errors: FieldErrors::default(),
        notice: None,
        unsaved: None,
        slug: text(|e| &e.slug),
        slug_prefix: prefix(e, noun, &settings.permalinks.post),
        publish_at: e.filter(|e| e.published_at.ms() > 0).map(|e| local_time(e.published_at, zone)).unwrap_or_default(),
        time_zone: settings.general.timezone.clone(),
        visibility: visibility.into(),
        password: text(|e| &e.password),
        cover: cover(tx, scope, e.map_or(0, |e| e.cover_id.get()))?,
        excerpt: text(|e| &e.excerpt),
        can_add_category: scope.has(Capability::TermsAdd),
        categories,
        tags: terms.iter().filter(|t| t.taxonomy == "tag").map(|t| t.name.clone()).collect(),
        tag_suggestions: suggestions(tx, site)?,
        templates: vec![OptionView { value: String::new(), label: "As the theme has it".into() }],
        template: text(|e| &e.template),
        parents: if noun.kind == "page" { parents(tx, site, e)? } else { Vec::new() },
        parent: e.map(|e| e.parent_id.get()).filter(|p| *p > 0).map(|p| p.to_string()).unwrap_or_default(),
        menu_order: e.map_or(0, |e| e.position),
        sticky: e.is_some_and(|e| e.sticky),
        comments_open: e.map_or(noun.kind == "post" && settings.discussion.open, |e| e.comments_open),
        seo_title: text(|e| &e.seo_title),
        seo_description: text(|e| &e.seo_description),
        site_host: origin.split_once("://").map_or(origin, |(_, h)| h).to_owned(),
        site_title: settings.general.title.clone(),
        checks: checks(e, &parsed),
        people: Vec::new(),
        language: settings.general.locale,
    })
}

/// The templates of the theme that fit (row TH01).
fn templates(manifest: &Manifest, noun: Noun) -> Vec<OptionView> {
    let fits = |types: &[String]| types.is_empty() || types.iter().any(|t| t == noun.kind);
    let all = manifest.templates.iter().filter(|(_, t)| fits(&t.types));
    all.map(|(name, t)| OptionView {
        value: name.strip_prefix("custom/").unwrap_or(name).to_owned(),
        label: t.label.clone(),
    })
    .collect()
}

fn cover(tx: &mut Tx<'_>, scope: freehold_store::SiteScope, id: i64) -> Result<Option<CoverView>> {
    let found = freehold_store::media::find_many(tx, scope, &[id])?.into_iter().next();
    Ok(found.map(|m| CoverView { id, url: thumb(&m.hash, &m.filename, &m.content_type, 640), alt: m.alt }))
}

fn prefix(e: Option<&Entry>, noun: Noun, pattern: &str) -> String {
    if let Some((path, slug)) = e.and_then(|e| Some((e.path.as_ref()?, e.slug.as_str())))
        && let Some(at) = path.rfind(slug)
    {
        return path[..at].to_owned();
    }
    match noun.kind {
        "post" => pattern.split('{').next().unwrap_or("/").to_owned(),
        _ => "/".into(),
    }
}

/// `2026-11-23T08:00` in the site's time zone.
fn local_time(at: Timestamp, zone: chrono_tz::Tz) -> String {
    zone.from_utc_datetime(&at.utc().naive_utc()).format("%Y-%m-%dT%H:%M").to_string()
}

/// The categories as a tree: those that the entry holds are always there, and none is lost with its parent.
fn tree(tx: &mut Tx<'_>, site: SiteId, held: &[Term]) -> Result<Vec<CategoryView>> {
    let mut all = content::terms::list(tx, site, Some("category"), &Page { size: PageSize::new(200), after: None })?;
    let missing = held.iter().filter(|h| h.taxonomy == "category" && !all.iter().any(|t| t.id == h.id));
    all.extend(missing.cloned().collect::<Vec<_>>());
    Ok(as_tree(&all, held))
}

fn as_tree(all: &[Term], held: &[Term]) -> Vec<CategoryView> {
    let mut views = Vec::with_capacity(all.len());
    let is_root = |t: &Term| !all.iter().any(|other| other.id == t.parent_id);
    for root in all.iter().filter(|t| is_root(t)) {
        below(all, root, 0, held, &mut views);
    }
    views
}

fn below(all: &[Term], term: &Term, depth: usize, held: &[Term], views: &mut Vec<CategoryView>) {
    let checked = held.iter().any(|h| h.id == term.id);
    views.push(CategoryView { id: term.id.get(), name: term.name.clone(), depth, checked });
    if depth < 12 {
        all.iter().filter(|t| t.parent_id == term.id).for_each(|t| below(all, t, depth + 1, held, views));
    }
}

fn suggestions(tx: &mut Tx<'_>, site: SiteId) -> Result<Vec<String>> {
    let tags = content::terms::list(tx, site, Some("tag"), &Page { size: PageSize::new(50), after: None })?;
    Ok(tags.into_iter().map(|t| t.name).collect())
}

/// Pages that it may stand below. The one it stands below is always there, wherever it is in the list.
fn parents(tx: &mut Tx<'_>, site: SiteId, e: Option<&Entry>) -> Result<Vec<OptionView>> {
    let filter = Filter { kind: Some("page".into()), ..Default::default() };
    let pages =
        content::lists::list(tx, site, &filter, "", Sort::Title, &Page { size: PageSize::new(200), after: None })?;
    let me = e.map_or(EntryId(0), |e| e.id);
    let mut options = vec![OptionView { value: String::new(), label: "None".into() }];
    for ((card, ..), _) in pages.into_iter().filter(|((card, ..), _)| card.id != me) {
        options.push(OptionView { value: card.id.to_string(), label: super::shown_title(&card.title) });
    }
    let above = e.map_or(EntryId(0), |e| e.parent_id);
    if above != EntryId(0) && !options.iter().any(|o| o.value == above.to_string()) {
        let found = content::lists::find(tx, site, above);
        let label = found.map_or_else(|_| "A page that is gone".into(), |(page, _)| super::shown_title(&page.title));
        options.push(OptionView { value: above.to_string(), label });
    }
    Ok(options)
}

/// What to look at before publishing: a list, not a score.
fn checks(e: Option<&Entry>, document: &Document) -> Vec<CheckView> {
    let check =
        |ok: bool, good: String, bad: String| CheckView { ok, text: if ok { good } else { bad }, href: String::new() };
    let title = e.map_or(0, |e| e.title.chars().count());
    let words = document.word_count();
    vec![
        check(
            (1..=70).contains(&title),
            format!("Title of {title} characters"),
            "A title of 1 to 70 characters shows whole in search results".into(),
        ),
        check(words > 0, format!("{words} words"), "There is no text yet".into()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_shows_even_where_its_parent_is_not_in_the_list() {
        let term = |id: i64, parent: i64| Term {
            id: id.into(),
            parent_id: parent.into(),
            name: id.to_string(),
            taxonomy: "category".into(),
            ..Term::default()
        };
        let all = [term(1, 0), term(2, 1), term(3, 99), term(4, 3)];
        let shown: Vec<_> = as_tree(&all, &[term(4, 3)]).into_iter().map(|c| (c.id, c.depth, c.checked)).collect();
        assert_eq!(shown, [(1, 0, false), (2, 1, false), (3, 0, false), (4, 1, true)]);
    }
}
