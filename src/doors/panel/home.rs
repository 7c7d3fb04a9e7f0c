//! Home of a site: is all well, what waits.

use freehold_base::{Page, PageSize, Result, SiteId};
use freehold_publishing::comments;
use freehold_publishing::content::{self, Filter, Sort};
use serde::Serialize;

use super::build_frame::{crumb, time_view};
use super::ctx::Ctx;
use super::failure::Reply;
use super::frame::TimeView;
use super::thumbs::thumb;

#[derive(Serialize)]
struct HomeView {
    greeting: String,
    summary: String,
    site_url: String,
    new_post_href: String,
    checklist: Option<super::checklist::Checklist>,
    health: Vec<()>,
    drafts: Vec<DraftView>,
    drafts_href: String,
    comments: Vec<CommentView>,
    comments_count: u64,
    comments_href: String,
    recent: Vec<RecentView>,
    posts_href: String,
    changes: Vec<ChangeView>,
    changes_href: String,
}

#[derive(Serialize)]
struct DraftView {
    title: String,
    href: String,
    action: &'static str,
    badge: &'static str,
    tone: &'static str,
    note: String,
    thumb: String,
}

#[derive(Serialize)]
struct CommentView {
    author: String,
    initials: String,
    hue: u16,
    at: TimeView,
    text: String,
    action: String,
    reply_href: String,
}

#[derive(Serialize)]
struct RecentView {
    title: String,
    href: String,
    url: String,
    at: TimeView,
    author: String,
}

#[derive(Serialize)]
struct ChangeView {
    initials: String,
    hue: u16,
    who: String,
    did: String,
    what: String,
    href: String,
    at: TimeView,
    undo_action: String,
}

/// The page.
pub async fn show(ctx: Ctx) -> Reply {
    let frame = ctx.frame("Home", vec![crumb("Home", None)]).await?;
    let (app, site) = (ctx.app.clone(), ctx.site);
    let name = ctx.person.as_ref().map(|p| p.name.clone()).unwrap_or_default();
    let view = ctx
        .read(move |tx| {
            let origin = app.origin_of(tx, site)?;
            read(tx, site, &origin, &name)
        })
        .await?;
    Ok(ctx.page(200, "home/home.html", &frame, &view)?)
}

fn read(tx: &mut freehold_store::Tx<'_>, site: SiteId, origin: &str, name: &str) -> Result<HomeView> {
    let base = format!("/admin/s/{site}");
    let scope = tx.scope_of(site)?;
    let rights = scope.has(freehold_base::Capability::CommentsModerate);
    let sees_all = scope.has(freehold_base::Capability::PeopleManage);
    let now = tx.now();
    let page = Page { size: PageSize::new(5), after: None };
    let of = |status: &str| Filter { kind: Some("post".into()), status: Some(status.into()), ..Default::default() };
    let drafts = content::lists::list(tx, site, &of("draft"), "", Sort::Updated, &page)?;
    let recent = content::lists::list(tx, site, &of("published"), "", Sort::Published, &page)?;
    let counts = content::lists::counts(tx, site)?;
    let count = |name: &str| counts.iter().find(|(n, _)| n == name).map_or(0, |(_, v)| *v);
    Ok(HomeView {
        greeting: format!("Hello, {name}"),
        summary: format!("{} published, {} in progress.", count("post.published"), count("post.draft")),
        site_url: origin.to_owned(),
        new_post_href: format!("{base}/posts/new"),
        checklist: super::checklist::read(tx, site, count("post.published"))?,
        health: Vec::new(),
        drafts: drafts
            .into_iter()
            .map(|((card, _, cover), _)| DraftView {
                title: super::entries::shown_title(&card.title),
                href: format!("{base}/posts/{}", card.id),
                action: "Continue",
                badge: "Draft",
                tone: "",
                note: time_view(card.updated_at, now).text,
                thumb: cover.map_or(String::new(), |c| thumb(&c.hash, &c.filename, &c.content_type, 160)),
            })
            .collect(),
        drafts_href: format!("{base}/posts?status=draft"),
        comments: waiting_comments(tx, site, &base, rights)?,
        comments_count: u64::try_from(comments::waiting(tx, site)?).unwrap_or(0),
        comments_href: if rights { format!("{base}/comments") } else { String::new() },
        recent: recent
            .into_iter()
            .map(|((card, author, _), _)| RecentView {
                title: super::entries::shown_title(&card.title),
                href: format!("{base}/posts/{}", card.id),
                url: format!("{origin}{}", card.path.unwrap_or_default()),
                at: time_view(card.published_at, now),
                author: author.name,
            })
            .collect(),
        posts_href: format!("{base}/posts"),
        changes: changes(tx, site)?,
        changes_href: if sees_all { format!("{base}/audit") } else { String::new() },
    })
}

/// The newest comments that wait, for people who may decide about them.
fn waiting_comments(
    tx: &mut freehold_store::Tx<'_>,
    site: SiteId,
    base: &str,
    may_decide: bool,
) -> Result<Vec<CommentView>> {
    if !may_decide {
        return Ok(Vec::new());
    }
    let (page, now) = (Page { size: PageSize::new(3), after: None }, tx.now());
    let found = comments::list(tx, site, "pending", &page)?;
    Ok(found
        .into_iter()
        .map(|(c, ..)| CommentView {
            initials: freehold_base::text::initials(&c.author_name),
            hue: super::build_frame::hue(i64::from(c.author_email.bytes().map(u32::from).sum::<u32>())),
            author: c.author_name,
            at: time_view(c.created_at, now),
            text: c.body.chars().take(200).collect(),
            action: format!("{base}/comments/{}/decide?back=home", c.id),
            reply_href: format!("{base}/comments?open={0}#comment-{0}", c.id),
        })
        .collect())
}

fn changes(tx: &mut freehold_store::Tx<'_>, site: SiteId) -> Result<Vec<ChangeView>> {
    let scope = tx.authorize(site, freehold_base::Capability::SiteRead)?;
    let now = tx.now();
    let mut views = Vec::new();
    for row in freehold_store::audit::list_site(tx, scope, &Default::default(), 0, 6)? {
        let who = match row.actor_id {
            0 => "Freehold".to_owned(),
            id => freehold_store::entries::author(tx, id.into())?.map(|a| a.name).unwrap_or_default(),
        };
        let change = super::changes::describe(&row.action, &row.object, &format!("/admin/s/{site}"));
        views.push(ChangeView {
            initials: freehold_base::text::initials(&who),
            hue: super::build_frame::hue(row.actor_id),
            who,
            did: change.did,
            what: change.what,
            href: change.href,
            at: time_view(row.acted_at, now),
            undo_action: String::new(),
        });
    }
    Ok(views)
}
