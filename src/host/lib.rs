//! Floor 1: the only place that touches the machine. Durable files and the media store, folders that cannot
//! be left by a link, thread priorities, archives, the one outgoing HTTP client, questions to name servers, programs in their
//! sandbox, mail. Knows nothing of sites, users or
//! the database, and is synchronous but for the HTTP client.

#[cfg(test)]
mod tests_as_nobody;
pub mod threads;
pub mod files;
pub mod nameless_file;
pub mod beneath;
pub mod rooted;
pub mod arrivals;
pub mod shelf;
pub mod blobs;
pub mod derived;
pub mod account_dir;
pub mod archive;
pub mod packed;
pub mod outbound;
pub mod sandbox;
pub mod dns;
pub mod mail;
pub mod local;
pub mod machine;
pub mod helper;
