//! A term as the head of its list.

use diesel::prelude::*;
use freehold_base::Result;

use super::Cover;
use crate::conn::OrDb as _;
use crate::schema::{media, terms};
use crate::terms::Term;
use crate::{SiteScope, Tx, each_backend};

/// The term at an address with its image, in one statement.
///
/// # Errors
/// Database failures.
pub fn term_at(tx: &mut Tx<'_>, site: SiteScope, path: &str) -> Result<Option<(Term, Option<Cover>)>> {
    // On the connection itself, as in `find_by_path`.
    each_backend!(tx.conn(), |c| terms::table
        .left_join(media::table.on(media::id.eq(terms::image_id).and(media::site_id.eq(terms::site_id))))
        .filter(terms::site_id.eq(site.get()))
        .filter(terms::path.eq(path))
        .select((Term::as_select(), Option::<Cover>::as_select()))
        .first(c)
        .optional())
    .or_db("reading the term")
}
