//! Who may do what. Scopes have private fields and are made only here: a query on an owned table cannot be called
//! by somebody who was not authorized (security rules C1, C2).

use std::sync::Arc;

use diesel::prelude::*;
use freehold_base::capability::Capabilities;
use freehold_base::{AccountId, Capability, Code, Error, Result, Role, SessionId, SiteId, TokenId, UserId};

use crate::conn::OrDb as _;
use crate::schema::{held_roles, sites, users};
use crate::{Conn, Tx};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// Somebody on the public site.
    Visitor,
    /// Freehold itself: jobs, scheduler, first run, the command line on the machine.
    System,
    /// A signed-in person.
    User {
        /// Who.
        user: UserId,
        /// By which session.
        session: SessionId,
    },
    /// A program with a person's token.
    Token {
        /// Whose.
        user: UserId,
        /// Which.
        token: TokenId,
        /// What the token allows at most.
        scopes: Capabilities,
        /// The only site it may touch, if it is bound to one.
        site: Option<SiteId>,
    },
}

/// Who asks, from where, and with which rights.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who.
    pub kind: ActorKind,
    /// Network address, as the audit log shows it.
    pub address: Arc<str>,
    /// Rights as last read; a write reads them again.
    pub grants: Arc<Grants>,
}

impl Actor {
    /// A visitor of a public site.
    pub fn visitor(address: &str) -> Self {
        Self { kind: ActorKind::Visitor, address: address.into(), grants: Arc::default() }
    }
    /// Freehold itself.
    pub fn system() -> Self {
        Self { kind: ActorKind::System, address: "".into(), grants: Arc::default() }
    }
    /// The person behind it, if there is one.
    pub fn user(&self) -> Option<UserId> {
        match self.kind {
            ActorKind::User { user, .. } | ActorKind::Token { user, .. } => Some(user),
            ActorKind::Visitor | ActorKind::System => None,
        }
    }
}

/// A person's rights, as held roles give them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// On the installation.
    pub server: Option<Role>,
    /// On accounts.
    pub accounts: Vec<(AccountId, Role)>,
    /// On sites.
    pub sites: Vec<(SiteId, Role)>,
}

impl Grants {
    /// Reads a person's rights.
    ///
    /// # Errors
    /// Database failures.
    pub fn load(conn: &mut Conn, user: UserId) -> Result<Self> {
        let rows: Vec<(String, i64, String)> = held_roles::table
            .filter(held_roles::user_id.eq(user.get()))
            .order((held_roles::scope, held_roles::scope_id))
            .select((held_roles::scope, held_roles::scope_id, held_roles::role))
            .load(conn)
            .or_db("reading rights")?;
        Ok(Self::from_rows(rows))
    }
    /// As [`Grants::load`], but nothing for somebody who was disabled meanwhile: a request in flight ends there.
    pub(crate) fn load_active(conn: &mut Conn, user: UserId) -> Result<Self> {
        let rows: Vec<(String, i64, String)> = held_roles::table
            .inner_join(users::table)
            .filter(held_roles::user_id.eq(user.get()))
            .filter(users::status.eq("active"))
            .order((held_roles::scope, held_roles::scope_id))
            .select((held_roles::scope, held_roles::scope_id, held_roles::role))
            .load(conn)
            .or_db("reading rights")?;
        Ok(Self::from_rows(rows))
    }
    fn from_rows(rows: Vec<(String, i64, String)>) -> Self {
        let mut grants = Self::default();
        for (scope, id, role) in rows {
            let Some(role) = Role::by_name(&role) else { continue };
            match scope.as_str() {
                "server" => grants.server = Some(role),
                "account" => grants.accounts.push((AccountId(id), role)),
                _ => grants.sites.push((SiteId(id), role)),
            }
        }
        grants
    }
    /// Capabilities on a site of an account.
    pub fn on_site(&self, site: SiteId, account: AccountId) -> Capabilities {
        let held = self.sites.iter().find(|(id, _)| *id == site).map_or(Capabilities::NONE, |(_, r)| r.capabilities());
        held.union(self.on_account(account))
    }
    /// Capabilities on an account.
    pub fn on_account(&self, account: AccountId) -> Capabilities {
        let held =
            self.accounts.iter().find(|(id, _)| *id == account).map_or(Capabilities::NONE, |(_, r)| r.capabilities());
        held.union(self.on_server())
    }
    /// Capabilities that hold on at least one account.
    pub fn on_any_account(&self) -> Capabilities {
        self.accounts.iter().fold(self.on_server(), |all, (_, role)| all.union(role.capabilities()))
    }
    /// Capabilities on the installation.
    pub fn on_server(&self) -> Capabilities {
        self.server.map_or(Capabilities::NONE, Role::capabilities)
    }
}

