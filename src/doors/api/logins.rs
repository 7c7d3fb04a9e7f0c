//! Logins to the files of a site's account: twins of the panel's page.

use actix_web::web::Payload;
use freehold_base::{KeyId, LoginId, Result, Secret, Timestamp};
use freehold_hosting::access::{KeyText, LoginChange, LoginRequest, LoginView, Place, Services, keys, logins};
use freehold_store::access_logins::Key;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ctx::{ApiCtx, ApiReply, created, done, ok};
use super::strict;

/// A login to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLoginInput {
    /// What is typed as the user name.
    pub name: String,
    /// Folder below the account's home that it cannot leave; empty: the home.
    #[serde(default)]
    pub folder: String,
    /// Whether it changes nothing.
    #[serde(default)]
    pub read_only: bool,
    /// `sftp`, `webdav`, `ftp`.
    pub services: Vec<String>,
    /// Its password; null: only SSH keys open it.
    #[serde(default)]
    pub password: Option<String>,
}

/// What of a login shall be otherwise. What is not named stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LoginInput {
    /// Folder below the account's home.
    pub folder: Option<String>,
    /// Whether it changes nothing.
    pub read_only: Option<bool>,
    /// `sftp`, `webdav`, `ftp`.
    pub services: Option<Vec<String>>,
}

/// A new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordInput {
    /// The password; null takes it away, so that only SSH keys open the login.
    pub password: Option<String>,
}

/// An SSH key to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyInput {
    /// The public key as OpenSSH writes it.
    pub key: String,
    /// What it is called; without it the key's comment.
    #[serde(default)]
    pub name: String,
}

/// An SSH key.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoginKey {
    /// Its id.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// `ssh-ed25519` and the like.
    pub kind: String,
    /// `SHA256:…`
    pub fingerprint: String,
    /// When it was added.
    pub created_at: String,
    /// When it was last used; null: never.
    pub used_at: Option<String>,
}

/// A login.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoginOut {
    /// Its id.
    pub id: i64,
    /// What is typed as the user name.
    pub name: String,
    /// Folder below the account's home; empty: the home.
    pub folder: String,
    /// Whether it changes nothing.
    pub read_only: bool,
    /// What it opens.
    pub services: Vec<&'static str>,
    /// Whether it has a password.
    pub has_password: bool,
    /// Its SSH keys.
    pub keys: Vec<LoginKey>,
    /// When it was made.
    pub created_at: String,
    /// When it was last used; null: never.
    pub used_at: Option<String>,
}

/// Logins of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoginList {
    /// All of them, by name.
    pub items: Vec<LoginOut>,
}

fn moment(at: Timestamp) -> Option<String> {
    (at.ms() != 0).then(|| at.rfc3339())
}

impl From<Key> for LoginKey {
    fn from(k: Key) -> Self {
        let (created_at, used_at) = (k.created_at.rfc3339(), moment(k.used_at));
        Self { id: k.id.get(), name: k.name, kind: k.kind, fingerprint: k.fingerprint, created_at, used_at }
    }
}

impl From<LoginView> for LoginOut {
    fn from(view: LoginView) -> Self {
        let (services, has_password) = (view.services(), view.has_password());
        let login = view.login;
        Self {
            id: login.id.get(),
            name: login.name,
            folder: login.home,
            read_only: login.read_only,
            services: services.iter().map(|s| s.name()).collect(),
            has_password,
            keys: view.keys.into_iter().map(LoginKey::from).collect(),
            created_at: login.created_at.rfc3339(),
            used_at: moment(login.used_at),
        }
    }
}

async fn shown(ctx: &ApiCtx, id: LoginId) -> Result<LoginOut> {
    let site = ctx.site;
    let view = ctx
        .read(move |tx| {
            let place = Place::of_site(tx, site)?;
            logins::one(tx, place, id)
        })
        .await?;
    Ok(view.into())
}

