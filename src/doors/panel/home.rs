//! Home of a site: is all well, what waits.

use freehold_base::{Capability as C, Page, PageSize, Result, SiteId};
use freehold_publishing::comments;
use freehold_publishing::content::{self, Filter, Sort};
use freehold_store::{SiteScope, Tx};
use serde::Serialize;

use super::build_frame::{Moment, crumb, time_view};
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
    health: Vec<HealthView>,
    undescribed: usize,
    fix_href: String,
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

/// One fact about the site.
#[derive(Serialize)]
struct HealthView {
    icon: &'static str,
    tone: &'static str,
    title: String,
    text: String,
    href: String,
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
    let mut view = ctx
        .read(move |tx| {
            let origin = app.origin_of(tx, site)?;
            read(tx, site, &origin, &name)
        })
        .await?;
    view.health.extend(disk(&ctx));
    Ok(ctx.page(200, "home/home.html", &frame, &view)?)
}

/// Room on the disk, for who looks after the server.
fn disk(ctx: &Ctx) -> Option<HealthView> {
    if !ctx.actor.grants.on_server().has(C::ServerRead) {
        return None;
    }
    let (free, total) = freehold_host::files::disk_space(&ctx.app.config.data).ok().filter(|(_, total)| *total > 0)?;
    let percent = free.saturating_mul(100) / total;
    let bytes = |n: u64| super::media::view::size_text(i64::try_from(n).unwrap_or(i64::MAX));
    let (icon, tone) = if percent < 10 { ("triangle-alert", "warn") } else { ("hard-drive", "good") };
    Some(HealthView {
        icon,
        tone,
        title: format!("{} free on the disk", bytes(free)),
        text: format!("{percent} % of {}", bytes(total)),
        href: "/admin/server/settings".into(),
    })
}

/// "3 comments and one review wait for you."
fn waits(comments: usize, reviews: i64) -> String {
    let comments = match comments {
        0 => None,
        1 => Some("one comment".to_owned()),
        n if n >= 100 => Some("100 or more comments".to_owned()),
        n => Some(format!("{n} comments")),
    };
    let reviews = match reviews {
        ..=0 => None,
        1 => Some("one review".to_owned()),
        n => Some(format!("{n} reviews")),
    };
    let verb = if comments.as_deref() == Some("one comment") && reviews.is_none()
        || reviews.as_deref() == Some("one review") && comments.is_none()
    {
        "waits"
    } else {
        "wait"
    };
    let all: Vec<String> = comments.into_iter().chain(reviews).collect();
    if all.is_empty() {
        return "Nothing waits for you.".to_owned();
    }
    let mut sentence = format!("{} {verb} for you.", all.join(" and "));
    if let Some(first) = sentence.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    sentence
}

fn read(tx: &mut Tx<'_>, site: SiteId, origin: &str, name: &str) -> Result<HomeView> {
    let base = format!("/admin/s/{site}");
    let scope = tx.scope_of(site)?;
    let sees_all = scope.has(C::PeopleManage);
    let now = Moment::at(tx, site)?;
    let counts = content::lists::counts(tx, site)?;
    let count = |name: &str| counts.iter().find(|(n, _)| n == name).map_or(0, |(_, v)| *v);
    let waiting = comments::waiting(tx, site)?;
    let reviews = if scope.has(C::EntriesPublishAll) { count("post.pending") } else { 0 };
    let greeting = match now.hour() {
        5..=11 => "Good morning",
        12..=17 => "Good afternoon",
        _ => "Good evening",
    };
    let undescribed = if scope.has(C::MediaWrite) { freehold_publishing::library::to_do(tx, site)?.0 } else { 0 };
    let may_decide = scope.has(C::CommentsModerate);
    let page = Page { size: PageSize::new(5), after: None };
    let recent = listed(tx, scope, "published", Sort::Published, &page)?;
    Ok(HomeView {
        greeting: format!("{greeting}, {name}"),
        summary: format!("{}. {}", now.date_words(), waits(waiting, reviews)),
        site_url: origin.to_owned(),
        new_post_href: if scope.has(C::EntriesWriteOwn) { format!("{base}/posts/new") } else { String::new() },
        checklist: super::checklist::read(tx, site, count("post.published"))?,
        health: health(tx, site, scope, origin, &counts, now)?,
        undescribed,
        fix_href: format!("{base}/media?only=undescribed"),
        drafts: to_continue(tx, scope, &base, now)?,
        drafts_href: format!("{base}/posts?status=draft"),
        comments: waiting_comments(tx, site, &base, may_decide)?,
        comments_count: u64::try_from(waiting).unwrap_or(0),
        comments_href: if may_decide { format!("{base}/comments") } else { String::new() },
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
        changes: changes(tx, site, now)?,
        changes_href: if sees_all { format!("{base}/audit") } else { String::new() },
    })
}

/// Posts of a status; none for who has nothing to do with posts.
fn listed(
    tx: &mut Tx<'_>,
    scope: SiteScope,
    status: &str,
    sort: Sort,
    page: &Page,
) -> Result<Vec<(content::CardRow, Vec<content::Label>)>> {
    if !scope.has(C::EntriesWriteOwn) {
        return Ok(Vec::new());
    }
    let filter = Filter { kind: Some("post".into()), status: Some(status.into()), ..Default::default() };
    content::lists::list(tx, scope.id(), &filter, "", sort, page)
}

