//! Many accounts at once, from a table (row H017): first every line is tried and nothing is kept, then the same lines
//! are done by a job. What a line may do is asked for each line anew, as whoever sent the table.

use std::collections::HashSet;
use std::sync::Arc;

use freehold_base::{AccountId, Capability, Code, Error, HostName, JobId, PlanId, Result, SiteId, UserId};
use freehold_store::accounts as rows;
use freehold_store::{Actor, ActorKind, Tx, done_requests, jobs as stored_jobs};
use serde::{Deserialize, Serialize};

use super::{accounts, plans, suspend};
use crate::jobs::{self, Context, Failure, Handlers, Job, Lane, NewJob};

/// The job.
pub const BULK: &str = "accounts.bulk";
/// Most lines of a table.
pub const MOST: usize = 2000;
/// Why an account is suspended where the table does not say.
const NO_REASON: &str = "suspended by the provider";

/// What a line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// A new account with its owner and first site.
    Create,
    /// Suspending an account.
    Suspend,
    /// Ending a suspension.
    Unsuspend,
    /// Another plan for an account.
    Plan,
}

impl Act {
    /// All of them with their words in tables.
    pub const ALL: &[(&str, Act)] =
        &[("create", Self::Create), ("suspend", Self::Suspend), ("unsuspend", Self::Unsuspend), ("plan", Self::Plan)];
    /// Its word in tables.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, act)| *act == self).map_or("", |(name, _)| name)
    }
}

/// A line of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Which line of the file; the head is line 1.
    pub line: usize,
    /// What it asks for.
    pub act: Act,
    /// Title of the account.
    pub title: String,
    /// Address of its owner; empty: none.
    pub owner: String,
    /// Name of a plan; empty: none.
    pub plan: String,
    /// A domain of the account; of a new one, its first.
    pub domain: String,
    /// Why it is suspended.
    pub reason: String,
}

/// A line that cannot be done, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Which line of the file.
    pub line: usize,
    /// What it is about, in its own words.
    pub title: String,
    /// Why.
    pub why: String,
}

/// A table as it was read.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Lines that can be understood.
    pub rows: Vec<Row>,
    /// The others.
    pub refused: Vec<Refused>,
}

/// What came of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Lines that were done.
    pub done: usize,
    /// Lines that were refused.
    pub refused: Vec<Refused>,
}

/// Reads a table with a head of `title,owner,plan,domain,action` in any order, `reason` where somebody is suspended.
///
/// # Errors
/// `Invalid("file")` where it is no such table, or has too many lines.
pub fn parse(text: &str) -> Result<Table> {
    let wrong = |detail: &str| Error::invalid("file", Code::Malformed, detail.to_owned());
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let between = if first.contains(';') && !first.contains(',') { ';' } else { ',' };
    let mut lines = cells(text, between).into_iter();
    let (_, head) = lines.next().ok_or_else(|| Error::invalid("file", Code::Required, ""))?;
    let head: Vec<String> = head.iter().map(|name| name.trim().to_lowercase()).collect();
    let column = |name: &str| head.iter().position(|h| h == name);
    let Some(action) = column("action") else {
        return Err(wrong("the first line names the columns: title,owner,plan,domain,action"));
    };
    let mut table = Table::default();
    let mut domains: HashSet<String> = HashSet::new();
    for (line, cells) in lines.filter(|(_, cells)| cells.iter().any(|c| !c.trim().is_empty())) {
        if table.rows.len() + table.refused.len() >= MOST {
            return Err(Error::invalid("file", Code::TooLarge, format!("{MOST} lines")));
        }
        let cell = |at: Option<usize>| at.and_then(|at| cells.get(at)).map(|c| c.trim().to_owned()).unwrap_or_default();
        let (title, domain) = (cell(column("title")), cell(column("domain")).to_lowercase());
        let word = cell(Some(action)).to_lowercase();
        let name = if title.is_empty() { domain.clone() } else { title.clone() };
        let mut refuse = |why: String| table.refused.push(Refused { line, title: name.clone(), why });
        let Some((_, act)) = Act::ALL.iter().find(|(known, _)| *known == word) else {
            refuse(format!("The action is “{word}”; it is create, suspend, unsuspend or plan."));
            continue;
        };
        if *act == Act::Create && !domain.is_empty() && !domains.insert(domain.clone()) {
            refuse(format!("The domain {domain} stands in an earlier line too."));
            continue;
        }
        let (owner, plan, reason) = (cell(column("owner")), cell(column("plan")), cell(column("reason")));
        table.rows.push(Row { line, act: *act, title, owner, plan, domain, reason });
    }
    if table.rows.is_empty() && table.refused.is_empty() {
        return Err(wrong(
            "a line below the head for each account, such as Nordlys Film,mara@example.org,Small,nordlys.example,create",
        ));
    }
    Ok(table)
}

