//! Entries: rows and the queries on them.

mod row;
mod find;
mod write;
mod list;
mod around;
mod author;

pub use around::{Around, Neighbour, around};
pub use author::{author, author_by_slug, first_user};
pub use find::{children, documents, find, find_by_path, find_with_author, long_trashed, path_taken};
pub use list::{Filter, Sort, addresses, archive, authors_of, count, counts_of, list, sitemap, with_address};
pub use row::{Author, Card, CardRow, Cover, Entry};
pub use write::{add_comments, delete, insert, next_id, update};
