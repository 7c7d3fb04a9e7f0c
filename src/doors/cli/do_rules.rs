//! `freehold redirect …`, `freehold rules …`

use freehold_base::{Capability, Code, Error, FolderId, FolderUserId, HeaderId, RedirectId, Result, Secret, SiteId};
use freehold_platform::sites::rules::{self as service, NewHeader, RedirectInput};
use freehold_platform::sites::settings;
use serde_json::{Value, json};

use super::commands::Done;
use super::hands::{Hands, table};
use super::rules::{Redirect, Rules, Switches};

/// `freehold redirect …`
///
/// # Errors
/// What the services give.
pub fn redirect(hands: &Hands, command: &Redirect) -> Result<Done> {
    match command {
        Redirect::List { site } => {
            let site = hands.site(site)?;
            let all = hands.read(move |tx| service::redirects(tx, site))?;
            let row = |r: &service::Redirect| {
                vec![r.id.to_string(), r.how.clone(), r.source.clone(), r.target.clone(), r.status.to_string()]
            };
            let rows: Vec<Vec<String>> = all.iter().map(row).collect();
            let one = |r: &service::Redirect| {
                json!({ "id": r.id, "how": r.how, "source": r.source, "target": r.target, "status": r.status,
                    "keep_query": r.keep_query })
            };
            let json: Vec<Value> = all.iter().map(one).collect();
            Ok(Done::data(table(&["id", "how", "source", "target", "status"], &rows), Value::from(json)))
        }
        Redirect::Add { site, source, target, how, status, drop_query } => {
            let site = hands.site(site)?;
            let input = RedirectInput {
                how: how.clone(),
                source: source.clone(),
                target: target.clone(),
                status: *status,
                keep_query: !drop_query,
            };
            let checked = hands.read(move |tx| service::check_redirect(tx, site, None, &input))?;
            let id = hands.write(move |tx| service::put_redirect(tx, &checked))?;
            Ok(Done::said(format!("{source} leads to {target}."), json!({ "id": id })))
        }
        Redirect::Set { site, id, source, target, how, status } => {
            let (site, id) = (hands.site(site)?, RedirectId(*id));
            let all = hands.read(move |tx| service::redirects(tx, site))?;
            let old = all.into_iter().find(|r| r.id == id).ok_or_else(|| Error::not_found("redirect"))?;
            let input = RedirectInput {
                how: how.clone().unwrap_or(old.how),
                source: source.clone().unwrap_or(old.source),
                target: target.clone().unwrap_or(old.target),
                status: status.unwrap_or(old.status),
                keep_query: old.keep_query,
            };
            let checked = hands.read(move |tx| service::check_redirect(tx, site, Some(id), &input))?;
            hands.write(move |tx| service::put_redirect(tx, &checked))?;
            Ok(Done::said(format!("The redirect {id} is changed."), json!({ "id": id })))
        }
        Redirect::Remove { site, id } => {
            let (site, id) = (hands.site(site)?, RedirectId(*id));
            hands.write(move |tx| service::remove_redirect(tx, site, id))?;
            Ok(Done::said(format!("The redirect {id} is removed."), json!({ "id": id })))
        }
        Redirect::Import { site, text } => {
            let (site, text) = (hands.site(site)?, text.clone());
            let checked = hands.read(move |tx| service::check_csv(tx, site, &text))?;
            let done = hands.write(move |tx| service::put_csv(tx, &checked))?;
            let refused: Vec<Value> =
                done.refused.iter().map(|(line, why)| json!({ "line": line, "why": why })).collect();
            let json = json!({ "added": done.added, "changed": done.changed, "refused": refused });
            if done.refused.is_empty() {
                return Ok(Done::said(format!("{} added, {} changed.", done.added, done.changed), json));
            }
            let lines: Vec<String> = done.refused.iter().map(|(line, why)| format!("line {line}: {why}")).collect();
            let words =
                format!("Nothing was stored. Mend these lines and bring the list in again:\n{}", lines.join("\n"));
            Ok(Done { words, json, good: false, ..Done::default() })
        }
        Redirect::Export { site } => {
            let site = hands.site(site)?;
            let text = hands.read(move |tx| service::export_csv(tx, site))?;
            Ok(Done::data(text.trim_end().to_owned(), json!({ "csv": text })))
        }
    }
}

