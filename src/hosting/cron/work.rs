//! Doing a run: by the sandbox or by a request, heard while it goes on, told of afterwards.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use freehold_base::{Capability, Error, Result, UserId};
use freehold_host::outbound::{BlockingOutbound, Limits as Bounds};
use freehold_host::sandbox::{End, Limits, Order, Sandbox, Stop, Work};
use freehold_platform::outbox::{Letter, Outbox};
use freehold_store::cron::{self as rows, CronJob};
use freehold_store::cron_runs::CronRun;
use freehold_store::{Tx, roles, users};

use crate::files::Files;

/// The largest answer of an address.
const MAX_ANSWER: u64 = 1 << 20;
/// The longest wait for an address.
const MAX_CALL: Duration = Duration::from_secs(300);
/// The longest wait for the address that hears that all is well.
const ALIVE: Duration = Duration::from_secs(10);
/// How soon a call is given up on request.
const GIVE_UP: Duration = Duration::from_millis(100);

/// What came of a run, without what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// `done`, `failed`, `timed_out` or `stopped`.
    pub state: &'static str,
    /// Exit status or HTTP status; -1 where there is none.
    pub exit_status: i64,
    /// Why, in words; may be empty.
    pub message: String,
}

impl Outcome {
    fn failed(message: impl Into<String>) -> Self {
        Self { state: "failed", exit_status: -1, message: message.into() }
    }
}

/// What does runs: the machine, or a test's hand.
pub trait Tools: Send + Sync {
    /// Does one run to its end on this thread.
    fn perform(&self, job: &CronJob, stop: &Stop, hear: &mut dyn FnMut(&[u8])) -> Outcome;
    /// Calls the address that hears that all is well.
    ///
    /// # Errors
    /// In words.
    fn alive(&self, url: &str) -> Result<()>;
}

/// Starts the outgoing client; once, when the first address is called.
type StartOutbound = Arc<dyn Fn() -> Result<BlockingOutbound> + Send + Sync>;

/// The machine's sandbox and its outgoing client.
pub struct Machine {
    sandbox: Sandbox,
    files: Files,
    outbound: StartOutbound,
    network: bool,
}

impl Machine {
    /// `network`: whether commands may use it.
    pub fn new(sandbox: Sandbox, files: Files, outbound: StartOutbound, network: bool) -> Self {
        Self { sandbox, files, outbound, network }
    }

    fn command(&self, job: &CronJob, stop: &Stop, hear: &mut dyn FnMut(&[u8])) -> Result<Outcome> {
        let timeout = seconds(job.timeout_s);
        let order = Order {
            account: job.account_id,
            work: Work::Command(&job.command),
            limits: Limits::default(),
            network: self.network,
            timeout,
            environment: vec![("TZ", job.time_zone.clone())],
        };
        self.files.check_start(job.account_id)?;
        let ran = self.sandbox.run(&order, stop, hear);
        self.files.count_again(job.account_id);
        let ran = ran?;
        Ok(match ran.end {
            End::Exit(0) => Outcome { state: "done", exit_status: 0, message: String::new() },
            End::Exit(status) => {
                Outcome { state: "failed", exit_status: status.into(), message: meaning(status).to_owned() }
            }
            End::TimedOut => {
                let message = format!("It took longer than {} and was ended.", spoken(timeout));
                Outcome { state: "timed_out", exit_status: -1, message }
            }
            End::Stopped => Outcome { state: "stopped", exit_status: -1, message: String::new() },
            End::TooMuch => Outcome::failed("It said more than 256 MB and was ended."),
        })
    }

    fn call(&self, job: &CronJob, stop: &Stop, hear: &mut dyn FnMut(&[u8])) -> Result<Outcome> {
        let timeout = seconds(job.timeout_s).min(MAX_CALL);
        let (outbound, url) = ((self.outbound)()?, job.command.clone());
        let (tell, answer) = channel();
        std::thread::Builder::new()
            .name("cron-call".into())
            .spawn(move || {
                let _ = tell.send(outbound.get(&url, Bounds { max_bytes: MAX_ANSWER, timeout }));
            })
            .map_err(|e| Error::internal("calling an address", e))?;
        loop {
            match answer.recv_timeout(GIVE_UP) {
                Ok(fetched) => {
                    let fetched = fetched?;
                    hear(&fetched.body);
                    let good = (200..300).contains(&fetched.status);
                    let message = if good { String::new() } else { format!("It answered {}.", fetched.status) };
                    let state = if good { "done" } else { "failed" };
                    return Ok(Outcome { state, exit_status: fetched.status.into(), message });
                }
                Err(RecvTimeoutError::Timeout) if stop.is_asked() => {
                    return Ok(Outcome { state: "stopped", exit_status: -1, message: String::new() });
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(e) => return Err(Error::internal("calling an address", e)),
            }
        }
    }
}

impl Tools for Machine {
    fn perform(&self, job: &CronJob, stop: &Stop, hear: &mut dyn FnMut(&[u8])) -> Outcome {
        let done = if job.kind == "url" { self.call(job, stop, hear) } else { self.command(job, stop, hear) };
        done.unwrap_or_else(|e| {
            if let Error::Internal { .. } = e {
                tracing::error!("command {}: {e}", job.id);
            }
            Outcome::failed(e.sentence())
        })
    }

