//! Posts for trials and benches: the same numbers give the same posts. Words are drawn from a Zipf vocabulary, or
//! every search would match every post.

use std::ops::Range;

use freehold_base::{CommentId, EntryId, Result, SiteId, TermId, Timestamp};
use freehold_publishing::content::{self, Body, Changes, Intent, Target, terms};
use freehold_store::comments::{self, Comment};
use freehold_store::{Actor, SiteScope, Store, Tx, entries};

/// Words in the vocabulary.
const VOCABULARY: u64 = 20_000;
/// Words of one post, about.
const WORDS: usize = 600;
/// When the newest post was published: 2026-01-01 00:00 UTC. Not the clock, so that two runs make the same site.
const NEWEST: i64 = 1_767_225_600_000;
const HOUR: i64 = 3_600_000;
/// Every so many posts one is talked about.
const TALKED: u64 = 5;
/// Posts in one transaction.
const BATCH: u64 = 50;

/// splitmix64: small, and enough for test data.
#[derive(Clone, Debug)]
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
    /// A rank of the vocabulary by Zipf's law (exponent 1): rank r with a chance of about 1/r.
    fn word(&mut self) -> String {
        let rank = (VOCABULARY as f64).powf(self.unit()) as u64;
        word(rank)
    }
}

/// The word of a rank: syllables, so that it can be read.
fn word(rank: u64) -> String {
    const A: &[&str] =
        &["ba", "co", "du", "fe", "ga", "hi", "ju", "ka", "lo", "mi", "na", "pe", "ri", "so", "tu", "va", "we", "zo"];
    let mut n = rank;
    let mut out = String::new();
    loop {
        out.push_str(A[(n % A.len() as u64) as usize]);
        n /= A.len() as u64;
        if n == 0 {
            return out;
        }
    }
}

fn sentence(draw: &mut Draw, words: usize) -> String {
    let mut text: Vec<String> = (0..words).map(|_| draw.word()).collect();
    if let Some(first) = text.first_mut() {
        first[..1].make_ascii_uppercase();
    }
    text.join(" ")
}

fn post(n: u64, at: Timestamp, categories: &[TermId]) -> Changes {
    let mut draw = Draw(n.wrapping_mul(0x1234_5678_9abc_def1));
    let mut body = String::new();
    let mut words = 0;
    while words < WORDS {
        if words > 0 && draw.next().is_multiple_of(4) {
            body.push_str(&format!("## {}\n\n", sentence(&mut draw, 3)));
        }
        for _ in 0..4 {
            let length = 8 + (draw.next() % 12) as usize;
            body.push_str(&sentence(&mut draw, length));
            body.push_str(". ");
            words += length;
        }
        body.push_str("\n\n");
    }
    let category = categories.get((n % categories.len().max(1) as u64) as usize).copied();
    Changes {
        title: Some(format!("{} {n}", sentence(&mut draw, 4))),
        body: Some(Body::Markdown(body)),
        terms: Some(category.into_iter().collect()),
        tags: Some(vec![format!("tag {}", n % 23)]),
        published_at: Some(at),
        ..Default::default()
    }
}

/// What is said below a post: nothing below most, up to nine comments below every fifth, some of them answers.
fn talk(tx: &mut Tx<'_>, site: SiteScope, n: u64, entry: EntryId, at: Timestamp) -> Result<()> {
    if !n.is_multiple_of(TALKED) {
        return Ok(());
    }
    let mut draw = Draw(n.wrapping_mul(0x0dd0_77a1_5eed_0001));
    let count = 1 + draw.next() % 9;
    let mut before = CommentId(0);
    for i in 0..count {
        let answers = draw.next().is_multiple_of(3);
        let name = sentence(&mut draw, 1);
        let words = 5 + (draw.next() % 30) as usize;
        let comment = Comment {
            id: CommentId(0),
            entry_id: entry,
            parent_id: if answers { before } else { CommentId(0) },
            user_id: 0,
            author_email: format!("{}@example.org", name.to_lowercase()),
            author_name: name,
            author_url: String::new(),
            address: String::new(),
            agent: String::new(),
            body: format!("{}.", sentence(&mut draw, words)),
            status: "approved".into(),
            created_at: Timestamp(at.ms() + i64::try_from(i + 1).unwrap_or(1) * 60_000),
        };
        before = comments::insert(tx, site, &comment)?;
    }
    entries::add_comments(tx, site, entry, i64::try_from(count).unwrap_or(0))
}

/// Makes `count` posts on a site; tells each batch to `progress`.
///
/// # Errors
/// As saving.
pub fn seed(store: &Store, site: SiteId, count: u64, progress: &mut dyn FnMut(u64)) -> Result<()> {
    let categories = categories(store, site)?;
    let mut done = 0;
    while done < count {
        let end = (done + BATCH).min(count);
        part(store, site, count, done..end, &categories)?;
        done = end;
        progress(done);
    }
    Ok(())
}

/// Makes the categories that posts are spread over.
///
/// # Errors
/// As saving.
pub fn categories(store: &Store, site: SiteId) -> Result<Vec<TermId>> {
    let named = |n: u32| terms::TermInput { name: format!("Category {n}"), ..Default::default() };
    store.write(&Actor::system(), move |tx| {
        (0..8).map(|n| terms::add(tx, site, "category", &named(n))).collect::<Result<Vec<TermId>>>()
    })
}

/// Makes some of `count` posts.
///
/// # Errors
/// As saving.
pub fn part(store: &Store, site: SiteId, count: u64, which: Range<u64>, categories: &[TermId]) -> Result<()> {
    let mut begin = which.start;
    while begin < which.end {
        let end = (begin + BATCH).min(which.end);
        let mut batch = Vec::new();
        for n in begin..end {
            // One post an hour.
            let at = Timestamp(NEWEST - i64::try_from(count.saturating_sub(n + 1)).unwrap_or(0) * HOUR);
            batch.push((n, at, content::prepare(post(n, at, categories), false)?));
        }
        store.write(&Actor::system(), move |tx| {
            let scope = tx.authorize(site, freehold_base::Capability::CommentsModerate)?;
            for (n, at, prepared) in &batch {
                let entry = content::save(tx, site, &Target::New("post".into()), prepared, Intent::Publish)?;
                talk(tx, scope, *n, entry.id, *at)?;
            }
            Ok(())
        })?;
        begin = end;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_gives_the_same_post() {
        let at = Timestamp(1);
        assert_eq!(post(7, at, &[TermId(1)]), post(7, at, &[TermId(1)]));
        assert_ne!(post(7, at, &[]).title, post(8, at, &[]).title);
    }
}
