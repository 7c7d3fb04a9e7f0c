//! A document as Markdown (GitHub's flavour) and back.
//!
//! What Markdown cannot say is written as HTML (underline, merged cells) or left out (sizes, alignment, nodes of
//! unknown type). Reading what was written gives the same document again for all that came from Markdown.

mod inline;
mod read;
mod write;
