//! The four small things that a new site has left, on its home page until they are done or dismissed.

use actix_web::web::Path;
use freehold_base::{Capability as C, Result, SiteId};
use freehold_platform::accounts::people;
use freehold_platform::sites::settings;
use freehold_store::Tx;
use freehold_store::users::PeopleFilter;
use serde::Serialize;

use super::ctx::Ctx;
use super::failure::Reply;

/// The card; none where nothing is left, or for people who may not do these things.
#[derive(Serialize)]
pub(super) struct Checklist {
    done: usize,
    items: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    title: &'static str,
    text: &'static str,
    href: String,
    action: &'static str,
    done: bool,
    dismiss_action: String,
}

/// Name, title, why, page below the site's home, words of the button.
type Step = (&'static str, &'static str, &'static str, &'static str, &'static str);

const STEPS: [Step; 4] = [
    ("write", "Publish your first post", "What you start and leave waits in Posts.", "posts", "Write"),
    (
        "about",
        "Say what the site is about",
        "A few words under its name, also for search engines.",
        "settings/general",
        "Say it",
    ),
    ("domain", "Use your own domain", "So far it answers on this machine only.", "domains", "Add it"),
    ("invite", "Invite somebody", "Writers, editors, a second administrator.", "people", "Invite"),
];

/// The list as it stands.
///
/// # Errors
/// Database failures.
pub(super) fn read(tx: &mut Tx<'_>, site: SiteId, published: i64) -> Result<Option<Checklist>> {
    let scope = tx.authorize(site, C::SiteRead)?;
    if !(scope.has(C::SettingsManage) && scope.has(C::PeopleManage)) {
        return Ok(None);
    }
    let settings = settings::read(tx, scope)?;
    let dismissed = &settings.checklist.dismissed;
    let own_name = |host: &str| host != "localhost" && host.parse::<std::net::IpAddr>().is_err();
    let base = format!("/admin/s/{site}");
    let mut items = Vec::new();
    for (name, title, text, page, action) in STEPS {
        let done = match name {
            "write" => published > 0,
            "about" => !settings.general.tagline.is_empty(),
            "domain" => freehold_store::sites::domains(tx, scope)?.iter().any(|d| own_name(&d.host)),
            _ => {
                let two = freehold_base::Page { size: freehold_base::PageSize::new(2), after: None };
                let me = tx.actor().user();
                people::list_of_site(tx, site, &PeopleFilter::default(), &two)?.0.iter().any(|(p, _)| Some(p.id) != me)
            }
        };
        if done || !dismissed.iter().any(|d| d == name) {
            let dismiss_action = format!("{base}/checklist/{name}");
            items.push(Item { title, text, href: format!("{base}/{page}"), action, done, dismiss_action });
        }
    }
    let done = items.iter().filter(|item| item.done).count();
    Ok((done < items.len()).then_some(Checklist { done, items }))
}

/// Takes a step off the list for everybody.
pub async fn dismiss(ctx: Ctx, path: Path<(i64, String)>) -> Reply {
    let (site, name) = (ctx.site, path.into_inner().1);
    ctx.write(move |tx| {
        let scope = tx.authorize(site, C::SettingsManage)?;
        let mut wanted = settings::read(tx, scope)?;
        if STEPS.iter().any(|step| step.0 == name) && !wanted.checklist.dismissed.contains(&name) {
            wanted.checklist.dismissed.push(name.clone());
            settings::save(tx, site, &wanted)?;
        }
        Ok(())
    })
    .await?;
    Ok(ctx.go(&format!("/admin/s/{site}")))
}
