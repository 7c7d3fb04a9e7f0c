//! Floor 0: words every other crate speaks. Errors and their codes, ids, time, configuration, text,
//! secrets, pages of lists, capabilities and the `Event` trait. Knows nothing of the product's rules.

pub mod canon_path;
pub mod capability;
pub mod feature;
pub mod clock;
pub mod error;
pub mod event;
pub mod steps;
pub mod ids;
pub mod host_name;
pub mod network;
pub mod jail_path;
pub mod domain_name;
pub mod page;
pub mod secret;
pub mod text;
pub mod config;

pub use canon_path::CanonPath;
pub use capability::{Capability, Role};
pub use clock::{Clock, Timestamp};
pub use domain_name::DomainName;
pub use error::{Code, Error, FieldError, OrInternal, Result};
pub use event::Event;
pub use feature::{Feature, Features};
pub use host_name::HostName;
pub use ids::*;
pub use jail_path::JailPath;
pub use network::Network;
pub use page::{Cursor, Page, PageSize};
pub use secret::Secret;
