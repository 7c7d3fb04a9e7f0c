//! Changing files of a site's account: folders, places, permissions, the trash, archives, versions, uploads.

use actix_web::web::Payload;
use freehold_base::{Code, Error, JailPath, Result};
use freehold_hosting::files::{Clash, Existing, Finding, Format, Target};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, done, ok};
use super::files::{FileView, IdsView, JobRef, PathView, UploadView, on};
use super::strict;

/// One path.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PathInput {
    /// From the top of the account's files.
    pub path: String,
}

/// Several paths.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PathsInput {
    /// From the top of the account's files.
    pub paths: Vec<String>,
}

/// What goes where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveInput {
    /// What.
    pub path: String,
    /// Its new path.
    pub to: String,
    /// Where the name is taken: `refuse` (as without it), `replace`, `keep_both`.
    #[serde(default)]
    pub exists: Option<String>,
}

/// What happens where a name is taken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClashInput {
    /// `refuse` (as without it), `replace`, `keep_both`.
    #[serde(default)]
    pub exists: Option<String>,
}

/// Permissions.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModeInput {
    /// Of what.
    pub path: String,
    /// Three octal digits: `644`.
    pub mode: String,
}

/// An archive to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackInput {
    /// What goes into it.
    pub paths: Vec<String>,
    /// Its path: the name ends in `.zip`, `.tar.gz`, `.tar.zst` or `.tar`.
    pub archive: String,
    /// Where the name is taken: `refuse` (as without it), `replace`, `keep_both`.
    #[serde(default)]
    pub exists: Option<String>,
}

/// An archive to be unpacked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnpackInput {
    /// The archive.
    pub archive: String,
    /// A folder that is there; a new one beside the archive without it.
    #[serde(default)]
    pub into: Option<String>,
    /// Replace files that are there.
    #[serde(default)]
    pub replace: bool,
}

/// An upload in pieces.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadInput {
    /// Where it goes.
    pub path: String,
    /// How long it will be.
    pub bytes: u64,
    /// Where the name is taken: `refuse` (as without it), `replace`, `keep_both`.
    #[serde(default)]
    pub exists: Option<String>,
    /// What the sender knows of the bytes, as a time or a hash: an upload of the same person, place, length and
    /// fingerprint that broke off goes on. Without it a new one begins.
    #[serde(default)]
    pub fingerprint: Option<String>,
}

/// Paths whose permissions are repaired.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RepairInput {
    /// From the top of the account's files; null: all that the check finds.
    #[serde(default)]
    pub paths: Option<Vec<String>>,
}

/// What the check of permissions found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingsView {
    /// By path; at most 500.
    pub items: Vec<FindingView>,
}

/// A path that more people may read or write than should.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingView {
    /// Where.
    pub path: String,
    /// What is wrong.
    pub why: &'static str,
    /// Permissions now: three octal digits.
    pub mode: String,
    /// Permissions after the repair.
    pub repaired: String,
}

/// What a repair did.
#[derive(Debug, Serialize, ToSchema)]
pub struct RepairedView {
    /// How many files and folders were repaired.
    pub repaired: usize,
}

fn clash(word: Option<&str>) -> Result<Clash> {
    Clash::by_name(word.unwrap_or("refuse"))
}

fn paths(texts: &[String]) -> Result<Vec<JailPath>> {
    texts.iter().map(|text| JailPath::parse(text)).collect()
}

/// Makes a folder and those above it.
pub async fn new_folder(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: PathInput = strict::read(&ctx.body(payload).await?)?;
    let path = JailPath::parse(&input.path)?;
    let made = path.clone();
    on(&ctx, move |files| files.new_folder(&made)).await?;
    let location = format!("/api/v1/sites/{}/files", ctx.site);
    Ok(super::ctx::created(&PathView { path: path.to_string() }, &location)?)
}

/// Moves or renames.
pub async fn move_to(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: MoveInput = strict::read(&ctx.body(payload).await?)?;
    let (path, to) = (JailPath::parse(&input.path)?, JailPath::parse(&input.to)?);
    let clash = clash(input.exists.as_deref())?;
    let path = on(&ctx, move |files| files.move_to(&path, &to, clash)).await?;
    Ok(ok(&PathView { path: path.to_string() }, None)?)
}

/// Copies.
pub async fn copy_to(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: MoveInput = strict::read(&ctx.body(payload).await?)?;
    let (path, to) = (JailPath::parse(&input.path)?, JailPath::parse(&input.to)?);
    let clash = clash(input.exists.as_deref())?;
    let path = on(&ctx, move |files| files.copy_to(&path, &to, clash)).await?;
    Ok(ok(&PathView { path: path.to_string() }, None)?)
}

