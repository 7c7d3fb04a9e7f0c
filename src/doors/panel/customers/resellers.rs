//! Resellers: the list, and one of them with its limits, privileges, people and brand.

use actix_web::HttpResponse;
use actix_web::web::Path;
use freehold_base::capability::PRIVILEGES;
use freehold_base::{Capability as C, Code, Error, Features, ResellerId, Result, Role, UserId};
use freehold_platform::accounts::{Invitation, roles};
use freehold_platform::customers::resellers::{self, Brand, Customers, ResellerEdit, ResellerLimits};
use freehold_store::roles::{self as held, RolePlace};
use serde::Serialize;

use super::limits_form::{self, FeatureCheck, LimitGroup, OF_RESELLERS, features, features_of, groups, of_reseller};
use super::list::{HERE as ACCOUNTS, May};
use super::words::{Meter, bytes_line, count_line, counted};
use crate::panel::auth::{FieldText, error_at};
use crate::panel::build_frame::{crumb, hue};
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;
use crate::panel::form::Form;
use crate::panel::inviting::Told;
use crate::panel::site_people::status_words;

const HERE: &str = "/admin/server/resellers";

#[derive(Serialize)]
struct ListView {
    query: String,
    rows: Vec<Row>,
    may_make: bool,
    summary: String,
}

#[derive(Serialize)]
struct Row {
    href: String,
    name: String,
    initials: String,
    hue: u16,
    accounts: i64,
    accounts_href: String,
    disk: Meter,
    oversell: bool,
    state: &'static str,
    tone: &'static str,
}

/// The list.
pub async fn show(ctx: Ctx) -> Reply {
    let query = ctx.param("q").unwrap_or_default();
    let wanted = query.trim().to_lowercase();
    let lines = ctx.read(resellers::list).await?;
    let frame = ctx.frame("Resellers", vec![crumb("Resellers", None)]).await?;
    let fits = lines.into_iter().filter(|l| l.reseller.name.to_lowercase().contains(&wanted));
    let rows: Vec<Row> = fits
        .map(|l| {
            let limits = ResellerEdit::of(&l.reseller).limits;
            let (state, tone) = state(&l.reseller.status);
            Row {
                href: format!("{HERE}/{}", l.reseller.id),
                initials: freehold_base::text::initials(&l.reseller.name),
                hue: hue(l.reseller.id.get() + 3),
                accounts: l.accounts,
                accounts_href: format!("{ACCOUNTS}?reseller={}", l.reseller.id),
                disk: super::words::bytes_cell("Disk", l.disk_bytes, disk_bytes(&limits)),
                oversell: limits.oversell,
                state,
                tone,
                name: l.reseller.name,
            }
        })
        .collect();
    let view = ListView {
        summary: counted(i64::try_from(rows.len()).unwrap_or(0), "reseller", "resellers"),
        rows,
        may_make: May::of(&ctx).server,
        query,
    };
    Ok(ctx.page(200, "customers/resellers.html", &frame, &view)?)
}

fn state(status: &str) -> (&'static str, &'static str) {
    if status == "suspended" { ("Suspended", "ring") } else { ("Active", "good") }
}

fn disk_bytes(limits: &ResellerLimits) -> Option<u64> {
    limits.disk_mb.map(|mb| mb.saturating_mul(1_000_000))
}

#[derive(Serialize)]
struct OneView {
    action: String,
    title: String,
    new: bool,
    suspended: bool,
    state: &'static str,
    tone: &'static str,
    name: String,
    name_error: String,
    groups: Vec<LimitGroup>,
    oversell: bool,
    features: Vec<FeatureCheck>,
    privileges: Vec<Privilege>,
    brand: BrandView,
    people: Vec<Member>,
    meters: Vec<Meter>,
    accounts_href: String,
    may_change: bool,
    may_brand: bool,
    mail: bool,
    link: String,
    link_for: String,
    email: String,
    email_error: String,
    reason_error: String,
    typed_error: String,
    errors: Vec<FieldText>,
    error: String,
}

#[derive(Serialize)]
struct Privilege {
    name: &'static str,
    label: &'static str,
    on: bool,
}

