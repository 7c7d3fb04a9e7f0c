//! Sites: what is served under one or more host names, and their settings.

mod create;
mod domains;
pub mod events;
mod hosts;
pub mod settings;
pub mod undo;

pub(crate) use create::delete_closed;
pub use create::{
    Card, ERASE, NewSite, cards_of, create, delete, erase_some, first_cards, list_visible, local_host, walk_cards,
};
pub use domains::{add_domain, domains, host_typed, make_main, remove_domain, set_redirect};
pub use hosts::{Host, HostKind, hosts};
pub use settings::{Discussion, General, Permalinks, Reading, Settings, ThemeChoice, language};
