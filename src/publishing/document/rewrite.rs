//! Changes to a whole document: cleaning before it is stored, new addresses after an import.

use freehold_base::Result;

use super::node::walk_mut;
use super::{Document, Kind, Link, Mark, clean_html, is_safe_url};

/// Looks up a piece of media by the number and the address that stand in a document.
pub type FindMedia<'a> = dyn FnMut(Option<i64>, &str) -> Option<(Option<i64>, String)> + 'a;

impl Document {
    /// Makes it fit to be stored. `allow_raw` says whether the role of the person who saves permits raw HTML: then
    /// HTML blocks stay as written and are marked `raw`; otherwise they are cleaned and lose that mark.
    /// Blocks of other systems stay as they are; they are cleaned whenever they are rendered.
    ///
    /// # Errors
    /// `TooDeep` or `TooLarge` for an HTML block past the bounds of [`clean_html`].
    pub fn clean(&mut self, allow_raw: bool) -> Result<()> {
        let mut result = Ok(());
        walk_mut(&mut self.content, &mut |node| {
            node.marks.retain_mut(|mark| if let Mark::Link(link) = mark { tidy(link) } else { true });
            if let Kind::Html { source, raw } = &mut node.kind {
                *raw = allow_raw;
                if !allow_raw {
                    match clean_html(source) {
                        Ok(cleaned) => *source = cleaned.into(),
                        Err(e) => result = Err(e),
                    }
                }
            }
        });
        result
    }

    /// Gives media new numbers and addresses: `find` gets the number (after an import: the other system's) and the
    /// address of each image and file, and returns what shall stand there instead.
    pub fn map_media(&mut self, find: &mut FindMedia<'_>) {
        walk_mut(&mut self.content, &mut |node| {
            let (id, src) = match &mut node.kind {
                Kind::Image(image) => (&mut image.media_id, &mut image.src),
                Kind::File(file) => (&mut file.media_id, &mut file.src),
                _ => return,
            };
            if let Some((new_id, new_src)) = find(*id, src) {
                (*id, *src) = (new_id, new_src);
            }
        });
    }

    /// Gives links new addresses: `find` gets each address and returns the new one, if there is one.
    pub fn map_links(&mut self, find: &mut dyn FnMut(&str) -> Option<String>) {
        walk_mut(&mut self.content, &mut |node| {
            for mark in &mut node.marks {
                if let Mark::Link(link) = mark
                    && let Some(href) = find(&link.href)
                {
                    link.href = href;
                }
            }
        });
    }
}

/// Whether the link may stay.
fn tidy(link: &mut Link) -> bool {
    link.target = link.target.take().filter(|target| matches!(target.as_str(), "_blank" | "_self"));
    is_safe_url(&link.href)
}
