//! A transaction: connection, actor, time, audit rows and news.

use std::sync::Arc;

use diesel::prelude::*;
use freehold_base::{Event, Result, SiteId, Timestamp};

use crate::cached::insert_row;
use crate::conn::OrDb as _;
use crate::schema::{audit_heads, audit_rows};
use crate::{Actor, ActorKind, Conn, Grants};

/// What a service function works on. Made by `Store::read` and `Store::write` only.
pub struct Tx<'a> {
    conn: &'a mut Conn,
    actor: &'a Actor,
    now: Timestamp,
    writes: bool,
    cut: bool,
    grants: Option<Arc<Grants>>,
    audit: Vec<audit::Draft>,
    events: Vec<Box<dyn Event>>,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(conn: &'a mut Conn, actor: &'a Actor, now: Timestamp, writes: bool) -> Self {
        Self { conn, actor, now, writes, cut: false, grants: None, audit: Vec::new(), events: Vec::new() }
    }
    /// The connection; only this crate's queries reach it. A reader whose time is over loses its snapshot here, and
    /// what it goes on to read is thrown away (security rule F4).
    pub(crate) fn conn(&mut self) -> &mut Conn {
        if !self.writes && !self.cut && crate::patience::is_over() {
            self.cut = true;
            let _ = self.conn.run("ROLLBACK");
        }
        self.conn
    }
    /// Whether the reader's time was over before it was done.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut
    }
    /// Who asks.
    pub fn actor(&self) -> &Actor {
        self.actor
    }
    /// When this transaction began.
    pub fn now(&self) -> Timestamp {
        self.now
    }
    /// Rights of the actor: as known in a read, read again (once) in a write.
    pub(crate) fn grants(&mut self) -> Result<Arc<Grants>> {
        if !self.writes {
            return Ok(self.actor.grants.clone());
        }
        if let Some(grants) = &self.grants {
            return Ok(grants.clone());
        }
        let mut grants = match self.actor.user() {
            Some(user) => Grants::load_active(self.conn, user)?,
            None => Grants::default(),
        };
        if let Some(account) = self.actor.acting {
            grants = self.rights_as_owner(&grants, account)?;
        }
        let grants = Arc::new(grants);
        self.grants = Some(grants.clone());
        Ok(grants)
    }
    /// News for after the commit.
    pub fn announce(&mut self, event: impl Event) {
        self.events.push(Box::new(event));
    }
    /// One line of the audit log, written with the act or not at all (security rule C9).
    pub fn audit(
        &mut self,
        chain: audit::Chain,
        action: &'static str,
        object: impl Into<String>,
        detail: impl Into<String>,
    ) {
        self.audit.push(audit::Draft { chain, action, object: object.into(), detail: detail.into() });
    }
    /// [`Tx::audit`] on a site's chain.
    pub fn audit_site(&mut self, scope: crate::SiteScope, action: &'static str, object: impl Into<String>) {
        self.audit(audit::Chain::Account(scope.account(), scope.id()), action, object, "");
    }
    /// Writes the audit rows and gives the news. The heads of the chains are locked last.
    pub(crate) fn finish(mut self) -> Result<Vec<Box<dyn Event>>> {
        let drafts = std::mem::take(&mut self.audit);
        for draft in drafts {
            audit::append(&mut self, draft)?;
        }
        Ok(self.events)
    }
}

/// The audit log: hash-chained rows (security rule C9).
pub mod audit {
    use super::*;
    use freehold_base::AccountId;
    use freehold_base::secret::hex;
    use sha2::Digest as _;

