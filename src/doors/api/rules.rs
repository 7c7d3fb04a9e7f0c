//! What a site answers before its pages or files: redirects, headers, private folders. Its switches stand among the
//! settings, in the group `web`.

use actix_web::web::Payload;
use freehold_base::{Cursor, FolderId, FolderUserId, HeaderId, RedirectId, Secret};
use freehold_platform::sites::rules::{self, FolderView, Header, NewHeader, Redirect, RedirectInput};
use freehold_store::Tx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, List, created, done, ok};
use super::strict;

/// Parameters of the lists.
pub const QUERY: &[&str] = &["limit", "after", "fields"];

/// A redirect, sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedirectBody {
    /// `exact`, `prefix` or `pattern`; `exact` without it.
    #[serde(default)]
    pub how: String,
    /// The address it is for.
    pub source: String,
    /// Where it leads.
    pub target: String,
    /// 301, 302, 307 or 308; 301 without it.
    #[serde(default)]
    pub status: i64,
    /// Whether what stands after `?` goes along; so without it.
    #[serde(default = "yes")]
    pub keep_query: bool,
}

fn yes() -> bool {
    true
}

impl RedirectBody {
    fn input(self) -> RedirectInput {
        let Self { how, source, target, status, keep_query } = self;
        RedirectInput { how, source, target, status, keep_query }
    }
}

/// A redirect.
#[derive(Debug, Serialize, ToSchema)]
pub struct RedirectOut {
    /// Its id.
    pub id: i64,
    /// `exact`, `prefix` or `pattern`.
    pub how: String,
    /// The address it is for.
    pub source: String,
    /// Where it leads.
    pub target: String,
    /// 301, 302, 307 or 308.
    pub status: i64,
    /// Whether what stands after `?` goes along.
    pub keep_query: bool,
    /// When it was made.
    pub created_at: String,
}

impl From<Redirect> for RedirectOut {
    fn from(r: Redirect) -> Self {
        Self {
            id: r.id.get(),
            how: r.how,
            source: r.source,
            target: r.target,
            status: r.status,
            keep_query: r.keep_query,
            created_at: r.created_at.rfc3339(),
        }
    }
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct Made {
    /// Its id.
    pub id: i64,
}

/// Rows by their ids, a page of them.
fn page<R, T>(
    ctx: &ApiCtx,
    mut rows: Vec<R>,
    id: impl Fn(&R) -> i64,
    view: impl FnMut(R) -> T,
) -> freehold_base::Result<actix_web::HttpResponse>
where
    T: Serialize,
{
    let query = ctx.query(QUERY)?;
    let (page, limit) = query.page()?;
    let after = page.after.as_ref().map_or(0, |c| c.id);
    rows.sort_by_key(&id);
    rows.retain(|row| id(row) > after);
    rows.truncate(limit + 1);
    let list = List::of(rows, limit, |row| Cursor { key: String::new(), id: id(row) }, view);
    ok(&list, query.get("fields"))
}

/// Redirects.
pub async fn redirects(ctx: ApiCtx) -> ApiReply {
    let site = ctx.site;
    let rows = ctx.read(move |tx| rules::redirects(tx, site)).await?;
    Ok(page(&ctx, rows, |r| r.id.get(), RedirectOut::from)?)
}

async fn put(ctx: &ApiCtx, id: Option<RedirectId>, input: RedirectInput) -> freehold_base::Result<RedirectId> {
    let site = ctx.site;
    let check = move |tx: &mut Tx<'_>| rules::check_redirect(tx, site, id, &input);
    let checked = ctx.app.store.read_async(&ctx.actor, check).await?;
    ctx.write(move |tx| rules::put_redirect(tx, &checked)).await
}

/// Adds one.
pub async fn add_redirect(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input = strict::read::<RedirectBody>(&ctx.body(payload).await?)?.input();
    let site = ctx.site;
    let id = put(&ctx, None, input).await?;
    Ok(created(&Made { id: id.get() }, &format!("/api/v1/sites/{site}/redirects/{id}"))?)
}

/// Replaces one.
pub async fn change_redirect(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let id = ctx.id::<RedirectId>("id", "redirect")?;
    let input = strict::read::<RedirectBody>(&ctx.body(payload).await?)?.input();
    put(&ctx, Some(id), input).await?;
    Ok(done())
}

/// Removes one.
pub async fn remove_redirect(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<RedirectId>("id", "redirect")?);
    ctx.write(move |tx| rules::remove_redirect(tx, site, id)).await?;
    Ok(done())
}

/// Redirects as CSV.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Csv {
    /// Lines of `source,target,status,how,query`.
    pub csv: String,
}

/// What an import did.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportOut {
    /// New redirects.
    pub added: usize,
    /// Replaced redirects.
    pub changed: usize,
    /// Lines that cannot be taken; with one of these nothing was stored.
    pub refused: Vec<RefusedLine>,
}

/// A line that cannot be taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedLine {
    /// Its number, from 1.
    pub line: usize,
    /// Why.
    pub why: String,
}

/// All redirects as CSV.
pub async fn export(ctx: ApiCtx) -> ApiReply {
    let site = ctx.site;
    let csv = ctx.read(move |tx| rules::export_csv(tx, site)).await?;
    Ok(ok(&Csv { csv }, None)?)
}

/// Brings redirects in: all of them or none.
pub async fn import(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let Csv { csv } = strict::read(&ctx.body(payload).await?)?;
    let site = ctx.site;
    let checked = ctx.app.store.read_async(&ctx.actor, move |tx| rules::check_csv(tx, site, &csv)).await?;
    let found = ctx.write(move |tx| rules::put_csv(tx, &checked)).await?;
    let refused = found.refused.into_iter().map(|(line, why)| RefusedLine { line, why }).collect();
    Ok(ok(&ImportOut { added: found.added, changed: found.changed, refused }, None)?)
}

