//! Who may do what. Scopes have private fields and are made only here: a query on an owned table cannot be called
//! by somebody who was not authorized (security rules C1, C2).

mod holder;
mod grants;

use std::sync::Arc;

use diesel::prelude::*;
use freehold_base::capability::Capabilities;
use freehold_base::{
    AccountId, Capability, Code, Error, Feature, Features, ResellerId, Result, SessionId, SiteId, TokenId, UserId,
};

use crate::Tx;
use crate::conn::OrDb as _;
use crate::schema::{accounts, plans, resellers, sessions, sites};

pub use grants::Grants;
pub use holder::Holder;
pub(crate) use holder::{HolderRow, holder_columns};

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
    /// The account that a hosting admin or reseller looks at as its owner: then no right of their own holds.
    pub acting: Option<AccountId>,
}

impl Actor {
    /// A visitor of a public site.
    pub fn visitor(address: &str) -> Self {
        Self { kind: ActorKind::Visitor, address: address.into(), grants: Arc::default(), acting: None }
    }
    /// Freehold itself.
    pub fn system() -> Self {
        Self { kind: ActorKind::System, address: "".into(), grants: Arc::default(), acting: None }
    }
    /// The person behind it, if there is one.
    pub fn user(&self) -> Option<UserId> {
        match self.kind {
            ActorKind::User { user, .. } | ActorKind::Token { user, .. } => Some(user),
            ActorKind::Visitor | ActorKind::System => None,
        }
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
    reseller: ResellerId,
    features: Features,
    capabilities: Capabilities,
}

impl AccountScope {
    /// The account.
    pub fn id(self) -> AccountId {
        self.account
    }
    /// For filters.
    pub fn get(self) -> i64 {
        self.account.get()
    }
    /// Who sells it; 0: the installation.
    pub fn reseller(self) -> ResellerId {
        self.reseller
    }
    /// What its plan and its reseller include.
    pub fn features(self) -> Features {
        self.features
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

/// Proof that the actor may touch accounts of customers: of all, or of the resellers they work for.
#[derive(Clone, Debug)]
pub struct CustomersScope {
    /// None: of all.
    resellers: Option<Vec<i64>>,
    capabilities: Capabilities,
}

impl CustomersScope {
    /// The resellers whose accounts they may touch; `None`: all accounts.
    pub fn resellers(&self) -> Option<&[i64]> {
        self.resellers.as_deref()
    }
    /// Whether accounts of this reseller are among them.
    pub fn covers(&self, reseller: ResellerId) -> bool {
        self.resellers.as_ref().is_none_or(|all| all.contains(&reseller.get()))
    }
    /// All that the actor may do there.
    pub fn capabilities(&self) -> Capabilities {
        self.capabilities
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

/// A proof that somebody is who they are counts so long for what cannot be taken back.
pub const FRESH_MS: i64 = 10 * 60 * 1000;

/// Status of a site that is being erased: every look for a site passes it over.
pub(crate) const DELETED: &str = "deleted";
/// State of a name that is served.
pub(crate) const LIVE: &str = "live";
/// Status of an account in the graveyard: its sites, names and people's rights rest with it.
pub(crate) const TERMINATED: &str = "terminated";

impl Tx<'_> {
    /// The site, if the actor may do this there. A site that the actor may not even read does not exist for them.
    ///
    /// # Errors
    /// `NotFound("site")`, `AccountSuspended`, `FeatureOff`, `Denied`.
    pub fn authorize(&mut self, site: SiteId, capability: Capability) -> Result<SiteScope> {
        let holder = self.holder_of(site)?;
        let scope = self.scope_of_row(site, &holder)?;
        if scope.has(capability) {
            return Ok(scope);
        }
        let member = self.member_of(Some(site), &holder)?;
        Err(refusal(scope.capabilities, member, capability, &holder, "site"))
    }

    /// The site as visitors see it: whatever the actor holds, only public things may be read through it.
    ///
    /// # Errors
    /// `NotFound("site")`.
    pub fn visit(&mut self, site: SiteId) -> Result<SiteScope> {
        let account = self.holder_of(site)?.account;
        Ok(SiteScope { site, account, capabilities: Capabilities::NONE })
    }

    /// As [`Tx::visit`] for a site whose account the host table already knows: no query.
    pub fn visit_known(&mut self, site: SiteId, account: AccountId) -> SiteScope {
        SiteScope { site, account, capabilities: Capabilities::NONE }
    }

    /// The account, if the actor may do this there.
    ///
    /// # Errors
    /// `NotFound("account")`, `AccountSuspended`, `FeatureOff`, `Denied`.
    pub fn authorize_account(&mut self, account: AccountId, capability: Capability) -> Result<AccountScope> {
        let holder = self.holder(account)?;
        let capabilities = self.limit(None, |g| g.on_account(&holder))?;
        if capabilities.has(capability) {
            let Holder { reseller, features, .. } = holder;
            return Ok(AccountScope { account, reseller, features, capabilities });
        }
        let member = self.member_of(None, &holder)?;
        Err(refusal(capabilities, member, capability, &holder, "account"))
    }

    /// All that the actor may do on accounts, if they may do this on one of them at least.
    ///
    /// # Errors
    /// `Denied`.
    pub fn authorize_some_account(&mut self, capability: Capability) -> Result<Capabilities> {
        let capabilities = self.limit(None, Grants::on_any_account)?;
        if capabilities.has(capability) { Ok(capabilities) } else { Err(Error::denied()) }
    }

    /// Accounts of customers, if the actor may do this with them.
    ///
    /// # Errors
    /// `Denied`.
    pub fn authorize_customers(&mut self, capability: Capability) -> Result<CustomersScope> {
        let all = self.limit(None, Grants::on_server)?;
        if all.has(capability) {
            return Ok(CustomersScope { resellers: None, capabilities: all });
        }
        let capabilities = self.limit(None, Grants::on_customers)?;
        if !capabilities.has(capability) {
            return Err(Error::denied());
        }
        let grants = self.grants()?;
        let able = grants.resellers.iter().filter(|(_, may)| may.has(capability));
        Ok(CustomersScope { resellers: Some(able.map(|(id, _)| id.get()).collect()), capabilities })
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
            // Who looks as an owner is nobody's self: neither the owner's nor, for now, their own.
            ActorKind::User { .. } if self.actor().acting.is_some() => Err(Error::denied()),
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
            ActorKind::User { .. } if self.actor().acting.is_some() => Err(Error::denied()),
            ActorKind::User { user, session } => Ok(SelfScope { user, session: Some(session) }),
            ActorKind::Token { .. } => Err(Error::denied()),
            ActorKind::Visitor | ActorKind::System => Err(Error::code(Code::SignInRequired)),
        }
    }

    /// The person at the panel whose session it is, also while they look at an account as its owner: only to show who
    /// they are.
    ///
    /// # Errors
    /// `SignInRequired`, `Denied` (a token).
    pub fn authorize_present(&mut self) -> Result<SelfScope> {
        match self.actor().kind {
            ActorKind::User { user, session } => Ok(SelfScope { user, session: Some(session) }),
            ActorKind::Token { .. } => Err(Error::denied()),
            ActorKind::Visitor | ActorKind::System => Err(Error::code(Code::SignInRequired)),
        }
    }

    /// Asks for a fresh proof before what cannot be taken back, or opens doors: a signed-in person must have shown
    /// within the last ten minutes that it is them. Comes right after `authorize`. `doing` names the act for the page
    /// that asks: "delete this site for good".
    ///
    /// A token and the installation itself have nobody to ask: their own checks count.
    ///
    /// # Errors
    /// `ConfirmNeeded`; the panel's guard takes it from there.
    pub fn need_fresh(&mut self, doing: &str) -> Result<()> {
        let ActorKind::User { user, session } = self.actor().kind else { return Ok(()) };
        let confirmed: Option<i64> = sessions::table
            .filter(sessions::id.eq(session.get()))
            .filter(sessions::user_id.eq(user.get()))
            .select(sessions::confirmed_at)
            .first(self.conn())
            .optional()
            .or_db("looking when the person was last asked")?;
        // A proof from the future was written by a wrong clock: it counts for nothing.
        let age = self.now().ms() - confirmed.unwrap_or(0);
        if (0..FRESH_MS).contains(&age) { Ok(()) } else { Err(Error::refused(Code::ConfirmNeeded, doing)) }
    }

    /// Everything that the actor may do on a site; nothing where they may not see it.
    ///
    /// # Errors
    /// `NotFound("site")`.
    pub fn scope_of(&mut self, site: SiteId) -> Result<SiteScope> {
        let holder = self.holder_of(site)?;
        self.scope_of_row(site, &holder)
    }

    /// As [`Tx::scope_of`] for a site whose row was just read: no question for its account.
    ///
    /// # Errors
    /// Database failures.
    pub fn scope_of_row(&mut self, site: SiteId, holder: &Holder) -> Result<SiteScope> {
        let capabilities = self.limit(Some(site), |g| g.on_site(site, holder))?;
        Ok(SiteScope { site, account: holder.account, capabilities })
    }

    /// An account as far as rights go; one in the graveyard is still there.
    ///
    /// # Errors
    /// `NotFound("account")`.
    pub fn holder(&mut self, account: AccountId) -> Result<Holder> {
        let row: Option<HolderRow> = accounts::table
            .left_join(plans::table)
            .left_join(resellers::table)
            .filter(accounts::id.eq(account.get()))
            .select(holder_columns!())
            .first(self.conn())
            .optional()
            .or_db("looking for the account")?;
        row.map(Holder::of_row).ok_or_else(|| Error::not_found("account"))
    }

    /// What is left of somebody's rights while they look at an account as its owner; nothing where it is gone for good.
    ///
    /// # Errors
    /// Database failures.
    pub fn rights_as_owner(&mut self, grants: &Grants, account: AccountId) -> Result<Grants> {
        match self.holder(account) {
            Ok(holder) => Ok(grants.as_owner_of(&holder)),
            Err(e) if e.as_code() == Code::NotFound => Ok(Grants::default()),
            Err(e) => Err(e),
        }
    }

    /// The account of a site that is there: neither it nor the account is deleted.
    ///
    /// # Errors
    /// `NotFound("site")`.
    pub fn holder_of(&mut self, site: SiteId) -> Result<Holder> {
        let row: Option<HolderRow> = sites::table
            .inner_join(accounts::table.left_join(plans::table).left_join(resellers::table))
            .filter(sites::id.eq(site.get()))
            .filter(sites::status.ne(DELETED))
            .filter(accounts::status.ne(TERMINATED))
            .select(holder_columns!())
            .first(self.conn())
            .optional()
            .or_db("looking for the site")?;
        row.map(Holder::of_row).ok_or_else(|| Error::not_found("site"))
    }

    /// What the actor would have if the account were neither suspended nor without any feature.
    fn member_of(&mut self, site: Option<SiteId>, holder: &Holder) -> Result<Capabilities> {
        let whole = Holder { suspended: None, features: Features::ALL, ..holder.clone() };
        self.limit(site, |g| match site {
            Some(site) => g.on_site(site, &whole),
            None => g.on_account(&whole),
        })
    }

    /// Rights of the actor: as an owner where they act as one; a token's are its person's, cut to its scopes and its
    /// site (security rule C8).
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

/// Why somebody may not: it does not exist for them, the account is suspended, its plan leaves it out, or their role.
fn refusal(has: Capabilities, member: Capabilities, wanted: Capability, holder: &Holder, what: &'static str) -> Error {
    if member == Capabilities::NONE {
        return Error::not_found(what);
    }
    if !member.has(wanted) {
        return Error::denied();
    }
    match &holder.suspended {
        Some(reason) => Error::refused(Code::AccountSuspended, &**reason),
        None if has.has(wanted) => Error::denied(),
        None => {
            let feature = Feature::ALL.iter().find(|f| f.capabilities().has(wanted));
            Error::refused(Code::FeatureOff, feature.map_or(wanted.name(), |f| f.label()))
        }
    }
}
