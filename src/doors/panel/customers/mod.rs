//! Customers: their accounts, plans and resellers; the overview of the installation; what members see of their plan.

pub mod words;
pub mod months;
pub mod readings;
pub mod chart;
pub mod limits_form;
pub mod brand;
pub mod acting;
pub mod list;
pub mod team;
pub mod account;
pub mod act;
pub mod new;
pub mod plans;
pub mod resellers;
pub mod table;
pub mod usage;
pub mod overview;
