//! Previews: what is being written, in the real theme; for its writer, and as a link for people without an account
//! (row ED07).

use std::time::Duration;

use actix_web::web::Path;
use freehold_base::{Capability, EntryId, Result, RevisionId, Timestamp};
use freehold_platform::secrets::tokens::{PreviewGrant, sign_preview};
use freehold_publishing::content::{self, versions};
use serde::Serialize;

use super::build_frame::crumb;
use super::ctx::Ctx;
use super::entries::shown_title;
use super::failure::Reply;

/// How long a writer's own preview works.
const OWN: Duration = Duration::from_secs(3600);
/// Days that a shared link may work.
const DAYS: [i64; 3] = [1, 7, 30];

#[derive(Serialize)]
struct ShareView {
    title: String,
    link: String,
    until: String,
    choices: Vec<Choice>,
    /// Which words the link shows.
    shows: &'static str,
    /// What is saved, or what the person typed and did not save; empty where that is the same.
    words: Vec<Choice>,
    back_href: String,
}

#[derive(Serialize)]
struct Choice {
    label: String,
    href: String,
    current: bool,
}

/// The signed address on the site. `revision`: 0 for what is saved, a person's number below zero for what they typed.
async fn link(ctx: &Ctx, entry: EntryId, revision: i64, until: Timestamp) -> Result<String> {
    let (app, site) = (ctx.app.clone(), ctx.site);
    let origin = ctx.read(move |tx| app.origin_of(tx, site)).await?;
    let grant = PreviewGrant { site, entry, revision: RevisionId(revision), expires_at: until };
    Ok(format!("{origin}/_/preview/{}", sign_preview(&ctx.app.keys, &grant)))
}

/// What is on the screen, saved or not.
pub async fn preview(ctx: Ctx, path: Path<(i64, EntryId)>) -> Reply {
    let (site, id) = (ctx.site, path.1);
    let now = ctx.read(move |tx| content::lists::find(tx, site, id).map(|_| tx.now())).await?;
    let me = ctx.person.as_ref().map_or(0, |p| p.user.get());
    let to = link(&ctx, id, -me, now.plus(OWN)).await?;
    Ok(ctx.go(&to))
}

/// A link to give away. It shows what is saved at the moment it is opened.
pub async fn show(ctx: Ctx, path: Path<(i64, EntryId)>) -> Reply {
    let (site, id) = (ctx.site, path.1);
    let (entry, typed, now) = ctx
        .read(move |tx| {
            tx.authorize(site, Capability::EntriesWriteOwn)?;
            let typed = versions::autosaved(tx, site, id)?.is_some();
            Ok((content::lists::find(tx, site, id)?.0, typed, tx.now()))
        })
        .await?;
    let mine = typed && ctx.param("show").is_some_and(|s| s == "unsaved");
    let me = ctx.person.as_ref().map_or(0, |p| p.user.get());
    let days = ctx.param("days").and_then(|d| d.parse().ok()).filter(|d| DAYS.contains(d)).unwrap_or(7);
    // Whole hours: the same link for a while, and nothing to read from its end.
    let until = Timestamp((now.ms() / 3_600_000 + 1 + days * 24) * 3_600_000);
    let here = format!("{}/entries/{id}/share", ctx.base());
    let plural = if entry.kind == "page" { "pages" } else { "posts" };
    let back_href = format!("{}/{plural}/{id}", ctx.base());
    let title = shown_title(&entry.title);
    let view = ShareView {
        link: link(&ctx, id, if mine { -me } else { 0 }, until).await?,
        shows: match (mine, content::saves_itself(&entry), typed) {
            (true, ..) => "It shows your words that are not saved yet, as they are when it is opened.",
            (_, false, true) => {
                "It shows the version that visitors get. Your words that are not published yet are not in it."
            }
            (_, false, false) => "It shows the version that visitors get.",
            (_, true, _) => "It shows the draft as it is saved when the link is opened.",
        },
        words: if typed {
            vec![
                Choice { label: "What is saved".into(), href: format!("{here}?days={days}"), current: !mine },
                Choice {
                    label: "My unsaved words".into(),
                    href: format!("{here}?days={days}&show=unsaved"),
                    current: mine,
                },
            ]
        } else {
            Vec::new()
        },
        until: until.utc().format("%-d %B %Y, %H:%M UTC").to_string(),
        choices: DAYS
            .iter()
            .map(|d| Choice {
                label: if *d == 1 { "1 day".into() } else { format!("{d} days") },
                href: format!("{here}?days={d}{}", if mine { "&show=unsaved" } else { "" }),
                current: *d == days,
            })
            .collect(),
        title: title.clone(),
        back_href: back_href.clone(),
    };
    let crumbs = vec![crumb(&title, Some(back_href)), crumb("Share a preview", None)];
    let frame = ctx.frame("Share a preview", crumbs).await?;
    Ok(ctx.page(200, "entries/share.html", &frame, &view)?)
}
