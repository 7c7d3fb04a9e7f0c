//! Floor 1: the only place that touches the machine. Durable files and the media store, folders that cannot
//! be left by a link, thread priorities, the one outgoing HTTP client, questions to
//! name servers, mail. Knows nothing of sites, users or
//! the database, and is synchronous but for the HTTP client.

pub mod threads;
pub mod files;
pub mod nameless_file;
pub mod rooted;
pub mod arrivals;
pub mod blobs;
pub mod derived;
pub mod outbound;
pub mod dns;
pub mod mail;
pub mod local;
