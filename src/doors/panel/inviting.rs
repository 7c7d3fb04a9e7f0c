//! Bringing people in by address, with the mail that tells them.

use freehold_base::Result;
use freehold_platform::accounts::{Invitation, Invited};
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
    app.outbox.queue(tx, &letter)?;
    Ok(invited)
}

impl Ctx {
    /// Invites somebody in the name of who is signed in.
    pub(super) async fn invite(&self, invitation: Invitation) -> Result<Invited> {
        let app = self.app.clone();
        let from = self.person.as_ref().map(|p| p.name.clone()).unwrap_or_default();
        self.write(move |tx| invite_in(&app, tx, &from, &invitation)).await
    }
}