/// `freehold rules …`
///
/// # Errors
/// What the services give.
pub fn rules(hands: &Hands, command: &Rules) -> Result<Done> {
    match command {
        Rules::Show { site } => {
            let site = hands.site(site)?;
            show(hands, site)
        }
        Rules::Try { site, address } => {
            let (site, address) = (hands.site(site)?, address.clone());
            let trial = hands.read(move |tx| service::try_address(tx, site, &address))?;
            let lines: Vec<String> = trial.steps.iter().map(|step| step.text.clone()).collect();
            let steps: Vec<Value> = trial.steps.iter().map(|s| json!({ "kind": s.kind, "text": s.text })).collect();
            Ok(Done::data(lines.join("\n"), json!({ "path": trial.path, "steps": steps })))
        }
        Rules::Set(switches) => {
            let site = hands.site(&switches.site)?;
            set(hands, site, switches.clone())?;
            Ok(Done::said("The rules are set.", json!({ "site": site })))
        }
        Rules::Header { site, name, value, folder, ending } => {
            let site = hands.site(site)?;
            let new =
                NewHeader { prefix: folder.clone(), ending: ending.clone(), name: name.clone(), value: value.clone() };
            let id = hands.write(move |tx| service::add_header(tx, site, &new))?;
            Ok(Done::said(format!("{name} is sent."), json!({ "id": id })))
        }
        Rules::HeaderRemove { site, id } => {
            let (site, id) = (hands.site(site)?, HeaderId(*id));
            hands.write(move |tx| service::remove_header(tx, site, id))?;
            Ok(Done::said(format!("The header {id} is no longer sent."), json!({ "id": id })))
        }
        Rules::Private { site, folder, title } => {
            let (site, folder, title) = (hands.site(site)?, folder.clone(), title.clone());
            let shown = folder.clone();
            let id = hands.write(move |tx| service::add_folder(tx, site, &folder, &title))?;
            let words = format!("{shown} is private. Let somebody in: freehold rules let-in {id} NAME");
            Ok(Done::said(words, json!({ "id": id })))
        }
        Rules::PrivateRemove { site, id } => {
            let (site, id) = (hands.site(site)?, FolderId(*id));
            hands.write(move |tx| service::remove_folder(tx, site, id))?;
            Ok(Done::said("The folder is open to everybody.", json!({ "id": id })))
        }
        Rules::LetIn { site, folder, name, password } => {
            let (site, folder, name) = (hands.site(site)?, FolderId(*folder), name.clone());
            let hash = hands.accounts.new_password(Secret::text(password.clone()), &[&name])?.into_hash();
            let shown = name.clone();
            let id = hands.write(move |tx| service::add_folder_user(tx, site, folder, &name, &hash))?;
            Ok(Done::said(format!("{shown} may open it."), json!({ "id": id })))
        }
        Rules::ShutOut { site, folder, id } => {
            let (site, folder, id) = (hands.site(site)?, FolderId(*folder), FolderUserId(*id));
            hands.write(move |tx| service::remove_folder_user(tx, site, folder, id))?;
            Ok(Done::said("They may no longer open it.", json!({ "id": id })))
        }
    }
}

fn show(hands: &Hands, site: SiteId) -> Result<Done> {
    let (web, headers, folders) = hands.read(move |tx| {
        let scope = tx.authorize(site, Capability::SettingsManage)?;
        Ok((settings::read(tx, scope)?.web, service::headers(tx, site)?, service::folders(tx, site)?))
    })?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = |what: &str, id: String, text: String| rows.push(vec![what.to_owned(), id, text]);
    row("switches", String::new(), serde_json::to_string(&web).unwrap_or_default());
    for h in &headers {
        let place = format!("{}{}", h.prefix, h.ending);
        row("header", h.id.to_string(), format!("{}: {} ({place})", h.name, h.value));
    }
    for f in &folders {
        let people: Vec<String> = f.people.iter().map(|p| format!("{} ({})", p.name, p.id)).collect();
        row("private", f.folder.id.to_string(), format!("{}: {}", f.folder.prefix, people.join(", ")));
    }
    let json = json!({
        "web": web,
        "headers": headers.iter().map(|h| json!({ "id": h.id, "folder": h.prefix, "ending": h.ending, "name": h.name,
            "value": h.value })).collect::<Vec<_>>(),
        "private_folders": folders.iter().map(|f| json!({ "id": f.folder.id, "folder": f.folder.prefix,
            "title": f.folder.title, "people": f.people.iter().map(|p| json!({ "id": p.id, "name": p.name }))
                .collect::<Vec<_>>() })).collect::<Vec<_>>(),
    });
    Ok(Done::data(table(&["what", "id", "rule"], &rows), json))
}

fn set(hands: &Hands, site: SiteId, switches: Switches) -> Result<()> {
    hands.write(move |tx| {
        let scope = tx.authorize(site, Capability::SettingsManage)?;
        let mut all = settings::read(tx, scope)?;
        let web = &mut all.web;
        if let Some(www) = &switches.www {
            web.www = if www == "both" { String::new() } else { www.clone() };
        }
        web.https = switches.https.unwrap_or(web.https);
        web.hsts_days = switches.hsts_days.unwrap_or(web.hsts_days);
        web.hsts_subdomains = switches.hsts_subdomains.unwrap_or(web.hsts_subdomains);
        web.listing = switches.listing.unwrap_or(web.listing);
        for pair in &switches.error_pages {
            let wrong = || Error::invalid("error_page", Code::Malformed, "NUMBER=ADDRESS, such as 404=/not-found");
            let (error, page) = pair.split_once('=').ok_or_else(wrong)?;
            web.error_pages.insert(error.to_owned(), page.to_owned());
        }
        settings::save(tx, site, &all).map(|_| ())
    })
}
