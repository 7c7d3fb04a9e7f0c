//! Versions follow a text that gets another name or place. The rows change after the move; a job that was queued before
//! it does that where the node falls between both.

use std::time::Duration;

use freehold_base::{AccountId, Code, JailPath, OrInternal as _, Result, SiteId};
use freehold_host::account_dir::{AccountDir, Links};
use freehold_platform::jobs::{self, Failure, Handlers, NewJob};
use freehold_store::{Actor, FilesScope, Tx, files as rows};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::clash::free_name;
use super::{Clash, Files};

/// Moves versions after what they are of.
const FOLLOW: &str = "files.follow";
/// A move is over long before.
const LATER: Duration = Duration::from_secs(60);

/// A move that is about to happen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Move {
    account: i64,
    from: String,
    to: String,
}

impl Move {
    /// Where `from` will come to lie.
    pub(super) fn of(home: &AccountDir, from: &JailPath, to: &JailPath, clash: Clash) -> Result<Self> {
        let is_taken = from != to && home.metadata(to, Links::Refuse).is_ok();
        let to = if is_taken && clash == Clash::KeepBoth { free_name(home, to)? } else { to.clone() };
        Ok(Self { account: home.account().get(), from: from.to_string(), to: to.to_string() })
    }

    /// One move of a thing at a time; paths are longer than an index likes.
    fn key(&self) -> String {
        let hash = freehold_base::secret::hex(&Sha256::digest(&self.from));
        format!("{FOLLOW}:{}:{hash}", self.account)
    }

    /// Before the move: queues the job, where there is anything to follow.
    pub(super) fn promise(&self, tx: &mut Tx<'_>, scope: FilesScope) -> Result<()> {
        if !rows::has_versions(tx, scope, &self.from)? {
            return Ok(());
        }
        let payload = serde_json::to_string(self).or_internal("writing a job")?;
        let (run_at, key) = (tx.now().plus(LATER), self.key());
        let job = NewJob { site: SiteId(0), kind: FOLLOW, payload: &payload, run_at, unique_key: Some(&key) };
        jobs::enqueue(tx, &job).map(drop)
    }

    /// After the move: the rows change, and nothing is left to do for the job.
    pub(super) fn keep(&self, tx: &mut Tx<'_>, scope: FilesScope, to: &JailPath) -> Result<()> {
        rows::move_versions(tx, scope, &self.from, &to.to_string())?;
        jobs::drop_unique(tx, &self.key())
    }

    /// Whether the thing is not where it was, and something is where it went.
    fn happened(&self, home: &AccountDir) -> Result<bool> {
        let is_there = |path: &str| match home.metadata(&JailPath::parse(path)?, Links::Refuse) {
            Ok(_) => Ok(true),
            Err(e) if e.as_code() == Code::NotFound => Ok(false),
            Err(e) => Err(e),
        };
        Ok(!is_there(&self.from)? && is_there(&self.to)?)
    }
}

/// Adds the handler.
pub(super) fn register(handlers: &mut Handlers, files: &Files) {
    let files = files.clone();
    handlers.add(FOLLOW, move |job| {
        let order: Move = job.payload()?;
        let desk = match files.of_account(&Actor::system(), AccountId(order.account)) {
            Err(e) if e.as_code() == Code::NotFound => return Ok("{\"gone\":true}".to_owned()),
            desk => desk?,
        };
        let moved = order.happened(&desk.home)?;
        if moved {
            let to = JailPath::parse(&order.to)?;
            desk.after(move |tx, scope| order.keep(tx, scope, &to))?;
        }
        Ok::<_, Failure>(format!("{{\"moved\":{moved}}}"))
    });
}