/// Sets permissions.
pub async fn set_mode(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: ModeInput = strict::read(&ctx.body(payload).await?)?;
    let path = JailPath::parse(&input.path)?;
    let wrong = |_| Error::invalid("mode", Code::NotAllowed, "three digits from 0 to 7, as 644");
    let mode = u16::from_str_radix(&input.mode, 8).map_err(wrong)?;
    on(&ctx, move |files| files.set_mode(&path, mode)).await?;
    Ok(done())
}

/// Puts files and folders into the trash.
pub async fn trash(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: PathsInput = strict::read(&ctx.body(payload).await?)?;
    let paths = paths(&input.paths)?;
    let ids = on(&ctx, move |files| files.trash(&paths)).await?;
    Ok(ok(&IdsView { ids }, None)?)
}

/// Brings something back from the trash.
pub async fn restore(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let id: i64 = ctx.id("id", "file")?;
    let input: ClashInput = strict::read(&ctx.body(payload).await?)?;
    let clash = clash(input.exists.as_deref())?;
    let path = on(&ctx, move |files| files.restore(id, clash)).await?;
    Ok(ok(&PathView { path: path.to_string() }, None)?)
}

/// Deletes for good what lies in the trash.
pub async fn delete(ctx: ApiCtx) -> ApiReply {
    let id: i64 = ctx.id("id", "file")?;
    on(&ctx, move |files| files.delete_for_good(&[id])).await?;
    Ok(done())
}

/// Queues the making of an archive.
pub async fn pack(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: PackInput = strict::read(&ctx.body(payload).await?)?;
    let (paths, archive) = (paths(&input.paths)?, JailPath::parse(&input.archive)?);
    let clash = clash(input.exists.as_deref())?;
    let format = Format::wanted(&archive)?;
    let job = on(&ctx, move |files| files.pack_later(&paths, &archive, format, clash)).await?;
    Ok(ok(&JobRef { job: job.get() }, None)?)
}

/// Queues the unpacking of an archive.
pub async fn unpack(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: UnpackInput = strict::read(&ctx.body(payload).await?)?;
    let archive = JailPath::parse(&input.archive)?;
    let existing = if input.replace { Existing::Replace } else { Existing::Refuse };
    let target = input.into.as_deref().map(JailPath::parse).transpose()?.map(|folder| Target::Into(folder, existing));
    let job = on(&ctx, move |files| files.unpack_later(&archive, target.as_ref())).await?;
    Ok(ok(&JobRef { job: job.get() }, None)?)
}

/// Brings a state of a text file back.
pub async fn restore_version(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let id: i64 = ctx.id("id", "version")?;
    let input: PathInput = strict::read(&ctx.body(payload).await?)?;
    let path = JailPath::parse(&input.path)?;
    let at = path.clone();
    let about = on(&ctx, move |files| files.restore_version(&at, id)?.done()).await?;
    Ok(ok(&FileView::of(&path, &about), None)?)
}

/// Begins an upload in pieces, or finds the same one that broke off.
pub async fn begin_upload(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: UploadInput = strict::read(&ctx.body(payload).await?)?;
    let path = JailPath::parse(&input.path)?;
    let clash = clash(input.exists.as_deref())?;
    let fingerprint = input.fingerprint.unwrap_or_default();
    let upload = on(&ctx, move |files| files.begin_upload(&path, input.bytes, &fingerprint, clash)).await?;
    Ok(ok(&UploadView::from(upload), None)?)
}

/// Puts a whole upload into its place.
pub async fn finish_upload(ctx: ApiCtx) -> ApiReply {
    let id: i64 = ctx.id("id", "upload")?;
    let (path, _) = on(&ctx, move |files| files.finish_upload(id)).await?;
    Ok(ok(&PathView { path: path.to_string() }, None)?)
}

/// Gives an upload up.
pub async fn cancel_upload(ctx: ApiCtx) -> ApiReply {
    let id: i64 = ctx.id("id", "upload")?;
    on(&ctx, move |files| files.cancel_upload(id)).await?;
    Ok(done())
}

/// What more people may read or write than should.
pub async fn findings(ctx: ApiCtx) -> ApiReply {
    let found = on(&ctx, |files| files.check_permissions(&JailPath::root())).await?;
    let item = |finding: Finding| FindingView {
        path: finding.path.to_string(),
        why: finding.fault.sentence(),
        mode: format!("{:03o}", finding.mode),
        repaired: format!("{:03o}", finding.repaired),
    };
    Ok(ok(&FindingsView { items: found.into_iter().map(item).collect() }, None)?)
}

/// Repairs permissions of these paths, or of all that was found.
pub async fn repair(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let RepairInput { paths: wanted } = strict::read(&ctx.body(payload).await?)?;
    let wanted = wanted.as_deref().map(paths).transpose()?;
    let repaired = on(&ctx, move |files| {
        let paths = match wanted {
            Some(paths) => paths,
            None => files.check_permissions(&JailPath::root())?.into_iter().map(|finding| finding.path).collect(),
        };
        files.repair_permissions(&paths)
    })
    .await?;
    Ok(ok(&RepairedView { repaired }, None)?)
}