#[derive(Serialize)]
struct BrandView {
    name: String,
    colour: String,
    support_url: String,
    mail_from: String,
    name_servers: String,
    colour_error: String,
    support_error: String,
    mail_error: String,
    servers_error: String,
    brand_error: String,
}

#[derive(Serialize)]
struct Member {
    id: i64,
    name: String,
    email: String,
    initials: String,
    hue: u16,
    status: &'static str,
    tone: &'static str,
}

/// What a privilege allows, in words.
fn privilege(c: C) -> &'static str {
    match c {
        C::AccountsManage => "Make and change accounts",
        C::AccountsSuspend => "Suspend accounts",
        C::AccountsTerminate => "Close accounts and take them back",
        C::AccountsOpen => "Open accounts as their owner",
        C::PlansManage => "Make own plans",
        other => other.name(),
    }
}

fn privileges(on: &[C]) -> Vec<Privilege> {
    let of = |c: &C| Privilege { name: c.name(), label: privilege(*c), on: on.contains(c) };
    PRIVILEGES.iter().map(of).collect()
}

fn brand_view(brand: &Brand, typed: Option<&Form>, e: Option<&Error>) -> BrandView {
    let text = |name: &str, stored: &str| typed.map_or_else(|| stored.to_owned(), |f| f.get(name).to_owned());
    BrandView {
        name: text("brand", &brand.name),
        colour: text("colour", &brand.colour),
        support_url: text("support_url", &brand.support_url),
        mail_from: text("mail_from", &brand.mail_from),
        name_servers: text("name_servers", &brand.name_servers.join("\n")),
        colour_error: error_at(e, "colour"),
        support_error: error_at(e, "support_url"),
        mail_error: error_at(e, "mail_from"),
        servers_error: error_at(e, "name_servers"),
        brand_error: error_at(e, "name"),
    }
}

fn new_edit() -> ResellerEdit {
    ResellerEdit {
        name: String::new(),
        limits: ResellerLimits { accounts: Some(50), disk_mb: Some(100_000), traffic_gb: Some(1000), oversell: false },
        features: Features::ALL,
        privileges: PRIVILEGES.to_vec(),
    }
}

/// Which form of the page was sent, with what came of it.
#[derive(Default)]
struct Shown<'a> {
    /// Limits and privileges.
    edit: Option<&'a Form>,
    brand: Option<&'a Form>,
    person: Option<&'a Form>,
    e: Option<&'a Error>,
    link: (String, String),
}

/// The form of a new one.
pub async fn new(ctx: Ctx) -> Reply {
    Ok(new_page(&ctx, 200, Shown::default()).await?)
}

async fn new_page(ctx: &Ctx, status: u16, shown: Shown<'_>) -> Result<HttpResponse> {
    let view = view_of(ctx, None, &new_edit(), &Brand::default(), &shown, (Vec::new(), Vec::new()));
    let frame =
        ctx.frame("New reseller", vec![crumb("Resellers", Some(HERE.into())), crumb("New reseller", None)]).await?;
    ctx.page(status, "customers/reseller.html", &frame, &view)
}

/// One reseller.
pub async fn one(ctx: Ctx, id: Path<ResellerId>) -> Reply {
    Ok(page(&ctx, id.into_inner(), 200, Shown::default()).await?)
}

type Around = (Vec<Member>, Vec<Meter>);

async fn page(ctx: &Ctx, id: ResellerId, status: u16, shown: Shown<'_>) -> Result<HttpResponse> {
    let (row, around) = ctx
        .read(move |tx| {
            let row = resellers::find(tx, id)?;
            let limits = ResellerEdit::of(&row).limits;
            let line = resellers::list(tx)?.into_iter().find(|l| l.reseller.id == id);
            let (accounts, disk) = line.map_or((0, 0), |l| (l.accounts, l.disk_bytes));
            let meters = vec![
                count_line("Accounts", accounts, limits.accounts),
                bytes_line("Disk in use", disk, disk_bytes(&limits)),
            ];
            let people = held::people_of(tx, RolePlace::Reseller(id))?.into_iter().map(|(p, _)| {
                let (status, tone) = status_words(&p.status);
                Member {
                    id: p.id.get(),
                    initials: freehold_base::text::initials(&p.name),
                    hue: hue(p.id.get()),
                    name: p.name,
                    email: p.email,
                    status,
                    tone,
                }
            });
            Ok((row, (people.collect::<Vec<_>>(), meters)))
        })
        .await?;
    let brand: Brand = serde_json::from_str(&row.brand).unwrap_or_default();
    let view = view_of(ctx, Some((id, &row.status)), &ResellerEdit::of(&row), &brand, &shown, around);
    let frame = ctx.frame(&row.name, vec![crumb("Resellers", Some(HERE.into())), crumb(&row.name, None)]).await?;
    ctx.page(status, "customers/reseller.html", &frame, &view)
}

