//! Making, changing and revoking logins.

use actix_web::web::Path;
use freehold_base::secret::random_token;
use freehold_base::{Code, Error, FieldError, KeyId, LoginId, Result, Secret};
use freehold_hosting::access::{Generated, KeyText, LoginChange, LoginRequest, Place, Services, keys, logins};
use freehold_platform::accounts::NewPassword;

use super::one::{self, Shown};
use super::page;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::refused::{Confirm, Sent, confirm};

/// Characters of a password that is made here.
const MADE_CHARS: usize = 20;

/// Makes a login. A password that is left out is made here and shown once.
pub async fn create(ctx: Ctx, form: Form) -> Reply {
    match make(&ctx, &form).await {
        Ok((id, made)) => match made {
            Some(made) => Ok(one::page(&ctx, id, &Form::default(), Shown::password(made), None).await?),
            None => Ok(ctx.go(&format!("{}/access/{id}?done=added", ctx.base()))),
        },
        Err(e @ Error::Invalid(_)) => Ok(page(&ctx, &form, Some(&e)).await?),
        Err(e) => Err(e.into()),
    }
}

async fn make(ctx: &Ctx, form: &Form) -> Result<(LoginId, Option<String>)> {
    let request = LoginRequest {
        name: form.get("name").to_owned(),
        home: form.get("home").to_owned(),
        read_only: form.has("read_only"),
        services: Services::parse(&form.all("services").join(" "))?,
    };
    let (password, made) = password(ctx, form, &request.name).await?;
    let site = ctx.site;
    let id = ctx
        .write(move |tx| {
            let place = Place::of_site(tx, site)?;
            logins::create(tx, place, &request, Some(&password))
        })
        .await?;
    Ok((id, made))
}

/// The password as typed, or one made here and its text.
async fn password(ctx: &Ctx, form: &Form, name: &str) -> Result<(NewPassword, Option<String>)> {
    let made = match form.get("password") {
        "" => Some(random_token()?.chars().take(MADE_CHARS).collect::<String>()),
        _ => None,
    };
    let text = made.clone().unwrap_or_else(|| form.get("password").to_owned());
    let new = ctx.app.accounts.new_password_async(Secret::text(text), &[name]).await?;
    Ok((new, made))
}

/// Changes one login, its password or its keys, or takes it away.
pub async fn change(ctx: Ctx, path: Path<(i64, LoginId)>, form: Form) -> Reply {
    let id = path.1;
    let wanted = form.get("do").to_owned();
    if wanted == "revoke" && !form.has("sure") {
        return sure(&ctx, id).await;
    }
    match act(&ctx, id, &wanted, &form).await {
        Ok(Done::Shown(shown)) => Ok(one::page(&ctx, id, &Form::default(), shown, None).await?),
        Ok(Done::Word(word)) => Ok(ctx.go(&format!("{}/access/{id}?done={word}", ctx.base()))),
        Ok(Done::Gone) => Ok(ctx.go(&format!("{}/access?done=login-revoked", ctx.base()))),
        Err(e @ Error::Invalid(_)) => {
            let e = at_its_field(e, &wanted);
            Ok(one::page(&ctx, id, &form, Shown::default(), Some(&e)).await?)
        }
        Err(e) => Err(e.into()),
    }
}

/// What came of it.
enum Done {
    Shown(Shown),
    Word(&'static str),
    Gone,
}

async fn act(ctx: &Ctx, id: LoginId, wanted: &str, form: &Form) -> Result<Done> {
    let site = ctx.site;
    match wanted {
        "save" => {
            let change = LoginChange {
                home: form.get("home").to_owned(),
                read_only: form.has("read_only"),
                services: Services::parse(&form.all("services").join(" "))?,
            };
            ctx.write(move |tx| {
                let place = Place::of_site(tx, site)?;
                logins::change(tx, place, id, &change)
            })
            .await?;
            Ok(Done::Word("saved"))
        }
        "password" => {
            let (new, made) = password(ctx, form, form.get("name")).await?;
            set_password(ctx, id, Some(new)).await?;
            Ok(made.map_or(Done::Word("login-password"), |made| Done::Shown(Shown::password(made))))
        }
        "no-password" => {
            set_password(ctx, id, None).await?;
            Ok(Done::Word("login-password"))
        }
        "add-key" => {
            add(ctx, id, KeyText::parse(form.get("key"), form.get("key_name"))?).await?;
            Ok(Done::Word("added"))
        }
        "make-key" => {
            let made: Generated = keys::generate(form.get("key_name"))?;
            add(ctx, id, made.public.clone()).await?;
            Ok(Done::Shown(Shown::key(&made)))
        }
        "remove-key" => {
            let key = KeyId(form.number("key_id"));
            ctx.write(move |tx| {
                let place = Place::of_site(tx, site)?;
                keys::remove_from_login(tx, place, id, key)
            })
            .await?;
            Ok(Done::Word("removed"))
        }
        "revoke" => {
            ctx.write(move |tx| {
                let place = Place::of_site(tx, site)?;
                logins::revoke(tx, place, id)
            })
            .await?;
            Ok(Done::Gone)
        }
        _ => {
            Err(Error::refused(Code::NotAllowed, "save, password, no-password, add-key, make-key, remove-key, revoke"))
        }
    }
}

async fn set_password(ctx: &Ctx, id: LoginId, new: Option<NewPassword>) -> Result<()> {
    let site = ctx.site;
    ctx.write(move |tx| {
        let place = Place::of_site(tx, site)?;
        logins::set_password(tx, place, id, new.as_ref())
    })
    .await
}

async fn add(ctx: &Ctx, id: LoginId, key: KeyText) -> Result<KeyId> {
    let site = ctx.site;
    ctx.write(move |tx| {
        let place = Place::of_site(tx, site)?;
        keys::add_to_login(tx, place, id, &key)
    })
    .await
}

/// The name of a key has its own field beside the login's.
pub(in crate::panel) fn at_its_field(e: Error, wanted: &str) -> Error {
    match e {
        Error::Invalid(fields) if wanted.ends_with("-key") => Error::Invalid(
            fields
                .into_iter()
                .map(|f| if f.field == "name" { FieldError { field: "key_name".into(), ..f } } else { f })
                .collect(),
        ),
        other => other,
    }
}

async fn sure(ctx: &Ctx, id: LoginId) -> Reply {
    let site = ctx.site;
    let view = ctx
        .read(move |tx| {
            let place = Place::of_site(tx, site)?;
            logins::one(tx, place, id)
        })
        .await?;
    let name = view.login.name;
    let view = Confirm {
        title: format!("Revoke {name}?"),
        text: "Programs that use this login are cut off at once, and its SSH keys are gone. The files stay.".into(),
        items: Vec::new(),
        keep: "Keep it",
        back: format!("{}/access/{id}", ctx.base()),
        label: "Revoke the login".into(),
        action: ctx.path.clone(),
        fields: vec![Sent::new("do", "revoke"), Sent::new("sure", 1)],
    };
    confirm(ctx, &view).await
}
