//! Entries: rows and the queries on them.

mod row;
mod find;
mod write;
mod list;
mod around;
mod author;
mod term;
mod sitemap;

pub use around::{Around, Neighbour, Shown, around};
pub use author::{author, author_by_slug, first_user};
pub use find::{children, documents, find, find_by_path, find_with_author, long_trashed, path_taken};
pub use list::{
    Filter, Sort, addresses, archive, archive_place, archive_up, authors_of, count, counts_of, found, front, list,
    place, with_address,
};
pub use row::{Author, Card, CardRow, Cover, Entry};
pub use sitemap::{Line, SitemapFile, sitemap_authors, sitemap_entries, sitemap_files, sitemap_images, sitemap_terms};
pub use term::term_at;
pub use write::{add_comments, delete, insert, next_id, update};
