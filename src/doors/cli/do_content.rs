//! `freehold content …`

use freehold_base::{Code, EntryId, Error, Page, PageSize, Result, SiteId, Timestamp};
use freehold_publishing::content::{self, Body, Changes, Filter, Intent, Sort, Target, trash};
use serde_json::{Value, json};

use super::commands::{Content, Done, Format, NewEntry};
use super::hands::{Hands, table};

/// `freehold content …`
///
/// # Errors
/// What the services give.
pub fn content(hands: &Hands, command: &Content) -> Result<Done> {
    match command {
        Content::List { site, kind, status, limit } => {
            let filter = Filter { kind: kind.clone(), status: status.clone(), ..Filter::default() };
            list(hands, hands.site(site)?, filter, *limit)
        }
        Content::Create(new) => create(hands, new),
        Content::Publish { id, site, at } => {
            let at = at.as_deref().map(moment).transpose()?;
            let changes = Changes { published_at: at, ..Changes::default() };
            change(hands, hands.site(site)?, EntryId(*id), changes, Intent::Publish)
        }
        Content::Unpublish { id, site } => {
            change(hands, hands.site(site)?, EntryId(*id), Changes::default(), Intent::Draft)
        }
        Content::Delete { id, site, for_good } => delete(hands, hands.site(site)?, EntryId(*id), *for_good),
        Content::Restore { id, site } => {
            let (site, id) = (hands.site(site)?, EntryId(*id));
            let entry = hands.write(move |tx| trash::restore(tx, site, id))?;
            Ok(Done::said(format!("Entry {id} is back: {}.", entry.status), shown(&entry)))
        }
    }
}

fn list(hands: &Hands, site: SiteId, filter: Filter, limit: u16) -> Result<Done> {
    let page = Page { size: PageSize::new(limit), after: None };
    let found = hands.read(move |tx| content::lists::list(tx, site, &filter, "", Sort::Updated, &page))?;
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|((c, ..), _)| vec![c.id.to_string(), c.kind.clone(), c.status.clone(), c.title.clone()])
        .collect();
    let json: Vec<Value> = found
        .iter()
        .map(|((c, ..), _)| json!({ "id": c.id, "type": c.kind, "status": c.status, "title": c.title, "path": c.path }))
        .collect();
    Ok(Done::data(table(&["id", "type", "status", "title"], &rows), Value::from(json)))
}

fn create(hands: &Hands, new: &NewEntry) -> Result<Done> {
    let site = hands.site(&new.site)?;
    let body = match new.format {
        Format::Markdown => Body::Markdown(new.body.clone()),
        Format::Html => Body::Html(new.body.clone()),
    };
    let changes = Changes {
        title: Some(new.title.clone()),
        slug: new.slug.clone(),
        body: Some(body),
        tags: (!new.tags.is_empty()).then(|| new.tags.clone()),
        author: new.author.as_deref().map(|who| hands.person(who)).transpose()?.map(|person| person.id),
        ..Changes::default()
    };
    let prepared = content::prepare(changes, false)?;
    let (target, intent) = (Target::New(new.kind.clone()), if new.publish { Intent::Publish } else { Intent::Keep });
    let entry = hands.write(move |tx| content::save(tx, site, &target, &prepared, intent))?;
    Ok(Done::said(format!("Entry {} is {}.", entry.id, word(&entry)), shown(&entry)))
}

fn change(hands: &Hands, site: SiteId, id: EntryId, changes: Changes, intent: Intent) -> Result<Done> {
    let prepared = content::prepare(changes, false)?;
    let entry = hands.write(move |tx| content::save(tx, site, &Target::Existing(id, None), &prepared, intent))?;
    Ok(Done::said(format!("Entry {id} is {}.", word(&entry)), shown(&entry)))
}

fn delete(hands: &Hands, site: SiteId, id: EntryId, for_good: bool) -> Result<Done> {
    if for_good {
        hands.write(move |tx| trash::delete(tx, site, id))?;
        return Ok(Done::said(format!("Entry {id} is gone for good."), json!({ "id": id })));
    }
    let entry = hands.write(move |tx| trash::trash(tx, site, id))?;
    Ok(Done::said(format!("Entry {id} is in the trash; freehold content restore {id} brings it back."), shown(&entry)))
}

fn word(entry: &content::Entry) -> String {
    match (entry.status.as_str(), &entry.path) {
        ("published", Some(path)) => format!("live at {path}"),
        (status, _) => status.to_owned(),
    }
}

fn shown(entry: &content::Entry) -> Value {
    json!({ "id": entry.id, "type": entry.kind, "status": entry.status, "title": entry.title, "path": entry.path,
        "version": entry.version })
}

fn moment(text: &str) -> Result<Timestamp> {
    Timestamp::parse_rfc3339(text).ok_or_else(|| Error::invalid("at", Code::DateMalformed, ""))
}