    fn alive(&self, url: &str) -> Result<()> {
        let fetched = (self.outbound)()?.get(url, Bounds { max_bytes: MAX_ANSWER, timeout: ALIVE })?;
        if fetched.status < 400 {
            return Ok(());
        }
        Err(Error::refused(freehold_base::Code::OutboundRefused, format!("it answered {}", fetched.status)))
    }
}

fn seconds(s: i64) -> Duration {
    Duration::from_secs(u64::try_from(s).unwrap_or(1).max(1))
}

/// A length of time in words.
pub fn spoken(d: Duration) -> String {
    match d.as_secs() {
        s @ 0..60 => format!("{s} s"),
        s if s < 3600 => format!("{} min", s / 60),
        s if s.is_multiple_of(3600) => format!("{} h", s / 3600),
        s => format!("{} h {} min", s / 3600, s % 3600 / 60),
    }
}

/// What an exit status means, where it means something to people.
fn meaning(status: i32) -> &'static str {
    match status {
        126 => "The program may not be run.",
        127 => "The shell did not find the program.",
        137 => "It was killed.",
        139 => "It crashed.",
        152 => "It used up its time of the processor.",
        153 => "It wrote a file that was too large.",
        _ => "",
    }
}

/// Mail of commands. Cheap to clone.
#[derive(Clone)]
pub struct Post {
    outbox: Outbox,
    panel_url: String,
}

impl Post {
    /// `panel_url`: origin of the panel; links come from it.
    pub fn new(outbox: Outbox, panel_url: &str) -> Self {
        Self { outbox, panel_url: panel_url.to_owned() }
    }

    /// Who gets the mail of a command: the person who saved it last, while they still may.
    fn addressee(tx: &mut Tx<'_>, job: &CronJob) -> Result<Option<(String, String)>> {
        if job.mail_to == 0 {
            return Ok(None);
        }
        let user = match users::find(tx, UserId(job.mail_to)) {
            Ok(user) => user,
            Err(e @ Error::Internal { .. }) => return Err(e),
            Err(_) => return Ok(None), // left since
        };
        let holder = tx.holder(job.account_id)?;
        let may = roles::grants_of(tx, user.id)?.on_account(&holder).has(Capability::CronManage);
        Ok((may && user.is_active()).then_some((user.email, user.name)))
    }

    fn link(&self, tx: &mut Tx<'_>, job: &CronJob) -> Result<String> {
        let site = rows::site_of(tx, job.account_id)?;
        Ok(site.map_or_else(
            || format!("{}/admin", self.panel_url),
            |site| format!("{}/admin/s/{site}/cron/{}", self.panel_url, job.id),
        ))
    }

    fn tell(&self, tx: &mut Tx<'_>, job: &CronJob, news: &str, text: &str) -> Result<()> {
        if !self.outbox.is_on() {
            return Ok(());
        }
        let Some((to, name)) = Self::addressee(tx, job)? else { return Ok(()) };
        let url = self.link(tx, job)?;
        self.outbox.queue(tx, &Letter::command(&to, &name, &job.name, (news, text), &url))
    }

    /// The alarm: it did not run well in time.
    pub(super) fn alarm(&self, tx: &mut Tx<'_>, job: &CronJob) -> Result<()> {
        self.tell(tx, job, "did not run", "No run went well in the time you gave it after it was due.")
    }

    /// It was cut short with its node.
    pub(super) fn interrupted(&self, tx: &mut Tx<'_>, job: &CronJob) -> Result<()> {
        self.tell(tx, job, "was interrupted", "Freehold stopped while it ran. It was not begun again.")
    }

    /// What a run ended with, if its rule wants a mail: after a failure, or where something is not as the time before.
    pub(super) fn ended(
        &self,
        tx: &mut Tx<'_>,
        job: &CronJob,
        before: Option<&CronRun>,
        outcome: &Outcome,
        output: &str,
    ) -> Result<()> {
        let bad = matches!(outcome.state, "failed" | "timed_out");
        let same = before
            .is_none_or(|b| b.state == outcome.state && b.exit_status == outcome.exit_status && b.output == output);
        let wanted = match job.mail_when.as_str() {
            "failure" => bad,
            "change" => !same || (bad && before.is_none()),
            _ => false,
        };
        if !wanted {
            return Ok(());
        }
        let news = match outcome.state {
            "done" if bad || before.is_some_and(|b| b.state == "done") => "said something new",
            "done" => "runs well again",
            "timed_out" => "took too long",
            _ => "failed",
        };
        let text = [outcome.message.as_str(), output].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>();
        self.tell(tx, job, news, &text.join("\n\n"))
    }
}
