//! `freehold comment …`, `freehold term …`, `freehold menu …`, `freehold media …`

use freehold_base::{Code, CommentId, Error, MediaId, MenuId, OrInternal as _, Page, PageSize, Result, SiteId, TermId};
use freehold_host::files as machine;
use freehold_publishing::comments::{self, Filter, Verdict};
use freehold_publishing::content::menus::{self, NewLine};
use freehold_publishing::content::terms;
use freehold_publishing::library::{self, Description, Details};
use freehold_store::Tx;
use serde_json::{Value, json};

use super::commands::Done;
use super::content_parts::{Comment, Media, Menu, Term, TermOptions};
use super::hands::{Hands, table};

fn first(limit: u16) -> Page {
    Page { size: PageSize::new(limit.clamp(1, PageSize::MAX)), after: None }
}

/// Does something to each of these, all or none.
fn each(
    hands: &Hands,
    site: SiteId,
    ids: &[i64],
    words: &str,
    one: impl Fn(&mut Tx<'_>, SiteId, i64) -> Result<()> + Send + 'static,
) -> Result<Done> {
    let all = ids.to_vec();
    hands.write(move |tx| all.iter().try_for_each(|id| one(tx, site, *id)))?;
    let listed = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Ok(Done::said(format!("{words}: {listed}."), json!({ "ids": ids })))
}

/// `freehold comment …`
///
/// # Errors
/// What the services give.
pub fn comment(hands: &Hands, command: &Comment) -> Result<Done> {
    match command {
        Comment::List { site, status, limit } => {
            let (site, page) = (hands.site(site)?, first(*limit));
            let filter = Filter { status: status.clone(), ..Filter::default() };
            let all = hands.read(|tx| comments::list(tx, site, &filter, &page))?;
            let rows: Vec<Vec<String>> = all
                .iter()
                .map(|(c, below)| {
                    let words = c.body.lines().next().unwrap_or_default().chars().take(60).collect();
                    vec![c.id.to_string(), c.author_name.clone(), below.title.clone(), words]
                })
                .collect();
            let json: Vec<Value> = all
                .iter()
                .map(|(c, _)| {
                    json!({ "id": c.id, "entry": c.entry_id, "status": c.status, "author": c.author_name,
                    "email": c.author_email, "body": c.body, "created_at": c.created_at.rfc3339() })
                })
                .collect();
            Ok(Done::data(table(&["id", "who", "below", "words"], &rows), json.into()))
        }
        Comment::Decide { verdict, ids, site } => {
            let known = "approve, hold, spam, trash";
            let verdict = Verdict::parse(verdict).ok_or_else(|| Error::invalid("verdict", Code::NotAllowed, known))?;
            let decide = move |tx: &mut Tx<'_>, site, id| comments::decide(tx, site, CommentId(id), verdict);
            each(hands, hands.site(site)?, ids, "Decided", decide)
        }
        Comment::Delete { ids, site } => {
            let delete = |tx: &mut Tx<'_>, site, id| comments::delete(tx, site, CommentId(id));
            each(hands, hands.site(site)?, ids, "Deleted for good", delete)
        }
        Comment::Edit { id, site, text } => {
            let text = text.clone();
            let edit = move |tx: &mut Tx<'_>, site, id| comments::edit(tx, site, CommentId(id), &text);
            each(hands, hands.site(site)?, &[*id], "Corrected", edit)
        }
    }
}

/// `freehold term …`
///
/// # Errors
/// What the services give.
pub fn term(hands: &Hands, command: &Term) -> Result<Done> {
    match command {
        Term::List { site, taxonomy } => terms_of(hands, hands.site(site)?, taxonomy.as_deref()),
        Term::Create { site, taxonomy, options } => {
            if !matches!(taxonomy.as_str(), "category" | "tag") {
                return Err(Error::invalid("taxonomy", Code::NotAllowed, "category, tag"));
            }
            let (site, taxonomy, input) = (hands.site(site)?, taxonomy.clone(), over(options, None));
            let (id, new) = hands.write(move |tx| terms::add_or_find(tx, site, &taxonomy, &input))?;
            let words = if new { format!("Term {id} is made.") } else { format!("Term {id} has this name already.") };
            Ok(Done::said(words, json!({ "id": id, "new": new })))
        }
        Term::Set { id, site, options } => {
            let (site, id) = (hands.site(site)?, TermId(*id));
            let before = hands.read(move |tx| terms::find(tx, site, id))?;
            let input = over(options, Some(&before));
            hands.write(move |tx| terms::update(tx, site, id, &input).map(|_| ()))?;
            Ok(Done::said(format!("Term {id} is changed."), json!({ "id": id })))
        }
        Term::Merge { id, into, site } => {
            let (site, from, into) = (hands.site(site)?, TermId(*id), TermId(*into));
            hands.write(move |tx| terms::merge(tx, site, from, into))?;
            Ok(Done::said(format!("Term {into} has everything of term {from}."), json!({ "id": into })))
        }
        Term::Delete { ids, site } => {
            let delete = |tx: &mut Tx<'_>, site, id| terms::delete(tx, site, TermId(id));
            each(hands, hands.site(site)?, ids, "Deleted", delete)
        }
    }
}

fn terms_of(hands: &Hands, site: SiteId, taxonomy: Option<&str>) -> Result<Done> {
    let (mut rows, mut json, mut page) = (Vec::new(), Vec::<Value>::new(), first(PageSize::MAX));
    loop {
        let some = hands.read(|tx| terms::list(tx, site, taxonomy, &page))?;
        let Some(last) = some.last() else { break };
        page.after = Some(freehold_base::Cursor { key: last.name.clone(), id: last.id.get() });
        for t in some {
            rows.push(vec![t.id.to_string(), t.taxonomy.clone(), t.name.clone(), t.path.clone()]);
            json.push(json!({ "id": t.id, "taxonomy": t.taxonomy, "name": t.name, "slug": t.slug, "path": t.path,
                "parent": t.parent_id }));
        }
    }
    Ok(Done::data(table(&["id", "taxonomy", "name", "path"], &rows), json.into()))
}

fn over(options: &TermOptions, before: Option<&freehold_publishing::content::Term>) -> terms::TermInput {
    let (o, old) = (options.clone(), before.cloned());
    let kept = old.map(|t| terms::TermInput {
        name: t.name,
        slug: t.slug,
        description: t.description,
        parent: t.parent_id,
        image_id: t.image_id,
        template: t.template,
        seo_title: t.seo_title,
        seo_description: t.seo_description,
    });
    let kept = kept.unwrap_or_default();
    terms::TermInput {
        name: o.name.unwrap_or(kept.name),
        slug: o.slug.unwrap_or(kept.slug),
        description: o.description.unwrap_or(kept.description),
        parent: o.parent.map_or(kept.parent, TermId),
        ..kept
    }
}

/// `freehold menu …`
///
/// # Errors
/// What the services give.
pub fn menu(hands: &Hands, command: &Menu) -> Result<Done> {
    let changed = |menu: MenuId| Done::said(format!("Menu {menu} is changed."), json!({ "id": menu }));
    match command {
        Menu::List { site } => menus_of(hands, hands.site(site)?),
        Menu::Show { menu, site } => lines_of(hands, hands.site(site)?, MenuId(*menu)),
        Menu::Create { name, site, of_pages } => {
            let (site, name, of_pages) = (hands.site(site)?, name.clone(), *of_pages);
            let make = if of_pages { menus::create_from_pages } else { menus::create };
            let id = hands.write(move |tx| make(tx, site, &name))?;
            Ok(Done::said(format!("Menu {id} is made."), json!({ "id": id })))
        }
        Menu::Rename { menu, name, site } => {
            let (site, menu, name) = (hands.site(site)?, MenuId(*menu), name.clone());
            hands.write(move |tx| menus::rename(tx, site, menu, &name))?;
            Ok(changed(menu))
        }
        Menu::Delete { menu, site } => {
            let delete = |tx: &mut Tx<'_>, site, id| menus::delete(tx, site, MenuId(id));
            each(hands, hands.site(site)?, &[*menu], "Deleted", delete)
        }
        Menu::Add { menu, site, entry, term, url, label } => {
            let line = match (entry, term, url) {
                (Some(id), ..) => NewLine::Entry((*id).into()),
                (_, Some(id), _) => NewLine::Term(TermId(*id)),
                (.., url) => {
                    NewLine::Link { label: label.clone().unwrap_or_default(), url: url.clone().unwrap_or_default() }
                }
            };
            let (site, menu) = (hands.site(site)?, MenuId(*menu));
            hands.write(move |tx| menus::add(tx, site, menu, std::slice::from_ref(&line)))?;
            Ok(changed(menu))
        }
        Menu::Edit { menu, line, site, label, url } => {
            let (site, menu, line) = (hands.site(site)?, MenuId(*menu), *line);
            let lines = hands.read(move |tx| menus::show(tx, site, menu))?;
            let old = lines.into_iter().find(|l| l.item.id == line).ok_or_else(|| Error::not_found("menu item"))?.item;
            let (label, url) = (label.clone().unwrap_or(old.label), url.clone().unwrap_or(old.url));
            hands.write(move |tx| menus::edit(tx, site, menu, line, &label, &url))?;
            Ok(changed(menu))
        }
        Menu::Order { menu, lines, site } => {
            let (site, menu) = (hands.site(site)?, MenuId(*menu));
            let wanted = lines.iter().map(|text| place(text)).collect::<Result<Vec<_>>>()?;
            hands.write(move |tx| menus::arrange(tx, site, menu, &wanted))?;
            Ok(changed(menu))
        }
        Menu::Remove { menu, line, site } => {
            let (site, menu, line) = (hands.site(site)?, MenuId(*menu), *line);
            hands.write(move |tx| menus::remove(tx, site, menu, line))?;
            Ok(changed(menu))
        }
    }
}

/// A line with the levels above it: `14/1`.
fn place(text: &str) -> Result<(i64, usize)> {
    let wrong = || Error::invalid("lines", Code::Malformed, "NUMBER or NUMBER/LEVELS");
    let (id, depth) = text.split_once('/').unwrap_or((text, "0"));
    Ok((id.parse().map_err(|_| wrong())?, depth.parse().map_err(|_| wrong())?))
}

fn menus_of(hands: &Hands, site: SiteId) -> Result<Done> {
    let (all, places) = hands.read(move |tx| Ok((menus::list(tx, site)?, menus::places(tx, site)?)))?;
    let stands = |id: i64| -> Vec<&str> {
        places.iter().filter(|(_, menu)| *menu == id).map(|(place, _)| place.as_str()).collect()
    };
    let rows: Vec<Vec<String>> =
        all.iter().map(|m| vec![m.id.to_string(), m.name.clone(), stands(m.id).join(", ")]).collect();
    let json: Vec<Value> = all.iter().map(|m| json!({ "id": m.id, "name": m.name, "places": stands(m.id) })).collect();
    Ok(Done::data(table(&["id", "name", "places"], &rows), json.into()))
}

fn lines_of(hands: &Hands, site: SiteId, menu: MenuId) -> Result<Done> {
    let lines = hands.read(move |tx| menus::show(tx, site, menu))?;
    let row = |l: &menus::MenuLine| {
        vec![l.item.id.to_string(), format!("{}{}", "  ".repeat(l.depth), l.title), l.url.clone(), l.hidden.to_owned()]
    };
    let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
    let one = |l: &menus::MenuLine| json!({ "id": l.item.id, "depth": l.depth, "kind": l.item.kind, "title": l.title, "url": l.url });
    let json: Vec<Value> = lines.iter().map(one).collect();
    Ok(Done::data(table(&["id", "title", "address", "hidden"], &rows), json.into()))
}

/// `freehold media …`
///
/// # Errors
/// What the services give.
pub fn media(hands: &Hands, command: &Media) -> Result<Done> {
    match command {
        Media::List { site, search, limit } => {
            let (site, page) = (hands.site(site)?, first(*limit));
            let filter = freehold_store::media::Filter { text: search.clone(), ..Default::default() };
            let all = hands.read(|tx| library::list(tx, site, &filter, &page))?;
            let rows: Vec<Vec<String>> =
                all.iter().map(|m| vec![m.id.to_string(), m.title.clone(), library::address(m)]).collect();
            let json: Vec<Value> = all
                .iter()
                .map(|m| json!({ "id": m.id, "title": m.title, "alt": m.alt, "path": library::address(m) }))
                .collect();
            Ok(Done::data(table(&["id", "title", "address"], &rows), json.into()))
        }
        Media::Add { file, site } => add(hands, hands.site(site)?, file),
        Media::Describe { id, site, title, alt, caption } => {
            let (site, id) = (hands.site(site)?, MediaId(*id));
            let old = hands.read(move |tx| library::find(tx, site, id))?;
            let words = Description {
                title: title.clone().unwrap_or(old.title),
                alt: alt.clone().unwrap_or(old.alt),
                decorative: old.decorative,
                caption: caption.clone().unwrap_or(old.caption),
                credit: old.credit,
                licence: old.licence,
            };
            hands.write(move |tx| library::describe(tx, site, id, &words).map(|_| ()))?;
            Ok(Done::said(format!("File {id} is described."), json!({ "id": id })))
        }
        Media::Delete { ids, site, even_if_used } => {
            let force = *even_if_used;
            let delete = move |tx: &mut Tx<'_>, site, id| library::delete(tx, site, MediaId(id), force);
            each(hands, hands.site(site)?, ids, "Deleted", delete)
        }
    }
}

fn add(hands: &Hands, site: SiteId, file: &std::path::Path) -> Result<Done> {
    let library = hands.library.as_ref().ok_or_else(|| {
        Error::refused(Code::WrongState, "no node runs on this data folder; start freehold serve, then say it again")
    })?;
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let arrived = library.receive(machine::open(file).or_internal("opening the file")?, &name)?;
    let (kept, hash) = (arrived.clone(), arrived.hash.clone());
    match hands.write(move |tx| library::add(tx, site, &kept, &Details::default())) {
        Ok(added) => {
            let (id, path) = (added.media.id, library::address(&added.media));
            Ok(Done::said(format!("File {id} lies at {path}."), json!({ "id": id, "path": path, "new": added.new })))
        }
        Err(e) => {
            // Bytes that no row names go again.
            drop(arrived);
            library.sweep(&hands.store, &hash)?;
            Err(e)
        }
    }
}
