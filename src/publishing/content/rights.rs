//! Who may write and publish which entry.

use freehold_base::{Capability, Error, Result, SiteId};
use freehold_store::{SiteScope, Tx};

use super::Entry;

/// The scope, if the actor may make an entry of this kind. Pages are the editors'.
pub(super) fn to_create(tx: &mut Tx<'_>, site: SiteId, kind: &str) -> Result<SiteScope> {
    let needed = if kind == "post" { Capability::EntriesWriteOwn } else { Capability::EntriesWriteAll };
    tx.authorize(site, needed)
}

/// Fails unless the actor may change this entry. Somebody who may only write drafts may not change what is live.
pub(super) fn to_change(tx: &Tx<'_>, scope: SiteScope, entry: &Entry) -> Result<()> {
    if scope.has(Capability::EntriesWriteAll) {
        return Ok(());
    }
    if tx.actor().user() != Some(entry.author_id) || entry.kind != "post" {
        // A stranger's draft is not their business at all; what is live they can see anyway.
        return if entry.is_live() { Err(Error::denied()) } else { Err(Error::not_found("entry")) };
    }
    scope.need(Capability::EntriesWriteOwn)?;
    if matches!(entry.status.as_str(), "published" | "scheduled") {
        scope.need(Capability::EntriesPublishOwn)
    } else {
        Ok(())
    }
}

/// Fails unless the actor may make this entry public.
pub(super) fn to_publish(tx: &Tx<'_>, scope: SiteScope, entry: &Entry) -> Result<()> {
    if scope.has(Capability::EntriesPublishAll) {
        return Ok(());
    }
    if tx.actor().user() == Some(entry.author_id) && entry.kind == "post" {
        scope.need(Capability::EntriesPublishOwn)
    } else {
        Err(Error::denied())
    }
}

/// Whether the actor may read an entry that is not public.
pub(super) fn may_read(tx: &Tx<'_>, scope: SiteScope, entry: &Entry) -> bool {
    scope.has(Capability::EntriesWriteAll)
        || (tx.actor().user() == Some(entry.author_id) && scope.has(Capability::EntriesWriteOwn))
        || (entry.is_live() && scope.has(Capability::SiteRead))
}