/// Facts about the site: where it answers, what is out, what comes next, what was done last.
fn health(
    tx: &mut Tx<'_>,
    site: SiteId,
    scope: SiteScope,
    origin: &str,
    counts: &[(String, i64)],
    now: Moment,
) -> Result<Vec<HealthView>> {
    let base = format!("/admin/s/{site}");
    let count = |name: &str| counts.iter().find(|(n, _)| n == name).map_or(0, |(_, v)| *v);
    let host = origin.split_once("://").map_or(origin, |(_, host)| host).to_owned();
    let state = freehold_store::sites::find(tx, scope)?.status;
    let (icon, tone, title) = match state.as_str() {
        "active" => ("circle-check", "good", "The site answers"),
        _ => ("octagon-x", "bad", "The site is suspended"),
    };
    let fact = |icon, tone, title: String, text: String, href: String| HealthView { icon, tone, title, text, href };
    let domains = if scope.has(C::DomainsManage) { format!("{base}/domains") } else { String::new() };
    let mut facts = vec![fact(icon, tone, title.into(), host, domains)];
    let (live, drafts) = (count("post.published"), count("post.draft"));
    facts.push(fact(
        "book-open",
        "",
        format!("{live} published"),
        match count("page.published") {
            1 => format!("{drafts} in progress, 1 page"),
            n => format!("{drafts} in progress, {n} pages"),
        },
        format!("{base}/posts"),
    ));
    let next = listed(tx, scope, "scheduled", Sort::Oldest, &one())?;
    if let Some(((card, ..), _)) = next.into_iter().next() {
        let title = super::entries::shown_title(&card.title);
        let when = time_view(card.published_at, now).text;
        facts.push(fact("clock", "info", format!("Next: {when}"), title, format!("{base}/posts/{}", card.id)));
    }
    if scope.has(C::SettingsManage) {
        let jobs = freehold_store::jobs::list(tx, scope, &Default::default(), 0, 20)?;
        if let Some(job) = jobs.into_iter().find(|job| job.ended_at.ms() > 0) {
            let (icon, tone, word) = match job.state.as_str() {
                "failed" => ("triangle-alert", "bad", "The last job failed"),
                _ => ("list-checks", "good", "The last job is done"),
            };
            let text = format!("{}, {}", job.kind, time_view(job.ended_at, now).text);
            facts.push(fact(icon, tone, word.into(), text, String::new()));
        }
    }
    Ok(facts)
}

fn one() -> Page {
    Page { size: PageSize::new(1), after: None }
}

/// What the person left: reviews that wait first, drafts, and what goes out next.
fn to_continue(tx: &mut Tx<'_>, scope: SiteScope, base: &str, now: Moment) -> Result<Vec<DraftView>> {
    let mut list = Vec::new();
    let reviewer = scope.has(C::EntriesPublishAll);
    for (status, most, action, badge, tone) in [
        ("pending", 2, if reviewer { "Review" } else { "Open" }, "In review", "warn"),
        ("draft", 4, "Continue", "Draft", ""),
        ("scheduled", 2, "Open", "Scheduled", "info"),
    ] {
        let sort = if status == "scheduled" { Sort::Oldest } else { Sort::Updated };
        let page = Page { size: PageSize::new(most), after: None };
        for ((card, author, cover), _) in listed(tx, scope, status, sort, &page)? {
            let note = match status {
                "scheduled" => time_view(card.published_at, now).text,
                "pending" => format!("{}, {}", author.name, time_view(card.updated_at, now).text),
                _ => format!("edited {}", time_view(card.updated_at, now).text),
            };
            list.push(DraftView {
                title: super::entries::shown_title(&card.title),
                href: format!("{base}/posts/{}", card.id),
                action,
                badge,
                tone,
                note,
                thumb: cover.map_or(String::new(), |c| thumb(&c.hash, &c.filename, &c.content_type, 160)),
            });
        }
    }
    list.truncate(5);
    Ok(list)
}

/// The newest comments that wait, for people who may decide about them.
fn waiting_comments(tx: &mut Tx<'_>, site: SiteId, base: &str, may_decide: bool) -> Result<Vec<CommentView>> {
    if !may_decide {
        return Ok(Vec::new());
    }
    let (page, now) = (Page { size: PageSize::new(3), after: None }, Moment::at(tx, site)?);
    let filter = comments::Filter { status: "pending".into(), ..Default::default() };
    let found = comments::list(tx, site, &filter, &page)?;
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

fn changes(tx: &mut Tx<'_>, site: SiteId, now: Moment) -> Result<Vec<ChangeView>> {
    let scope = tx.authorize(site, C::SiteRead)?;
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

#[cfg(test)]
mod tests {
    use super::waits;

    #[test]
    fn what_waits_is_one_sentence() {
        assert_eq!(waits(0, 0), "Nothing waits for you.");
        assert_eq!(waits(1, 0), "One comment waits for you.");
        assert_eq!(waits(0, 1), "One review waits for you.");
        assert_eq!(waits(3, 1), "3 comments and one review wait for you.");
        assert_eq!(waits(100, 2), "100 or more comments and 2 reviews wait for you.");
    }
}
