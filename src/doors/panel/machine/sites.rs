//! All sites of the installation.

use std::collections::HashMap;

use freehold_base::{AccountId, Capability as C, Result};
use freehold_platform::customers;
use freehold_platform::sites as service;
use freehold_publishing::content;
use freehold_store::{Tx, roles};
use serde::Serialize;

use crate::panel::build_frame::{crumb, hue, time_view};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::frame::TimeView;
use crate::panel::paging::range;

/// Sites on one page.
const ROWS: usize = 50;

#[derive(Serialize)]
struct SitesView {
    query: String,
    rows: Vec<SiteRow>,
    summary: String,
    prev: String,
    next: String,
}

#[derive(Serialize)]
struct SiteRow {
    id: i64,
    title: String,
    initials: String,
    hue: u16,
    host: String,
    account: String,
    owner: String,
    owner_href: String,
    posts: i64,
    created: TimeView,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let frame = ctx.frame("All sites", vec![crumb("All sites", None)]).await?;
    let query = ctx.param("q").unwrap_or_default();
    let from = ctx.param("from").and_then(|f| f.parse::<usize>().ok()).unwrap_or(0);
    let wanted = query.to_lowercase();
    let (rows, total) = ctx.read(move |tx| read(tx, &wanted, from)).await?;
    let encoded: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let at = |from: usize| format!("/admin/server/sites?q={encoded}&from={from}");
    let view = SitesView {
        summary: range(i64::try_from(from).unwrap_or(0), rows.len(), i64::try_from(total).unwrap_or(0)),
        prev: if from > 0 { at(from.saturating_sub(ROWS)) } else { String::new() },
        next: if from + rows.len() < total { at(from + ROWS) } else { String::new() },
        rows,
        query,
    };
    Ok(ctx.page(200, "server/sites.html", &frame, &view)?)
}

/// A page of the sites whose name, title or host holds the words, and how many do.
fn read(tx: &mut Tx<'_>, wanted: &str, from: usize) -> Result<(Vec<SiteRow>, usize)> {
    let server = tx.authorize_server(C::ServerRead)?;
    let accounts: HashMap<AccountId, String> = customers::accounts::titles(tx)?.into_iter().collect();
    let mut owners: HashMap<AccountId, (String, i64)> = HashMap::new();
    for (account, person) in roles::owners(tx, server)? {
        owners.entry(account).or_insert((person.name, person.id.get()));
    }
    let now = tx.now();
    let mut found = Vec::new();
    service::walk_cards(tx, |_, card| {
        let fits = [&card.title, &card.host, &card.site.name].iter().any(|text| text.to_lowercase().contains(wanted));
        if fits {
            found.push((card.site, card.title, card.host));
        }
        Ok(true)
    })?;
    let total = found.len();
    let mut rows = Vec::new();
    for (site, title, host) in found.into_iter().skip(from).take(ROWS) {
        let counts = content::lists::counts(tx, site.id)?;
        let owner = owners.get(&site.account_id).cloned().unwrap_or_default();
        rows.push(SiteRow {
            id: site.id.get(),
            initials: freehold_base::text::initials(&title),
            hue: hue(site.id.get()),
            account: accounts.get(&site.account_id).cloned().unwrap_or_default(),
            owner_href: if owner.1 > 0 { format!("/admin/server/people/{}", owner.1) } else { String::new() },
            owner: owner.0,
            posts: counts.iter().find(|(name, _)| name == "post.published").map_or(0, |(_, n)| *n),
            created: time_view(site.created_at, now),
            title,
            host,
        });
    }
    Ok((rows, total))
}
