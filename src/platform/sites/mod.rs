//! Sites: what is served under one or more host names, and their settings.

mod create;
mod domains;
pub mod events;
mod hosts;
pub mod settings;

pub use create::{NewSite, create, delete, list_visible};
pub use domains::{add_domain, domains, make_main, remove_domain};
pub use hosts::{Host, HostKind, hosts};
pub use settings::{Discussion, General, Permalinks, Reading, Settings, ThemeChoice};