fn view_of(
    ctx: &Ctx,
    row: Option<(ResellerId, &str)>,
    edit: &ResellerEdit,
    brand: &Brand,
    shown: &Shown<'_>,
    (people, meters): Around,
) -> OneView {
    let may = May::of(ctx);
    let (state, tone) = state(row.map_or("", |(_, status)| status));
    let (of_edit, of_brand) = (shown.e.filter(|_| shown.edit.is_some()), shown.e.filter(|_| shown.brand.is_some()));
    let of_person = shown.e.filter(|_| shown.person.is_some());
    let is_field = |e: &&&Error| matches!(e, Error::Invalid(_));
    let checked: Vec<C> = match shown.edit {
        Some(form) => PRIVILEGES.iter().copied().filter(|c| form.all("privileges").contains(&c.name())).collect(),
        None => edit.privileges.clone(),
    };
    OneView {
        action: row.map_or_else(|| format!("{HERE}/new"), |(id, _)| format!("{HERE}/{id}")),
        title: if row.is_some() { edit.name.clone() } else { "New reseller".into() },
        new: row.is_none(),
        suspended: row.is_some_and(|(_, status)| status == "suspended"),
        state,
        tone,
        name: shown.edit.map_or_else(|| edit.name.clone(), |f| f.get("name").to_owned()),
        name_error: error_at(of_edit, "name"),
        groups: groups(OF_RESELLERS, &edit.limits, shown.edit, of_edit),
        oversell: shown.edit.map_or(edit.limits.oversell, |f| f.has("oversell")),
        features: features(shown.edit.map_or(edit.features, features_of), Features::ALL),
        privileges: privileges(&checked),
        brand: brand_view(brand, shown.brand, of_brand),
        people,
        meters,
        accounts_href: row.map_or_else(String::new, |(id, _)| format!("{ACCOUNTS}?reseller={id}")),
        may_change: may.server,
        may_brand: may.manage,
        mail: ctx.app.outbox.is_on(),
        link: shown.link.0.clone(),
        link_for: shown.link.1.clone(),
        email: shown.person.map(|f| f.get("email").to_owned()).unwrap_or_default(),
        email_error: error_at(of_person, "email"),
        reason_error: error_at(shown.e, "reason"),
        typed_error: error_at(shown.e, "typed"),
        errors: shown.e.as_ref().filter(is_field).map(|e| limits_form::errors(e)).unwrap_or_default(),
        error: shown.e.as_ref().filter(|e| !is_field(e)).map(|e| e.sentence()).unwrap_or_default(),
    }
}

fn typed(form: &Form) -> Result<ResellerEdit> {
    let on = form.all("privileges");
    Ok(ResellerEdit {
        name: form.get("name").to_owned(),
        limits: of_reseller(form)?,
        features: features_of(form),
        privileges: PRIVILEGES.iter().copied().filter(|c| on.contains(&c.name())).collect(),
    })
}

/// A refusal that this page shows.
fn is_shown(e: &Error) -> bool {
    matches!(
        e,
        Error::Invalid(_) | Error::Refused { code: Code::WrongState | Code::LastOwner | Code::AlreadyExists, .. }
    )
}

/// Makes one.
pub async fn create(ctx: Ctx, form: Form) -> Reply {
    let made = match typed(&form) {
        Ok(edit) => ctx.write(move |tx| resellers::create(tx, &edit)).await,
        Err(e) => Err(e),
    };
    match made {
        Ok(id) => Ok(ctx.go(&format!("{HERE}/{id}?done=reseller"))),
        Err(e) if is_shown(&e) => {
            let shown = Shown { edit: Some(&form), e: Some(&e), ..Shown::default() };
            Ok(new_page(&ctx, e.status(), shown).await?)
        }
        Err(e) => Err(e.into()),
    }
}