/// What would happen to a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialOut {
    /// The address in its canonical form.
    pub path: String,
    /// What happens, in order.
    pub steps: Vec<StepOut>,
}

/// One thing that happens.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepOut {
    /// `redirect`, `password`, `header` or `answer`.
    pub kind: &'static str,
    /// In words.
    pub text: String,
}

/// Says which rule answers an address.
pub async fn try_address(ctx: ApiCtx) -> ApiReply {
    let address = ctx.query(&["address"])?.get("address").unwrap_or_default().to_owned();
    let site = ctx.site;
    let trial = ctx.read(move |tx| rules::try_address(tx, site, &address)).await?;
    let steps = trial.steps.into_iter().map(|s| StepOut { kind: s.kind, text: s.text }).collect();
    Ok(ok(&TrialOut { path: trial.path, steps }, None)?)
}

/// A header, sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeaderBody {
    /// Only below this folder; the whole site without it.
    #[serde(default)]
    pub folder: String,
    /// Only for names that end so; all without it.
    #[serde(default)]
    pub ending: String,
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// A header.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeaderOut {
    /// Its id.
    pub id: i64,
    /// The folder it is for.
    pub folder: String,
    /// The ending of names it is for.
    pub ending: String,
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

impl From<Header> for HeaderOut {
    fn from(h: Header) -> Self {
        Self { id: h.id.get(), folder: h.prefix, ending: h.ending, name: h.name, value: h.value }
    }
}

/// Headers.
pub async fn headers(ctx: ApiCtx) -> ApiReply {
    let site = ctx.site;
    let rows = ctx.read(move |tx| rules::headers(tx, site)).await?;
    Ok(page(&ctx, rows, |h| h.id.get(), HeaderOut::from)?)
}

/// Adds one.
pub async fn add_header(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let HeaderBody { folder: prefix, ending, name, value } = strict::read(&ctx.body(payload).await?)?;
    let (site, new) = (ctx.site, NewHeader { prefix, ending, name, value });
    let id = ctx.write(move |tx| rules::add_header(tx, site, &new)).await?;
    Ok(created(&Made { id: id.get() }, &format!("/api/v1/sites/{site}/headers/{id}"))?)
}

/// Removes one.
pub async fn remove_header(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<HeaderId>("id", "header")?);
    ctx.write(move |tx| rules::remove_header(tx, site, id)).await?;
    Ok(done())
}

/// A folder to make private.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FolderBody {
    /// Its address.
    pub folder: String,
    /// What a browser shows when it asks.
    #[serde(default)]
    pub title: String,
}

/// A private folder.
#[derive(Debug, Serialize, ToSchema)]
pub struct FolderOut {
    /// Its id.
    pub id: i64,
    /// Its address.
    pub folder: String,
    /// What a browser shows when it asks.
    pub title: String,
    /// Who may open it.
    pub people: Vec<FolderPerson>,
}

/// Somebody who may open a private folder.
#[derive(Debug, Serialize, ToSchema)]
pub struct FolderPerson {
    /// Their id.
    pub id: i64,
    /// The name they type.
    pub name: String,
}

impl From<FolderView> for FolderOut {
    fn from(f: FolderView) -> Self {
        let people = f.people.into_iter().map(|p| FolderPerson { id: p.id.get(), name: p.name }).collect();
        Self { id: f.folder.id.get(), folder: f.folder.prefix, title: f.folder.title, people }
    }
}

/// Private folders.
pub async fn folders(ctx: ApiCtx) -> ApiReply {
    let site = ctx.site;
    let rows = ctx.read(move |tx| rules::folders(tx, site)).await?;
    Ok(page(&ctx, rows, |f| f.folder.id.get(), FolderOut::from)?)
}

/// Makes one private.
pub async fn add_folder(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let FolderBody { folder, title } = strict::read(&ctx.body(payload).await?)?;
    let site = ctx.site;
    let id = ctx.write(move |tx| rules::add_folder(tx, site, &folder, &title)).await?;
    Ok(created(&Made { id: id.get() }, &format!("/api/v1/sites/{site}/private-folders/{id}"))?)
}

/// Opens one to everybody.
pub async fn remove_folder(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<FolderId>("id", "folder")?);
    ctx.write(move |tx| rules::remove_folder(tx, site, id)).await?;
    Ok(done())
}

/// Somebody to let in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonBody {
    /// The name they type.
    pub name: String,
    /// Their password.
    pub password: String,
}

/// Lets somebody in, or gives them another password.
pub async fn let_in(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let PersonBody { name, password } = strict::read(&ctx.body(payload).await?)?;
    let (site, folder) = (ctx.site, ctx.id::<FolderId>("id", "folder")?);
    let hash = ctx.app.accounts.new_password_async(Secret::text(password), &[&name]).await?.into_hash();
    let id = ctx.write(move |tx| rules::add_folder_user(tx, site, folder, &name, &hash)).await?;
    Ok(created(&Made { id: id.get() }, &format!("/api/v1/sites/{site}/private-folders/{folder}/people/{id}"))?)
}

/// Takes somebody off.
pub async fn shut_out(ctx: ApiCtx) -> ApiReply {
    let (site, folder) = (ctx.site, ctx.id::<FolderId>("id", "folder")?);
    let person = ctx.id::<FolderUserId>("person", "person")?;
    ctx.write(move |tx| rules::remove_folder_user(tx, site, folder, person)).await?;
    Ok(done())
}
