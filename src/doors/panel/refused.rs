//! Pages that stand between a press and its effect: another role is needed, or the person must be sure.

use actix_web::HttpResponse;
use freehold_base::{Capability as C, Result};
use serde::Serialize;

use super::access::Access;
use super::build_frame::crumb;
use super::ctx::Ctx;
use super::failure::Reply;

#[derive(Serialize)]
struct DeniedView {
    needs: &'static str,
    role: String,
    home_href: &'static str,
    ask: String,
}

/// What a route is for, as the beginning of "… needs another role".
fn purpose(access: Option<Access>) -> &'static str {
    match access {
        Some(
            Access::Site(capability)
            | Access::Account(capability)
            | Access::Customers(capability)
            | Access::Server(capability),
        ) => match capability {
            C::EntriesWriteAll => "Working on pages and on the posts of others",
            C::EntriesWriteOwn => "Writing",
            C::EntriesPublishOwn | C::EntriesPublishAll => "Publishing",
            C::MediaWrite | C::MediaManage => "Uploading and changing files",
            C::TermsAdd | C::TermsManage => "Changing categories and tags",
            C::CommentsModerate => "Deciding about comments",
            C::MenusManage => "Arranging menus",
            C::PeopleManage => "Looking after people",
            C::SettingsManage => "Changing the settings",
            C::DomainsManage => "Looking after domains",
            C::ImportRun => "Importing",
            C::FilesRead => "Looking at files",
            C::FilesWrite => "Changing files",
            C::AccountSites => "Making and deleting sites",
            C::AccessManage => "Working with files",
            C::CronManage | C::TerminalUse => "Running commands",
            C::AccountsRead
            | C::AccountsManage
            | C::AccountsSuspend
            | C::AccountsTerminate
            | C::AccountsOpen
            | C::PlansManage => "Looking after customers",
            C::ServerRead | C::ServerManage => "Looking after the server",
            _ => "This page",
        },
        _ => "This",
    }
}

/// "Your role does not allow this": what is needed, what the person is, and who can help.
///
/// # Errors
/// Database failures.
pub(super) async fn denied(ctx: &Ctx, access: Option<Access>) -> Result<HttpResponse> {
    let mut ctx = ctx.clone();
    let site = ctx.site;
    if !ctx.read(move |tx| Ok(site.get() > 0 && tx.scope_of(site)?.has(C::SiteRead))).await? {
        ctx.site = freehold_base::SiteId(0);
    }
    let frame = ctx.frame("Not allowed", vec![crumb("Not allowed", None)]).await?;
    let site = ctx.site;
    let helpers = if site.get() > 0 {
        ctx.read(move |tx| {
            let scope = tx.authorize(site, C::SiteRead)?;
            freehold_store::roles::helpers(tx, scope)
        })
        .await?
    } else {
        Vec::new()
    };
    let names: Vec<String> = helpers.iter().map(|(name, role)| format!("{name} ({})", role.label())).collect();
    let ask = match names.as_slice() {
        [] => "A hosting admin can change your role.".to_owned(),
        names => format!("{} can change your role.", names.join(" or ")),
    };
    let role = frame.user.as_ref().map(|u| u.role.clone()).unwrap_or_default();
    let view = DeniedView { needs: purpose(access), role, home_href: "/admin", ask };
    ctx.page(403, "system/denied.html", &frame, &view)
}

/// What is about to go, and what is sent again once the person is sure.
#[derive(Serialize)]
pub(super) struct Confirm {
    /// The question, with the name of the thing.
    pub title: String,
    /// What happens, in one or two sentences.
    pub text: String,
    /// Names of what goes; at most 20 are shown.
    pub items: Vec<String>,
    /// Words of the safe button.
    pub keep: &'static str,
    /// Where the safe button leads.
    pub back: String,
    /// Words of the other one.
    pub label: String,
    /// Where it posts.
    pub action: String,
    /// What it sends.
    pub fields: Vec<Sent>,
}

/// One value of a form.
#[derive(Serialize)]
pub(super) struct Sent {
    /// Its name.
    pub name: &'static str,
    /// The value.
    pub value: String,
}

impl Sent {
    /// A value under a name.
    pub(super) fn new(name: &'static str, value: impl ToString) -> Self {
        Self { name, value: value.to_string() }
    }
}

/// Asks before something goes for good: safe button first. Without script this is the only question.
///
/// # Errors
/// Database failures.
pub(super) async fn confirm(ctx: &Ctx, view: &Confirm) -> Reply {
    let frame = ctx.frame(&view.title, vec![crumb(&view.title, None)]).await?;
    Ok(ctx.page(200, "system/confirm.html", &frame, view)?)
}