/// Limits, features, privileges; suspends it, ends that, deletes it.
pub async fn change(ctx: Ctx, id: Path<ResellerId>, form: Form) -> Reply {
    let (id, wanted) = (id.into_inner(), form.clone());
    let done = ctx.write(move |tx| run(tx, id, &wanted)).await;
    match done {
        Ok("removed") => Ok(ctx.go(&format!("{HERE}?done=removed"))),
        Ok(done) => Ok(ctx.go(&format!("{HERE}/{id}?done={done}"))),
        Err(e) if is_shown(&e) => {
            let edit = (form.get("do") == "save").then_some(&form);
            Ok(page(&ctx, id, e.status(), Shown { edit, e: Some(&e), ..Shown::default() }).await?)
        }
        Err(e) => Err(e.into()),
    }
}

fn run(tx: &mut freehold_store::Tx<'_>, id: ResellerId, form: &Form) -> Result<&'static str> {
    match form.get("do") {
        "suspend" => {
            let reason = freehold_base::text::required_line("reason", form.get("reason"), 200)?;
            resellers::suspend(tx, id, &reason, form.has("with_customers"))?;
            Ok("suspended")
        }
        "unsuspend" => resellers::unsuspend(tx, id).map(|()| "unsuspended"),
        "delete" => {
            let name = resellers::find(tx, id)?.name;
            if form.get("typed").trim() != name {
                return Err(Error::invalid("typed", Code::Malformed, format!("its name, {name}")));
            }
            let what = if form.get("customers") == "close" { Customers::Terminate } else { Customers::Keep };
            resellers::delete(tx, id, what).map(|()| "removed")
        }
        _ => {
            resellers::find(tx, id)?;
            resellers::change(tx, id, &typed(form)?).map(|()| "saved")
        }
    }
}

/// What its customers see.
pub async fn brand(ctx: Ctx, id: Path<ResellerId>, form: Form) -> Reply {
    let id = id.into_inner();
    let wanted = Brand {
        name: form.get("brand").to_owned(),
        colour: form.get("colour").to_owned(),
        support_url: form.get("support_url").to_owned(),
        mail_from: form.get("mail_from").to_owned(),
        name_servers: form.get("name_servers").split_whitespace().map(str::to_owned).collect(),
    };
    match ctx.write(move |tx| resellers::set_brand(tx, id, &wanted)).await {
        Ok(()) => Ok(ctx.go(&format!("{HERE}/{id}?done=saved#brand"))),
        Err(e @ Error::Invalid(_)) => {
            Ok(page(&ctx, id, 422, Shown { brand: Some(&form), e: Some(&e), ..Shown::default() }).await?)
        }
        Err(e) => Err(e.into()),
    }
}

/// People who work for it.
pub async fn people(ctx: Ctx, id: Path<ResellerId>, form: Form) -> Reply {
    let id = id.into_inner();
    let place = RolePlace::Reseller(id);
    ctx.read(move |tx| resellers::find(tx, id).map(|_| ())).await?;
    let here = format!("{HERE}/{id}");
    if form.get("do") == "remove" {
        let user = UserId(form.number("person"));
        return match ctx.write(move |tx| roles::set_role(tx, place, user, None)).await {
            Ok(()) => Ok(ctx.go(&format!("{here}?done=removed#people"))),
            Err(e) => Err(e.into()),
        };
    }
    let invitation =
        Invitation { email: form.get("email").to_owned(), name: String::new(), place, role: Role::Reseller };
    match ctx.invite(invitation).await {
        Ok(invited) => match ctx.told(&invited) {
            Told::Link(link, link_for) => {
                Ok(page(&ctx, id, 200, Shown { link: (link, link_for), ..Shown::default() }).await?)
            }
            Told::Done(done) => Ok(ctx.go(&format!("{here}?done={done}#people"))),
        },
        Err(e) if is_shown(&e) => {
            Ok(page(&ctx, id, e.status(), Shown { person: Some(&form), e: Some(&e), ..Shown::default() }).await?)
        }
        Err(e) => Err(e.into()),
    }
}
