//! Plugins of the installation: how they come and go, which site uses which with what settings, and how they are asked and
//! told (rows PL01 to PL08, rules A5, D5, D6).
//!
//! A plugin is a folder of `data/plugins`, or one of those that we ship. It runs once a hosting admin has agreed to what
//! it may do, and only on sites that switched it on. What it answers is cleaned; where it fails, the page comes without
//! it. A newer version that asks for more waits beside, in `data/plugin-updates`, while the one that is here runs on.

pub mod events;
pub mod files;
pub mod settings;
mod offered;
pub mod code;
pub mod said;
pub mod parts;
mod world;
mod ask;
pub mod live;
pub mod tell;
pub mod admin;
pub mod sites;
pub mod install;

pub use freehold_plugins::consent;
pub use freehold_plugins::costs::Figures;
pub use freehold_plugins::hooks::Hook;
pub use freehold_plugins::manifest::{Choice, Manifest, Setting, SettingKind};
pub use live::Plugins;
pub use parts::{Origin, Plugin, Standing};
