//! Customers: their accounts, plans and resellers.

pub mod acting;
