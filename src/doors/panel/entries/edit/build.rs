//! Reads an entry for the writing page.

use chrono::TimeZone as _;
use freehold_base::{Capability, EntryId, Result, SiteId, Timestamp};
use freehold_platform::sites::settings;
use freehold_publishing::content::{self, Entry};
use freehold_publishing::document::Document;
use freehold_store::Tx;

use super::choices::{cover, parents, suggestions, templates, tree};
use super::view::{CheckView, EditView, FieldErrors, StatusView};
use crate::panel::ctx::Ctx;
use crate::panel::entries::list_view::OptionView;
use crate::panel::entries::save::of_noun;
use crate::panel::entries::{Noun, status_word};

const EMPTY: &str = r#"{"type":"doc","attrs":{"version":1},"content":[]}"#;

/// The page of an entry, or of something new.
pub(super) async fn read(ctx: &Ctx, id: Option<EntryId>) -> Result<EditView> {
    let (app, site, base, noun) = (ctx.app.clone(), ctx.site, ctx.base(), ctx.noun());
    ctx.read(move |tx| {
        let origin = app.origin_of(tx, site)?;
        let mut view = build(tx, site, id, noun, &base, &origin)?;
        view.password = content::password::open(&app.keys, site, &view.password);
        let scope = tx.visit(site)?;
        let theme = app.pages.themes().get(&settings::read(tx, scope)?.theme.name);
        view.templates.extend(templates(theme.manifest(), noun));
        // What it has may stay, where another theme offered it.
        if !view.template.is_empty() && !view.templates.iter().any(|t| t.value == view.template) {
            let label = format!("{} (not in this theme)", view.template);
            view.templates.push(OptionView { value: view.template.clone(), label });
        }
        Ok(view)
    })
    .await
}

fn build(tx: &mut Tx<'_>, site: SiteId, id: Option<EntryId>, noun: Noun, base: &str, origin: &str) -> Result<EditView> {
    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
    let settings = settings::read(tx, scope)?;
    let (entry, terms) = match id {
        Some(id) => {
            let (entry, terms) = of_noun(tx, site, id, noun)?;
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
        slug: e.map(typed_slug).unwrap_or_default(),
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

/// The address as somebody typed it; empty while it is made from the title and follows it.
fn typed_slug(e: &Entry) -> String {
    let follows = e.published_at.ms() == 0 && e.slug == freehold_base::text::slugify(&e.title);
    if follows { String::new() } else { e.slug.clone() }
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
