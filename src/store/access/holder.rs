//! An account as far as rights go: who sells it, whether it is suspended, what its plan includes.

use std::sync::Arc;

use freehold_base::{AccountId, Features, ResellerId};

/// An account as far as rights go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub(super) account: AccountId,
    pub(super) reseller: ResellerId,
    pub(super) suspended: Option<Arc<str>>,
    pub(super) features: Features,
}

/// Columns that a [`Holder`] is made from: id, reseller, status, reason of a suspension, features of the plan and of the
/// reseller.
pub(crate) type HolderRow = (i64, i64, String, String, Option<String>, Option<String>);

/// The columns of a [`HolderRow`].
macro_rules! holder_columns {
    () => {
        (
            $crate::schema::accounts::id,
            $crate::schema::accounts::reseller_id,
            $crate::schema::accounts::status,
            $crate::schema::accounts::suspended_reason,
            $crate::schema::plans::features.nullable(),
            $crate::schema::resellers::features.nullable(),
        )
    };
}
pub(crate) use holder_columns;

impl Holder {
    pub(crate) fn of_row((account, reseller, status, reason, of_plan, of_reseller): HolderRow) -> Self {
        let suspended =
            (status != "active").then(|| if reason.is_empty() { "no reason is given".into() } else { reason.into() });
        Self {
            account: AccountId(account),
            reseller: ResellerId(reseller),
            suspended,
            features: [of_plan, of_reseller]
                .into_iter()
                .flatten()
                .fold(Features::ALL, |all, text| all.intersection(stored_features(&text))),
        }
    }
    /// The account.
    pub fn account(&self) -> AccountId {
        self.account
    }
    /// Who sells it; 0: the installation.
    pub fn reseller(&self) -> ResellerId {
        self.reseller
    }
    /// Why it is suspended, where it is.
    pub fn suspended(&self) -> Option<&str> {
        self.suspended.as_deref()
    }
}

/// Features as a plan stores them: a JSON list of names.
pub(super) fn stored_features(text: &str) -> Features {
    let names: Vec<String> = serde_json::from_str(text).unwrap_or_default();
    Features::named(names.iter().map(String::as_str))
}