/// Proof that the actor may touch a site.
#[derive(Clone, Copy, Debug)]
pub struct SiteScope {
    site: SiteId,
    account: AccountId,
    capabilities: Capabilities,
}

impl SiteScope {
    /// The site.
    pub fn id(self) -> SiteId {
        self.site
    }
    /// For filters.
    pub fn get(self) -> i64 {
        self.site.get()
    }
    /// The account that owns it.
    pub fn account(self) -> AccountId {
        self.account
    }
    /// Whether the actor may also do this.
    pub fn has(self, capability: Capability) -> bool {
        self.capabilities.has(capability)
    }
    /// All that the actor may do here.
    pub fn capabilities(self) -> Capabilities {
        self.capabilities
    }
    /// Fails unless the actor may also do this.
    ///
    /// # Errors
    /// `Denied`.
    pub fn need(self, capability: Capability) -> Result<()> {
        if self.has(capability) { Ok(()) } else { Err(Error::denied()) }
    }
}

/// Proof that the actor may touch an account.
#[derive(Clone, Copy, Debug)]
pub struct AccountScope {
    account: AccountId,
    capabilities: Capabilities,
}

impl AccountScope {
    /// The account.
    pub fn id(self) -> AccountId {
        self.account
    }
    /// All that the actor may do here.
    pub fn capabilities(self) -> Capabilities {
        self.capabilities
    }
}

/// Proof that the actor may touch files of an account: all of them, or those of one site.
#[derive(Clone, Copy, Debug)]
pub struct FilesScope {
    account: AccountId,
    site: SiteId,
    whole: bool,
}

impl FilesScope {
    /// The account.
    pub fn account(self) -> AccountId {
        self.account
    }
    /// For filters.
    pub fn get(self) -> i64 {
        self.account.get()
    }
    /// The site they came by; `SiteId(0)` for none.
    pub fn site(self) -> SiteId {
        self.site
    }
    /// Whether all files of the account are theirs; otherwise only what lies in the site's own folder.
    pub fn is_whole(self) -> bool {
        self.whole
    }
}

/// Proof that the actor may touch the installation.
#[derive(Clone, Copy, Debug)]
pub struct ServerScope {
    capabilities: Capabilities,
}

impl ServerScope {
    /// All that the actor may do here.
    pub fn capabilities(self) -> Capabilities {
        self.capabilities
    }
}

/// Proof that the actor is this person: own profile, sessions and the like.
#[derive(Clone, Copy, Debug)]
pub struct SelfScope {
    user: UserId,
    session: Option<SessionId>,
}

impl SelfScope {
    /// The person.
    pub fn user(self) -> UserId {
        self.user
    }
    /// For filters.
    pub fn get(self) -> i64 {
        self.user.get()
    }
    /// The session they came with; `None` for a token.
    pub fn session(self) -> Option<SessionId> {
        self.session
    }
}

/// Status of a site that is being erased: every look for a site passes it over.
pub(crate) const DELETED: &str = "deleted";

