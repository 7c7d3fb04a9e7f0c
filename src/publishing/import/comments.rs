//! Comments of an item.

use std::collections::HashSet;

use freehold_base::{CommentId, EntryId, Result};
use freehold_store::comments::{self as rows, Comment};
use freehold_store::imported::{self, Imported};
use freehold_store::{SiteScope, Tx};

use super::convert::{one_line, some_lines};
use super::world::World;
use crate::wxr::Item;

/// A comment that is ready to be written.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    /// Number in the file; 0 where it has none.
    pub number: i64,
    /// The number of the comment it answers, if that one is written before it or was in an earlier run.
    pub parent: i64,
    /// What an earlier run made of it.
    pub before: Option<i64>,
    pub row: Comment,
}

/// Comments in an order in which each stands behind the one it answers.
pub(super) fn ready(world: &World, item: &Item, notes: &mut Vec<String>) -> Vec<Ready> {
    let numbers: HashSet<i64> = item.comments.iter().map(|c| c.wp_id).collect();
    let mut list: Vec<Ready> = Vec::with_capacity(item.comments.len());
    let mut cut = 0;
    for c in &item.comments {
        let (body, was_cut) = some_lines(&c.content, 20_000);
        cut += usize::from(was_cut);
        let short = |text: &str, max: usize| one_line(text, max).0;
        let row = Comment {
            id: CommentId(0),
            entry_id: EntryId(0),
            parent_id: CommentId(0),
            user_id: world.user_by_number(c.user_id),
            author_name: short(&c.author, 100),
            author_email: short(&c.email, 254),
            author_url: Some(short(&c.url, 500)).filter(|u| u.starts_with("http")).unwrap_or_default(),
            address: short(&c.ip, 64),
            agent: String::new(),
            body,
            status: status_of(&c.approved).into(),
            created_at: c.date_gmt.or(item.pub_date_gmt).filter(|t| *t <= world.now).unwrap_or(world.now),
        };
        let parent = if numbers.contains(&c.parent) && c.parent != c.wp_id { c.parent } else { 0 };
        list.push(Ready { number: c.wp_id, parent, before: world.comments.get(&c.wp_id).copied(), row });
    }
    if cut > 0 {
        notes.push(format!("{cut} of its comments were cut to 20,000 characters"));
    }
    answers_behind(list)
}

fn status_of(approved: &str) -> &'static str {
    match approved {
        "1" | "approve" | "approved" => "approved",
        "spam" => "spam",
        "trash" | "post-trashed" => "trash",
        _ => "pending",
    }
}

/// Puts each comment behind the one it answers; circles are broken.
fn answers_behind(list: Vec<Ready>) -> Vec<Ready> {
    let mut waiting = list;
    let mut out: Vec<Ready> = Vec::with_capacity(waiting.len());
    let mut there: HashSet<i64> = HashSet::new();
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut later = Vec::new();
        for c in waiting {
            if c.parent == 0 || there.contains(&c.parent) {
                there.insert(c.number);
                out.push(c);
            } else {
                later.push(c);
            }
        }
        if later.len() == before
            && let Some(first) = later.first_mut()
        {
            first.parent = 0;
        }
        waiting = later;
    }
    out
}

/// Writes the comments that are not there yet; how many were new.
pub(super) fn write(
    tx: &mut Tx<'_>,
    scope: SiteScope,
    source: &str,
    entry: EntryId,
    list: &[Ready],
) -> Result<Vec<(i64, i64)>> {
    let mut made: Vec<(i64, i64)> = Vec::new();
    let mut known: std::collections::HashMap<i64, i64> =
        list.iter().filter_map(|c| Some((c.number, c.before?))).collect();
    for c in list.iter().filter(|c| c.before.is_none()) {
        let parent = CommentId(known.get(&c.parent).copied().unwrap_or(0));
        let row = Comment { entry_id: entry, parent_id: parent, ..c.row.clone() };
        let id = rows::insert(tx, scope, &row)?.get();
        if c.number > 0 {
            known.insert(c.number, id);
            let thing = Imported {
                kind: "comment".into(),
                source_id: c.number.to_string(),
                target_id: id,
                fingerprint: String::new(),
            };
            imported::note(tx, scope, source, &thing)?;
        }
        made.push((c.number, id));
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(number: i64, parent: i64) -> Ready {
        let row = Comment {
            id: CommentId(0),
            entry_id: EntryId(0),
            parent_id: CommentId(0),
            user_id: 0,
            author_name: String::new(),
            author_email: String::new(),
            author_url: String::new(),
            address: String::new(),
            agent: String::new(),
            body: String::new(),
            status: "approved".into(),
            created_at: freehold_base::Timestamp(0),
        };
        Ready { number, parent, before: None, row }
    }

    #[test]
    fn answers_stand_behind_and_circles_are_broken() {
        let order: Vec<i64> = answers_behind(vec![one(3, 2), one(2, 1), one(1, 0), one(8, 9), one(9, 8)])
            .iter()
            .map(|c| c.number)
            .collect();
        assert_eq!(order, [1, 2, 3, 8, 9]);
    }
}
