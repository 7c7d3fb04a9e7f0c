//! Accounts of customers, plans and resellers: twins of the panel's buttons.

pub mod accounts;
pub mod plans;
pub mod resellers;