impl Tx<'_> {
    /// The site, if the actor may do this there. A site that the actor may not even read does not exist for them.
    ///
    /// # Errors
    /// `NotFound("site")`, `Denied`.
    pub fn authorize(&mut self, site: SiteId, capability: Capability) -> Result<SiteScope> {
        let scope = self.scope_of(site)?;
        if scope.has(capability) {
            return Ok(scope);
        }
        if scope.capabilities == Capabilities::NONE { Err(Error::not_found("site")) } else { Err(Error::denied()) }
    }

    /// The site as visitors see it: whatever the actor holds, only public things may be read through it.
    ///
    /// # Errors
    /// `NotFound("site")`.
    pub fn visit(&mut self, site: SiteId) -> Result<SiteScope> {
        let account = self.account_of(site)?;
        Ok(SiteScope { site, account, capabilities: Capabilities::NONE })
    }

    /// As [`Tx::visit`] for a site whose account the host table already knows: no query.
    pub fn visit_known(&mut self, site: SiteId, account: AccountId) -> SiteScope {
        SiteScope { site, account, capabilities: Capabilities::NONE }
    }

    /// The account, if the actor may do this there.
    ///
    /// # Errors
    /// `NotFound("account")`, `Denied`.
    pub fn authorize_account(&mut self, account: AccountId, capability: Capability) -> Result<AccountScope> {
        let capabilities = self.limit(None, |g| g.on_account(account))?;
        if capabilities.has(capability) {
            return Ok(AccountScope { account, capabilities });
        }
        if capabilities == Capabilities::NONE { Err(Error::not_found("account")) } else { Err(Error::denied()) }
    }

    /// Files of a site's account, if the actor may do this there. Who has the right on the account has it on all its
    /// files; who has it on the site alone (a token bound to it) has it in the site's folder.
    ///
    /// # Errors
    /// `NotFound("site")`, `Denied`.
    pub fn authorize_files(&mut self, site: SiteId, capability: Capability) -> Result<FilesScope> {
        let scope = self.authorize(site, capability)?;
        let whole = self.authorize_account(scope.account(), capability).is_ok();
        Ok(FilesScope { account: scope.account(), site, whole })
    }

    /// Files of an account, if the actor may do this there.
    ///
    /// # Errors
    /// `NotFound("account")`, `Denied`.
    pub fn authorize_account_files(&mut self, account: AccountId, capability: Capability) -> Result<FilesScope> {
        let scope = self.authorize_account(account, capability)?;
        Ok(FilesScope { account: scope.id(), site: SiteId(0), whole: true })
    }

    /// The installation, if the actor may do this.
    ///
    /// # Errors
    /// `Denied`.
    pub fn authorize_server(&mut self, capability: Capability) -> Result<ServerScope> {
        let capabilities = self.limit(None, Grants::on_server)?;
        if capabilities.has(capability) { Ok(ServerScope { capabilities }) } else { Err(Error::denied()) }
    }

    /// The actor as a person, by session or by a token that allows `self.manage` and is not bound to a site.
    ///
    /// # Errors
    /// `SignInRequired`, `Denied`.
    pub fn authorize_self(&mut self) -> Result<SelfScope> {
        match self.actor().kind {
            ActorKind::User { user, session } => Ok(SelfScope { user, session: Some(session) }),
            ActorKind::Token { user, scopes, site: None, .. } if scopes.has(Capability::SelfManage) => {
                Ok(SelfScope { user, session: None })
            }
            ActorKind::Token { .. } => Err(Error::denied()),
            ActorKind::Visitor | ActorKind::System => Err(Error::code(Code::SignInRequired)),
        }
    }

    /// The actor as a person at the panel: what no token may do (passwords, factors, tokens).
    ///
    /// # Errors
    /// `SignInRequired`, `Denied`.
    pub fn authorize_in_person(&mut self) -> Result<SelfScope> {
        match self.actor().kind {
            ActorKind::User { user, session } => Ok(SelfScope { user, session: Some(session) }),
            ActorKind::Token { .. } => Err(Error::denied()),
            ActorKind::Visitor | ActorKind::System => Err(Error::code(Code::SignInRequired)),
        }
    }

    /// Everything that the actor may do on a site; nothing where they may not see it.
    ///
    /// # Errors
    /// `NotFound("site")`.
    pub fn scope_of(&mut self, site: SiteId) -> Result<SiteScope> {
        let account = self.account_of(site)?;
        let capabilities = self.limit(Some(site), |g| g.on_site(site, account))?;
        Ok(SiteScope { site, account, capabilities })
    }

    /// As [`Tx::scope_of`] for a site whose row was just read: no question for its account.
    ///
    /// # Errors
    /// Database failures.
    pub fn scope_of_row(&mut self, site: SiteId, account: AccountId) -> Result<SiteScope> {
        let capabilities = self.limit(Some(site), |g| g.on_site(site, account))?;
        Ok(SiteScope { site, account, capabilities })
    }

    fn account_of(&mut self, site: SiteId) -> Result<AccountId> {
        let account: Option<i64> = sites::table
            .filter(sites::id.eq(site.get()))
            .filter(sites::status.ne(DELETED))
            .select(sites::account_id)
            .first(self.conn())
            .optional()
            .or_db("looking for the site")?;
        account.map(AccountId).ok_or_else(|| Error::not_found("site"))
    }

    /// Rights of the actor: a token's are its person's, cut to its scopes and its site (security rule C8).
    fn limit(&mut self, site: Option<SiteId>, of: impl Fn(&Grants) -> Capabilities) -> Result<Capabilities> {
        let kind = self.actor().kind.clone();
        match kind {
            ActorKind::System => Ok(Capabilities::ALL),
            ActorKind::Visitor => Ok(Capabilities::NONE),
            ActorKind::User { .. } => Ok(of(&*self.grants()?)),
            ActorKind::Token { scopes, site: bound, .. } => {
                if bound.is_some() && bound != site {
                    return Ok(Capabilities::NONE);
                }
                Ok(of(&*self.grants()?).intersection(scopes))
            }
        }
    }
}
