//! Themes: folders of Tera templates that turn view structs into pages.
//!
//! A theme chain (child, parents, then the built-in Croft) is read as bytes, guarded, compiled into one [`Theme`]
//! and shared by every site whose chain has the same bytes. Rendering takes a [`context::Page`] and gives HTML; this
//! module knows no database, no request and no configuration (security rule D3).

mod problem;

pub mod files;
pub mod guard;

pub mod contrast;
mod css;
pub mod settings;

pub mod manifest;

pub mod context;
mod dates;
mod instrument;

pub mod assets;
pub mod hierarchy;

mod frame;

mod bounded;
mod markup;

mod head;

mod functions;
mod filters;

pub mod share;

pub mod load;

pub mod sample;

pub mod package;

pub mod check;

pub mod scaffold;

pub mod live;

pub mod watch;

#[cfg(test)]
mod tests;

pub use assets::Asset;
pub use context::Page;
pub use files::ThemeFiles;
pub use guard::Limits;
pub use hierarchy::Question;
pub use live::{Origin, Themes};
pub use load::Theme;
pub use manifest::Manifest;
pub use package::Package;
pub use problem::Problem;
