//! Looks at the passwords of private folders, with the hasher and the guard of sign-ins (security rule C5).

use std::sync::Arc;

use freehold_base::{Code, Error, Result};
use freehold_platform::accounts::Accounts;
use freehold_platform::secrets::Verdict;
use freehold_store::{Actor, Store};
use futures_util::future::LocalBoxFuture;

use crate::web::gate::{Asking, Gate};

/// The keeper of all private folders.
pub struct Gatekeeper {
    store: Store,
    accounts: Accounts,
}

impl Gatekeeper {
    /// With these.
    pub fn new(store: Store, accounts: Accounts) -> Arc<Self> {
        Arc::new(Self { store, accounts })
    }
}

impl Gate for Gatekeeper {
    fn opens(&self, asking: Asking) -> LocalBoxFuture<'static, Result<bool>> {
        Box::pin(opens(self.store.clone(), self.accounts.clone(), asking))
    }
}

async fn opens(store: Store, accounts: Accounts, asking: Asking) -> Result<bool> {
    let knock = accounts.knock(asking.site, asking.folder, &asking.name, asking.from);
    let actor = Actor::visitor(&asking.from.to_string());
    let waiting = knock.clone();
    store.read_async(&actor, move |tx| waiting.check(tx)).await?;
    let folder = asking.rules.folders.iter().find(|folder| folder.id == asking.folder);
    let stored = folder.and_then(|folder| folder.people.iter().find(|(name, _)| *name == asking.name));
    // The same work for a name that nobody has.
    let verdict = accounts.hasher().verify_async(asking.password, stored.map(|(_, hash)| hash.clone())).await?;
    if matches!(verdict, Verdict::Right { .. }) {
        return Ok(true);
    }
    store.write_async(&actor, move |tx| knock.fail(tx)).await.or_else(refused_later)?;
    Ok(false)
}

/// A failure that cannot be counted (a full disk) still is one: the folder stays shut.
fn refused_later(e: Error) -> Result<()> {
    if e.as_code() == Code::Internal {
        tracing::error!("a failed password of a private folder is not counted: {e}");
    }
    Ok(())
}
