//! Who must have a second factor. A hosting admin whose panel other machines reach always must (security rule C5).

use freehold_base::{Capability, Result, Role};
use freehold_store::tx::audit::Chain;
use freehold_store::users::User;
use freehold_store::{Grants, Tx, installation};

use super::Accounts;

/// Name of the rule among the facts of the installation.
const NAME: &str = "second_factor";

/// For whom a second factor is no choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FactorRule {
    /// Who runs or sees the whole installation.
    pub hosting_admins: bool,
    /// Who sells web space.
    pub resellers: bool,
    /// Owners of accounts.
    pub owners: bool,
    /// Everybody who signs in.
    pub everybody: bool,
}

impl FactorRule {
    /// Words of the rule, as the database, the API and the command line have them.
    pub const WORDS: [&str; 4] = ["hosting_admins", "resellers", "owners", "everybody"];

    /// The words that hold.
    pub fn words(self) -> Vec<&'static str> {
        let flags = [self.hosting_admins, self.resellers, self.owners, self.everybody];
        Self::WORDS.into_iter().zip(flags).filter(|(_, on)| *on).map(|(word, _)| word).collect()
    }
    /// Of words; unknown ones are passed over.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut rule = Self::default();
        for word in words {
            match word {
                "hosting_admins" => rule.hosting_admins = true,
                "resellers" => rule.resellers = true,
                "owners" => rule.owners = true,
                "everybody" => rule.everybody = true,
                _ => {}
            }
        }
        rule
    }
    fn wants(self, grants: &Grants) -> bool {
        let owns = grants.accounts.iter().any(|(_, role)| *role == Role::Owner);
        self.everybody
            || (self.hosting_admins && grants.server.is_some())
            || (self.resellers && !grants.resellers.is_empty())
            || (self.owners && owns)
    }
}

/// The rule in force.
///
/// # Errors
/// Database failures.
pub fn rule(tx: &mut Tx<'_>) -> Result<FactorRule> {
    let words = installation::get(tx, NAME)?.unwrap_or_default();
    Ok(FactorRule::of(words.split(' ')))
}

/// Sets the rule. Who lacks a factor that they must have sets one up before anything else opens.
///
/// # Errors
/// `Denied`, `ConfirmNeeded`.
pub fn set_rule(tx: &mut Tx<'_>, rule: FactorRule) -> Result<()> {
    tx.authorize_server(Capability::ServerManage)?;
    tx.need_fresh("change who needs a second factor")?;
    let words = rule.words().join(" ");
    installation::set(tx, NAME, &words)?;
    tx.audit(Chain::Server, "factor.rule", "installation", words);
    Ok(())
}

impl Accounts {
    /// Whether somebody with these rights and without a second factor must set one up before anything else.
    pub(super) fn needs_factor(&self, tx: &mut Tx<'_>, user: &User, grants: &Grants) -> Result<bool> {
        if user.has_factor() {
            return Ok(false);
        }
        let reachable = self.options.beyond_loopback && grants.server.is_some();
        Ok(reachable || rule(tx)?.wants(grants))
    }
}
