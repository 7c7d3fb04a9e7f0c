//! Floor 2: what every product part stands on: settings, sites with their host names, jobs, people.
//! No HTTP, no HTML of the panel, no diesel.

pub mod secrets;
pub mod accounts;
pub mod jobs;
pub mod sites;