/// All logins by name: an account has 200 at most.
pub async fn list(ctx: ApiCtx) -> ApiReply {
    let site = ctx.site;
    let all = ctx
        .read(move |tx| {
            let place = Place::of_site(tx, site)?;
            logins::list(tx, place)
        })
        .await?;
    Ok(ok(&LoginList { items: all.into_iter().map(LoginOut::from).collect() }, None)?)
}

/// One login.
pub async fn read(ctx: ApiCtx) -> ApiReply {
    let id = ctx.id::<LoginId>("id", "login")?;
    Ok(ok(&shown(&ctx, id).await?, None)?)
}

/// Makes a login.
pub async fn create(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let input: NewLoginInput = strict::read(&ctx.body(payload).await?)?;
    let request = LoginRequest {
        services: Services::parse(&input.services.join(" "))?,
        home: input.folder,
        read_only: input.read_only,
        name: input.name,
    };
    let password = match input.password {
        Some(text) => Some(ctx.app.accounts.new_password_async(Secret::text(text), &[&request.name]).await?),
        None => None,
    };
    let site = ctx.site;
    let id = ctx
        .write(move |tx| {
            let place = Place::of_site(tx, site)?;
            logins::create(tx, place, &request, password.as_ref())
        })
        .await?;
    Ok(created(&shown(&ctx, id).await?, &format!("/api/v1/sites/{site}/logins/{id}"))?)
}

/// Changes what a login opens.
pub async fn update(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<LoginId>("id", "login")?);
    let input: LoginInput = strict::read(&ctx.body(payload).await?)?;
    let services = input.services.map(|names| Services::parse(&names.join(" "))).transpose()?;
    let (folder, read_only) = (input.folder, input.read_only);
    ctx.write(move |tx| {
        let place = Place::of_site(tx, site)?;
        let now = logins::one(tx, place, id)?;
        let change = LoginChange {
            home: folder.clone().unwrap_or_else(|| now.login.home.clone()),
            read_only: read_only.unwrap_or(now.login.read_only),
            services: services.unwrap_or_else(|| now.services()),
        };
        logins::change(tx, place, id, &change)
    })
    .await?;
    Ok(ok(&shown(&ctx, id).await?, None)?)
}

/// Takes a login away.
pub async fn delete(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<LoginId>("id", "login")?);
    ctx.write(move |tx| {
        let place = Place::of_site(tx, site)?;
        logins::revoke(tx, place, id)
    })
    .await?;
    Ok(done())
}

/// Sets the password of a login, or takes it away.
pub async fn put_password(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<LoginId>("id", "login")?);
    let PasswordInput { password } = strict::read(&ctx.body(payload).await?)?;
    let name = shown(&ctx, id).await?.name;
    let password = match password {
        Some(text) => Some(ctx.app.accounts.new_password_async(Secret::text(text), &[&name]).await?),
        None => None,
    };
    ctx.write(move |tx| {
        let place = Place::of_site(tx, site)?;
        logins::set_password(tx, place, id, password.as_ref())
    })
    .await?;
    Ok(done())
}

/// Adds an SSH key to a login.
pub async fn add_key(ctx: ApiCtx, payload: Payload) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<LoginId>("id", "login")?);
    let input: KeyInput = strict::read(&ctx.body(payload).await?)?;
    let key = KeyText::parse(&input.key, &input.name)?;
    ctx.write(move |tx| {
        let place = Place::of_site(tx, site)?;
        keys::add_to_login(tx, place, id, &key)
    })
    .await?;
    Ok(created(&shown(&ctx, id).await?, &format!("/api/v1/sites/{site}/logins/{id}"))?)
}

/// Takes an SSH key from a login.
pub async fn remove_key(ctx: ApiCtx) -> ApiReply {
    let (site, id) = (ctx.site, ctx.id::<LoginId>("id", "login")?);
    let key = ctx.id::<KeyId>("key", "SSH key")?;
    ctx.write(move |tx| {
        let place = Place::of_site(tx, site)?;
        keys::remove_from_login(tx, place, id, key)
    })
    .await?;
    Ok(done())
}
