//! Sites: what is served under one or more host names, and their settings.

mod create;
pub mod domains;
pub mod events;
mod hosts;
pub mod names;
pub mod rules;
pub mod theme_choice;
pub mod settings;
pub mod undo;

pub(crate) use create::delete_closed;
pub use create::{
    BEGIN, Card, ERASE, NewSite, cards_of, create, create_of_files, delete, erase_some, first_cards, list_after,
    list_visible, local_host, walk_cards,
};
pub use domains::{add_domain, domains, make_main, remove_domain, set_redirect};
pub use hosts::{Host, HostKind, hosts, hosts_of};
pub use names::{host_typed, name_typed};
pub use settings::{Discussion, General, Permalinks, Reading, Settings, Web, language};
pub use theme_choice::ThemeChoice;
