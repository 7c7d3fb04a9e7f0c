//! Commands at set times: the list, the editor, what runs said, a run while it goes on (rows H115 to H117).

pub mod act;
pub mod edit;
pub mod list;
pub mod live;
pub mod one;
pub mod run;
mod words;

use freehold_base::{CronJobId, CronRunId};
use freehold_host::sandbox::Isolation;
use serde::{Deserialize, Serialize};

use super::ctx::Ctx;

/// The numbers of an address.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Numbers {
    job: CronJobId,
    #[serde(default)]
    run: CronRunId,
}

/// What keeps commands apart here, as pages say it.
#[derive(Debug, Serialize)]
pub struct IsolationView {
    text: String,
    /// Commands run, and see their own account only.
    good: bool,
    /// Commands run at all.
    runs: bool,
}

impl IsolationView {
    /// Of this node.
    pub fn of(ctx: &Ctx) -> Self {
        let isolation = ctx.app.sandbox.isolation();
        let good = isolation == Isolation::Sandboxed;
        let network = isolation.network_sentence(ctx.app.config.sandbox.network);
        let text = format!("{} {network}", isolation.sentence()).trim_end().to_owned();
        Self { text, good, runs: isolation.runs() }
    }
}

impl Ctx {
    /// Address of the list.
    fn cron(&self) -> String {
        format!("{}/cron", self.base())
    }
}