    /// Which chain a row belongs to.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Chain {
        /// The installation.
        Server,
        /// An account, and the site the act touched.
        Account(AccountId, SiteId),
    }

    impl Chain {
        /// `server` or `account:7`.
        pub fn name(self) -> String {
            match self {
                Self::Server => "server".into(),
                Self::Account(id, _) => format!("account:{id}"),
            }
        }
        fn site(self) -> i64 {
            match self {
                Self::Server => 0,
                Self::Account(_, site) => site.get(),
            }
        }
    }

    /// A row not yet written.
    #[derive(Debug)]
    pub struct Draft {
        pub(super) chain: Chain,
        pub(super) action: &'static str,
        pub(super) object: String,
        pub(super) detail: String,
    }

    /// A row of the log.
    #[derive(Clone, Debug, Queryable, Selectable)]
    #[diesel(table_name = audit_rows)]
    pub struct Row {
        /// Row id.
        pub id: i64,
        /// Chain name.
        pub chain: String,
        /// Place in the chain, from 1.
        pub position: i64,
        /// Site touched, 0 for none.
        pub site_id: i64,
        /// `user`, `as_owner` (a hosting admin or reseller who looks at the account as its owner), `token`, `system` or
        /// `visitor`.
        pub actor: String,
        /// User id, 0 for none.
        pub actor_id: i64,
        /// `entry.publish` and the like.
        pub action: String,
        /// What it touched, in words.
        pub object: String,
        /// More, as JSON or text.
        pub detail: String,
        /// Network address.
        pub address: String,
        /// When.
        #[diesel(deserialize_as = i64)]
        pub acted_at: Timestamp,
        /// SHA-256 over the previous hash and this row.
        pub hash: String,
    }

    /// Control and bidirectional characters as escapes: a name cannot rewrite the line it stands in.
    fn plain(text: &str, max: usize) -> String {
        text.chars()
            .take(max)
            .flat_map(|c| {
                let hidden = c.is_control()
                    || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
                if hidden { c.escape_unicode().collect::<Vec<_>>() } else { vec![c] }
            })
            .collect()
    }

    #[allow(clippy::too_many_arguments)]
    fn digest(previous: &str, row: &Row) -> String {
        let mut h = sha2::Sha256::new();
        let numbers = [row.position, row.site_id, row.actor_id, row.acted_at.ms()].map(|n| n.to_string());
        let texts = [previous, &row.chain, &row.actor, &row.action, &row.object, &row.detail, &row.address];
        for part in texts.into_iter().chain(numbers.iter().map(String::as_str)) {
            h.update((part.len() as u64).to_le_bytes());
            h.update(part.as_bytes());
        }
        hex(&h.finalize())
    }

    pub(super) fn append(tx: &mut Tx<'_>, draft: Draft) -> Result<()> {
        let chain = draft.chain.name();
        let head: Option<(i64, String)> = audit_heads::table
            .filter(audit_heads::chain.eq(&chain))
            .select((audit_heads::position, audit_heads::hash))
            .first(tx.conn())
            .optional()
            .or_db("reading the audit chain")?;
        let (position, previous) = head.unwrap_or_default();
        let actor = match tx.actor.kind {
            ActorKind::Visitor => "visitor",
            ActorKind::System => "system",
            ActorKind::User { .. } if tx.actor.acting.is_some() => "as_owner",
            ActorKind::User { .. } => "user",
            ActorKind::Token { .. } => "token",
        };
        let mut row = Row {
            id: 0,
            position: position + 1,
            site_id: draft.chain.site(),
            actor: actor.into(),
            actor_id: tx.actor.user().map_or(0, i64::from),
            action: draft.action.into(),
            object: plain(&draft.object, 300),
            detail: plain(&draft.detail, 2000),
            address: plain(&tx.actor.address, 64),
            acted_at: tx.now,
            hash: String::new(),
            chain,
        };
        row.hash = digest(&previous, &row);
        insert(tx, &row).or_db("writing the audit log").map_err(|e| match e.as_code() {
            // PostgreSQL may see the twin of a row before it sees that the writes cannot both be: try again.
            freehold_base::Code::AlreadyExists => freehold_base::Error::Retry,
            _ => e,
        })
    }

    fn insert(tx: &mut Tx<'_>, row: &Row) -> QueryResult<()> {
        insert_row!("audit_rows", {
            chain: &row.chain, position: row.position, site_id: row.site_id, actor: &row.actor, actor_id: row.actor_id,
            action: &row.action, object: &row.object, detail: &row.detail, address: &row.address,
            acted_at: row.acted_at.ms(), hash: &row.hash,
        })
        .execute(tx.conn())?;
        insert_row!(
            "audit_heads",
            { chain: &row.chain, position: row.position, hash: &row.hash },
            "ON CONFLICT (chain) DO UPDATE SET position = excluded.position, hash = excluded.hash"
        )
        .execute(tx.conn())?;
        Ok(())
    }

    /// Which rows a list shows; all where nothing is said.
    #[derive(Clone, Debug, Default)]
    pub struct RowFilter {
        /// Of this person.
        pub person: Option<i64>,
        /// Of these kinds of acts: what stands before the dot, `entry`.
        pub noun: Option<String>,
        /// Not before this moment.
        pub from: Option<Timestamp>,
        /// Before this moment.
        pub until: Option<Timestamp>,
    }

    /// A query on rows, narrowed by a filter and a place.
    macro_rules! narrowed {
        ($query:expr, $filter:expr, $before:expr) => {{
            let mut query = $query.into_boxed();
            if let Some(person) = $filter.person {
                query = query.filter(audit_rows::actor_id.eq(person));
            }
            if let Some(noun) = &$filter.noun {
                // By order, not by pattern: a noun's signs mean nothing.
                query = query.filter(audit_rows::action.ge(format!("{noun}.")));
                query = query.filter(audit_rows::action.lt(format!("{noun}/")));
            }
            if let Some(from) = $filter.from {
                query = query.filter(audit_rows::acted_at.ge(from.ms()));
            }
            if let Some(until) = $filter.until {
                query = query.filter(audit_rows::acted_at.lt(until.ms()));
            }
            if $before > 0 {
                query = query.filter(audit_rows::id.lt($before));
            }
            query.order(audit_rows::id.desc()).select(Row::as_select())
        }};
    }

    /// Rows of the installation's and all accounts' chains, newest first, before row `before` (0: from the end).
    ///
    /// # Errors
    /// Database failures.
    pub fn list_all(
        tx: &mut Tx<'_>,
        _server: crate::ServerScope,
        filter: &RowFilter,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Row>> {
        narrowed!(audit_rows::table, filter, before).limit(limit).load(tx.conn()).or_db("reading the audit log")
    }

    /// The newest rows of some actions, among the last 5,000 of all chains: for notices.
    ///
    /// # Errors
    /// Database failures.
    pub fn recent(tx: &mut Tx<'_>, _server: crate::ServerScope, actions: &[&str], limit: i64) -> Result<Vec<Row>> {
        let newest: Option<i64> = audit_rows::table
            .select(audit_rows::id)
            .order(audit_rows::id.desc())
            .first(tx.conn())
            .optional()
            .or_db("reading the audit log")?;
        audit_rows::table
            .filter(audit_rows::id.gt(newest.unwrap_or(0) - 5000))
            .filter(audit_rows::action.eq_any(actions.to_vec()))
            .order(audit_rows::id.desc())
            .limit(limit)
            .select(Row::as_select())
            .load(tx.conn())
            .or_db("reading the audit log")
    }

    /// Rows that touched one site, newest first, before row `before` (0: from the end).
    ///
    /// # Errors
    /// Database failures.
    pub fn list_site(
        tx: &mut Tx<'_>,
        site: crate::SiteScope,
        filter: &RowFilter,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Row>> {
        let of_site = audit_rows::table.filter(audit_rows::site_id.eq(site.get()));
        narrowed!(of_site, filter, before).limit(limit).load(tx.conn()).or_db("reading the audit log")
    }

    /// Rows of an account's chain, newest first, before row `before` (0: from the end).
    ///
    /// # Errors
    /// Database failures.
    pub fn list_account(
        tx: &mut Tx<'_>,
        account: crate::AccountScope,
        filter: &RowFilter,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Row>> {
        let chain = Chain::Account(account.id(), SiteId(0)).name();
        let of_account = audit_rows::table.filter(audit_rows::chain.eq(chain));
        narrowed!(of_account, filter, before).limit(limit).load(tx.conn()).or_db("reading the audit log")
    }

    /// The newest rows of the chains of these customers' accounts, among their 1,000 newest accounts.
    ///
    /// # Errors
    /// Database failures.
    pub fn list_customers(tx: &mut Tx<'_>, customers: &crate::CustomersScope, limit: i64) -> Result<Vec<Row>> {
        use crate::schema::accounts;
        let Some(own) = customers.resellers() else {
            return narrowed!(audit_rows::table, RowFilter::default(), 0)
                .limit(limit)
                .load(tx.conn())
                .or_db("reading the audit log");
        };
        let ids: Vec<i64> = accounts::table
            .filter(accounts::reseller_id.eq_any(own.to_vec()))
            .order(accounts::id.desc())
            .limit(1000)
            .select(accounts::id)
            .load(tx.conn())
            .or_db("listing accounts")?;
        let chains: Vec<String> = ids.into_iter().map(|id| Chain::Account(AccountId(id), SiteId(0)).name()).collect();
        let theirs = audit_rows::table.filter(audit_rows::chain.eq_any(chains));
        narrowed!(theirs, RowFilter::default(), 0).limit(limit).load(tx.conn()).or_db("reading the audit log")
    }

    /// Names of all chains.
    ///
    /// # Errors
    /// Database failures.
    pub fn chains(tx: &mut Tx<'_>, _server: crate::ServerScope) -> Result<Vec<String>> {
        audit_heads::table
            .order(audit_heads::chain)
            .select(audit_heads::chain)
            .load(tx.conn())
            .or_db("reading the audit chains")
    }

    /// A chain that is being looked at, some rows at a time: a long one takes longer than one read may.
    #[derive(Clone, Debug, Default)]
    pub struct Look {
        /// Rows that fit together so far.
        position: i64,
        /// Hash of the last of them.
        previous: String,
    }

    impl Look {
        /// How many rows fit together so far.
        pub fn rows(&self) -> i64 {
            self.position
        }
    }

    /// What a step of a look found.
    #[derive(Clone, Debug)]
    pub enum Step {
        /// All rows so far fit together; there are more.
        On(Look),
        /// The whole chain fits together.
        Whole(Look),
        /// The first place where it does not.
        Broken(i64),
    }

    /// Looks at the next `limit` rows of a chain.
    ///
    /// # Errors
    /// Database failures.
    pub fn look(tx: &mut Tx<'_>, _server: crate::ServerScope, chain: &str, mut at: Look, limit: i64) -> Result<Step> {
        let rows: Vec<Row> = audit_rows::table
            .filter(audit_rows::chain.eq(chain))
            .filter(audit_rows::position.gt(at.position))
            .order(audit_rows::position)
            .limit(limit)
            .select(Row::as_select())
            .load(tx.conn())
            .or_db("reading the audit log")?;
        for row in &rows {
            if row.position != at.position + 1 || digest(&at.previous, row) != row.hash {
                return Ok(Step::Broken(at.position + 1));
            }
            at.position = row.position;
            at.previous.clone_from(&row.hash);
        }
        if !rows.is_empty() {
            return Ok(Step::On(at));
        }
        // The rows and the head are of one snapshot: rows of a moment ago are in both.
        let head: Option<(i64, String)> = audit_heads::table
            .filter(audit_heads::chain.eq(chain))
            .select((audit_heads::position, audit_heads::hash))
            .first(tx.conn())
            .optional()
            .or_db("reading the audit chain")?;
        let whole = head.map_or(at.position == 0, |head| head == (at.position, at.previous.clone()));
        Ok(if whole { Step::Whole(at) } else { Step::Broken(at.position + 1) })
    }

    /// The first place where a chain does not fit together, if there is one: all of it in one read, for short chains.
    /// A server in use is looked at step by step.
    ///
    /// # Errors
    /// Database failures.
    pub fn verify(tx: &mut Tx<'_>, server: crate::ServerScope, chain: &str) -> Result<Option<i64>> {
        let mut at = Look::default();
        loop {
            match look(tx, server, chain, at, LOOK)? {
                Step::On(on) => at = on,
                Step::Whole(_) => return Ok(None),
                Step::Broken(place) => return Ok(Some(place)),
            }
        }
    }

    /// Rows of one step: far below what a read has time for.
    pub const LOOK: i64 = 5000;
}