/// Cells of a table (RFC 4180), each line with its number in the file.
fn cells(text: &str, between: char) -> Vec<(usize, Vec<String>)> {
    let (mut all, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut line, mut began) = (false, 1, 1);
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => {
                signs.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            '\n' if quoted => {
                line += 1;
                cell.push(' ');
            }
            '\r' => {}
            '\n' => {
                row.push(std::mem::take(&mut cell));
                all.push((began, std::mem::take(&mut row)));
                line += 1;
                began = line;
            }
            sign if sign == between && !quoted => row.push(std::mem::take(&mut cell)),
            sign => cell.push(sign),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        all.push((began, row));
    }
    all
}

/// An account that a line asks for.
#[derive(Clone, Debug)]
pub struct Create {
    /// What people call it.
    pub title: String,
    /// Address of its owner; `None`: it has none yet.
    pub owner: Option<String>,
    /// Its plan.
    pub plan: PlanId,
    /// Its first domain; `None`: the site answers on this machine.
    pub domain: Option<HostName>,
}

/// Opens an account with its owner and first site: who knows sites' beginnings stands above this floor.
pub type Open = Arc<dyn Fn(&mut Tx<'_>, &Create) -> Result<AccountId> + Send + Sync>;

/// Does a line. Gives the account it touched.
///
/// # Errors
/// As the single acts; `NotFound` (`account`, `plan`), `WrongState` where a title means several accounts.
pub fn perform(tx: &mut Tx<'_>, row: &Row, open: &Open) -> Result<AccountId> {
    match row.act {
        Act::Create => {
            let domain = if row.domain.is_empty() { None } else { Some(crate::sites::host_typed(&row.domain)?) };
            let owner = Some(row.owner.clone()).filter(|o| !o.is_empty());
            let customers = tx.authorize_customers(Capability::AccountsManage)?;
            let plan = match row.plan.as_str() {
                "" => PlanId(0),
                name => plans::named(tx, plans::owner(&customers), name)?,
            };
            open(tx, &Create { title: row.title.clone(), owner, plan, domain })
        }
        Act::Suspend => {
            let id = account_of(tx, row)?;
            suspend::suspend(tx, id, if row.reason.is_empty() { NO_REASON } else { &row.reason })?;
            Ok(id)
        }
        Act::Unsuspend => {
            let id = account_of(tx, row)?;
            suspend::unsuspend(tx, id)?;
            Ok(id)
        }
        Act::Plan => {
            let id = account_of(tx, row)?;
            if row.plan.is_empty() {
                return Err(Error::invalid("plan", Code::Required, ""));
            }
            let scope = tx.authorize_account(id, Capability::AccountsManage)?;
            let plan = plans::named(tx, scope.reseller(), &row.plan)?;
            accounts::change_plan(tx, id, plan)?;
            Ok(id)
        }
    }
}

/// The account that a line means: that of its domain, else the only one with its title.
fn account_of(tx: &mut Tx<'_>, row: &Row) -> Result<AccountId> {
    let customers = tx.authorize_customers(Capability::AccountsRead)?;
    if !row.domain.is_empty() {
        let host = crate::sites::host_typed(&row.domain)?;
        return rows::of_host(tx, &customers, host.as_str())?.ok_or_else(|| Error::not_found("domain"));
    }
    match rows::of_title(tx, &customers, &row.title)?.as_slice() {
        [one] => Ok(*one),
        [] => Err(Error::not_found("account")),
        _ => {
            Err(Error::refused(Code::WrongState, "several accounts have this title; name a domain of the one you mean"))
        }
    }
}

/// What the job is given.
#[derive(Serialize, Deserialize)]
struct Order {
    user: UserId,
    address: String,
    rows: Vec<Row>,
}

/// Queues the lines of a table, as whoever asks.
///
/// # Errors
/// `Denied`, `SignInRequired`.
pub fn later(tx: &mut Tx<'_>, rows: &[Row]) -> Result<JobId> {
    tx.authorize_customers(Capability::AccountsManage)?;
    let user = tx.authorize_in_person()?.user();
    let order = Order { user, address: tx.actor().address.to_string(), rows: rows.to_vec() };
    let payload = serde_json::to_string(&order).map_err(|e| Error::internal("writing a table", e))?;
    let run_at = tx.now();
    jobs::enqueue(tx, &NewJob { site: SiteId(0), kind: BULK, payload: &payload, run_at, unique_key: None })
}

/// A table that the actor sent, as a job.
///
/// # Errors
/// `Denied`, `NotFound("job")`.
pub fn find(tx: &mut Tx<'_>, id: JobId) -> Result<Job> {
    tx.authorize_customers(Capability::AccountsManage)?;
    let me = tx.authorize_in_person()?.user();
    stored_jobs::find_own(tx, me, BULK, id)
}

/// Tables that the actor sent lately, newest first.
///
/// # Errors
/// `Denied`.
pub fn recent(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Job>> {
    tx.authorize_customers(Capability::AccountsManage)?;
    let me = tx.authorize_in_person()?.user();
    stored_jobs::list_own(tx, me, BULK, limit)
}

/// Adds the handler.
pub fn register(handlers: &mut Handlers, open: Open) {
    handlers.add_to(Lane::Long, BULK, move |job| run(job, &open));
}

fn run(job: &Context<'_>, open: &Open) -> Result<String, Failure> {
    let order: Order = job.payload()?;
    // Not the rights of the system: a write reads those of the person, as they are now.
    let kind = ActorKind::User { user: order.user, session: freehold_base::SessionId(0) };
    let actor = Actor { kind, address: order.address.as_str().into(), grants: Arc::default(), acting: None };
    let total = i64::try_from(order.rows.len()).unwrap_or(0);
    let mut report = Report::default();
    for (at, row) in order.rows.iter().enumerate() {
        if at % 10 == 0 {
            job.progress(i64::try_from(at).unwrap_or(0), total, &row.title)?;
        }
        let (one, open, key) = (row.clone(), Arc::clone(open), format!("{BULK}:{}:{}", job.job.id, row.line));
        let user = order.user;
        let done = job.store.write(&actor, move |tx| {
            // A job may run twice: what a line did is remembered with it.
            if done_requests::find(tx, user, &key, "")?.is_none() {
                let account = perform(tx, &one, &open)?;
                done_requests::remember(tx, user, &key, "", account.get())?;
            }
            Ok(())
        });
        match done {
            Ok(()) => report.done += 1,
            Err(e @ (Error::Invalid(_) | Error::Refused { .. })) if e.as_code() != Code::Busy => {
                report.refused.push(refused(row, &e));
            }
            Err(e) => return Err(e.into()),
        }
    }
    serde_json::to_string(&report).map_err(|e| Failure::Final(Error::internal("writing the report", e)))
}

/// A refusal in words.
pub fn refused(row: &Row, e: &Error) -> Refused {
    let title = if row.title.is_empty() { row.domain.clone() } else { row.title.clone() };
    let why = match e {
        Error::Invalid(_) => {
            e.fields().iter().map(|f| format!("{}: {}", f.field, f.sentence())).collect::<Vec<_>>().join(" ")
        }
        e => e.sentence(),
    };
    Refused { line: row.line, title, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_line_by_line() {
        let text = "\u{feff}Action,title,owner,plan,domain\r\n\
            create,\"Skog, \"\"Data\"\"\",ops@skog.example,Studio,Skog.example\r\n\
            \r\n\
            suspend,Villa,,,\n\
            plan,\"Two\nlines\",,Small,\n\
            fly,Kite,,,\n\
            create,Twin,,,skog.EXAMPLE";
        let table = parse(text).unwrap();
        let rows: Vec<_> =
            table.rows.iter().map(|r| (r.line, r.act.name(), r.title.as_str(), r.domain.as_str())).collect();
        assert_eq!(
            rows,
            [
                (2, "create", "Skog, \"Data\"", "skog.example"),
                (4, "suspend", "Villa", ""),
                (5, "plan", "Two lines", "")
            ]
        );
        let refused: Vec<_> = table.refused.iter().map(|r| (r.line, r.title.as_str())).collect();
        assert_eq!(refused, [(7, "Kite"), (8, "Twin")]);
        assert_eq!(parse("title;action\nVilla;suspend").unwrap().rows.len(), 1, "as spreadsheets of Europe write it");
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for text in ["", "title,owner\nA,b@c.example", "action,title\n", "\u{0}\u{1}"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
        let long = "action,title\n".to_owned() + &"suspend,A\n".repeat(MOST + 1);
        assert!(parse(&long).is_err());
    }
}
