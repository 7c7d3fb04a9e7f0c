//! Floor 1: plugins, without the product's database and pages. What a plugin's manifest and package may say, what people
//! are asked, how a call runs in its sandbox, when a plugin is switched off. Knows no disk: it is given bytes, a cache
//! and a [`engine::Host`].

pub mod problem;
pub mod hooks;
pub mod capability;
pub mod manifest;
pub mod signature;
pub mod package;
pub mod consent;
pub mod update;
pub mod breaker;
pub mod costs;
pub mod engine;

#[cfg(test)]
mod guide_tests;
