//! Floor 2: what every product part stands on: secrets, settings, sites with their host names, jobs, people.
//! No HTTP, no HTML of the panel, no diesel.

pub mod secrets;
pub mod jobs;
pub mod limits;
pub mod sites;
pub mod accounts;
pub mod outbox;
pub mod upkeep;
pub mod audit;
pub mod customers;
