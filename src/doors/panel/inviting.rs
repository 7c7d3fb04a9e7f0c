//! Bringing people in by address, with the mail that tells them.

use freehold_base::{ResellerId, Result};
use freehold_platform::accounts::{Invitation, Invited};
use freehold_platform::customers::resellers;
use freehold_platform::outbox::Letter;
use freehold_platform::sites::settings;
use freehold_store::Tx;
use freehold_store::roles::RolePlace;

use super::app::App;
use super::ctx::Ctx;

/// A place of roles in words for a mail.
fn place_words(app: &App, tx: &mut Tx<'_>, place: RolePlace) -> Result<String> {
    Ok(match place {
        RolePlace::Server => app.panel.hosts.first().cloned().unwrap_or_default(),
        RolePlace::Reseller(id) => {
            format!("the reseller {}", freehold_platform::customers::resellers::find(tx, id)?.name)
        }
        RolePlace::Account(id) => {
            let scope = tx.authorize_account(id, freehold_base::Capability::AccountPeople)?;
            format!("the account {}", freehold_store::accounts::find(tx, scope)?.title)
        }
        RolePlace::Site(id) => {
            let scope = tx.authorize(id, freehold_base::Capability::PeopleManage)?;
            settings::read(tx, scope)?.general.title
        }
    })
}

/// Who sells the account of a place; 0: the installation.
fn seller(tx: &mut Tx<'_>, place: RolePlace) -> Result<ResellerId> {
    Ok(match place {
        RolePlace::Server | RolePlace::Reseller(_) => ResellerId(0),
        RolePlace::Account(id) => tx.holder(id)?.reseller(),
        RolePlace::Site(id) => tx.holder_of(id)?.reseller(),
    })
}

/// Invites in the caller's transaction and queues the mail with it. `from`: name of who invites.
///
/// # Errors
/// As [`freehold_platform::accounts::Accounts::invite`].
pub fn invite_in(app: &App, tx: &mut Tx<'_>, from: &str, invitation: &Invitation) -> Result<Invited> {
    let invited = app.accounts.invite(tx, invitation)?;
    let place = place_words(app, tx, invitation.place)?;
    let (to, role) = (&invited.email, invitation.role.label());
    let letter = match &invited.link {
        Some(link) => Letter::invitation(to, from, role, &place, link.url.reveal_text()),
        None => Letter::welcome(to, to, from, role, &place, &format!("{}/admin", app.panel.url)),
    };
    let seller = seller(tx, invitation.place)?;
    let sender = resellers::brand_of(tx, seller)?.map(|brand| brand.sender());
    app.outbox.queue(tx, &letter.sent_by(sender.as_ref()))?;
    Ok(invited)
}

/// What an inviter is told.
pub(super) enum Told {
    /// A message, by its name.
    Done(&'static str),
    /// The link to bring to the person, and their address.
    Link(String, String),
}

impl Ctx {
    /// What comes of an invitation for who invited. A link is shown where no mail carries it, and only that of somebody
    /// who is new here: it opens no rights that others gave, and no sign-in that was somebody's before.
    pub(super) fn told(&self, invited: &Invited) -> Told {
        match &invited.link {
            _ if self.app.outbox.is_on() => Told::Done("invited"),
            Some(link) if invited.may_show_link => Told::Link(link.url.reveal_text().to_owned(), invited.email.clone()),
            Some(_) => Told::Done("invited-before"),
            None => Told::Done("joined"),
        }
    }

    /// Invites somebody in the name of who is signed in.
    pub(super) async fn invite(&self, invitation: Invitation) -> Result<Invited> {
        let app = self.app.clone();
        let from = self.person.as_ref().map(|p| p.name.clone()).unwrap_or_default();
        self.write(move |tx| invite_in(&app, tx, &from, &invitation)).await
    }
}
