//! Comments: deciding what is shown, answering, correcting.

use actix_web::web::Payload;
use freehold_base::{Code, CommentId, Cursor, EntryId, Error, Result, SiteId};
use freehold_publishing::comments::{self, Comment, Filter, Row, Verdict};
use freehold_store::Tx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, List, created, done, ok};
use super::strict;

/// Parameters of the list.
pub const QUERY: &[&str] = &["status", "entry", "email", "q", "limit", "after", "fields"];

/// States of a comment with what brings it there.
const STATES: [(&str, Verdict); 4] =
    [("pending", Verdict::Hold), ("approved", Verdict::Approve), ("spam", Verdict::Spam), ("trash", Verdict::Trash)];

/// A comment.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommentView {
    /// Its number.
    pub id: i64,
    /// The entry it stands below.
    pub entry: i64,
    /// The comment it answers; 0 for none.
    pub parent: i64,
    /// The person who wrote it; 0 for a visitor.
    pub user: i64,
    /// Shown name.
    pub author_name: String,
    /// Address of email; never shown to visitors.
    pub author_email: String,
    /// Their site.
    pub author_url: String,
    /// Network address.
    pub address: String,
    /// The words.
    pub body: String,
    /// `pending`, `approved`, `spam` or `trash`.
    pub status: String,
    /// When it was written.
    pub created_at: String,
}

impl From<Comment> for CommentView {
    fn from(c: Comment) -> Self {
        Self {
            id: c.id.get(),
            entry: c.entry_id.get(),
            parent: c.parent_id.get(),
            user: c.user_id,
            author_name: c.author_name,
            author_email: c.author_email,
            author_url: c.author_url,
            address: c.address,
            body: c.body,
            status: c.status,
            created_at: c.created_at.rfc3339(),
        }
    }
}

/// What of a comment is changed; what is not named stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CommentChange {
    /// `pending`, `approved`, `spam` or `trash`.
    pub status: Option<String>,
    /// The words.
    pub body: Option<String>,
}

/// An answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyInput {
    /// The words.
    pub body: String,
}

fn verdict(status: &str) -> Result<Verdict> {
    let found = STATES.iter().find(|(name, _)| *name == status).map(|(_, verdict)| *verdict);
    found.ok_or_else(|| Error::invalid("status", Code::NotAllowed, STATES.map(|(name, _)| name).join(", ")))
}

/// A page of comments of one status, newest first.
pub async fn list(ctx: ApiCtx) -> ApiReply {
    let query = ctx.query(QUERY)?;
    let (page, limit) = query.page()?;
    let status = query.get("status").unwrap_or("pending").to_owned();
    verdict(&status)?;
    let text = |name| query.get(name).map(str::to_owned);
    let entry = query.number("entry")?.map(EntryId);
    let filter = Filter { status, text: text("q"), entry, email: text("email"), oldest: false };
    let site = ctx.site;
    let rows = ctx.read(move |tx| comments::list(tx, site, &filter, &page)).await?;
    let cursor = |(c, _): &Row| Cursor { key: c.created_at.ms().to_string(), id: c.id.get() };
    let list = List::of(rows, limit, cursor, |(c, _)| CommentView::from(c));
    Ok(ok(&list, query.get("fields"))?)
}

/// One comment.
pub async fn read(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<CommentId>("id", "comment")?);
    let found = ctx.read(move |tx| comments::find(tx, site, id)).await?;
    Ok(ok(&CommentView::from(found), None)?)
}

fn change(tx: &mut Tx<'_>, site: SiteId, id: CommentId, change: &CommentChange) -> Result<Comment> {
    if let Some(body) = &change.body {
        comments::edit(tx, site, id, body)?;
    }
    if let Some(status) = &change.status {
        comments::decide(tx, site, id, verdict(status)?)?;
    }
    comments::find(tx, site, id)
}

/// Decides about a comment, or corrects its words.
pub async fn update(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<CommentId>("id", "comment")?);
    let wanted: CommentChange = strict::read(&ctx.body(payload).await?)?;
    let changed = ctx.write(move |tx| change(tx, site, id, &wanted)).await?;
    Ok(ok(&CommentView::from(changed), None)?)
}

/// Deletes a comment for good.
pub async fn delete(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<CommentId>("id", "comment")?);
    ctx.write(move |tx| comments::delete(tx, site, id)).await?;
    Ok(done())
}

/// Answers a comment.
pub async fn reply(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<CommentId>("id", "comment")?);
    let ReplyInput { body } = strict::read(&ctx.body(payload).await?)?;
    let made = ctx
        .write(move |tx| {
            let id = comments::reply(tx, site, id, &body)?;
            comments::find(tx, site, id)
        })
        .await?;
    let location = format!("/api/v1/sites/{site}/comments/{}", made.id);
    Ok(created(&CommentView::from(made), &location)?)
}
