//! A visitor says something.

use std::net::IpAddr;

use freehold_base::text::{email, line, lines, required_line};
use freehold_base::{Code, CommentId, EntryId, Error, Result, SiteId, Timestamp};
use freehold_platform::secrets::limiter::network_of;
use freehold_platform::sites::settings;
use freehold_store::comments::{self as rows, Comment};
use freehold_store::{SiteScope, Tx, entries, failures};

use super::is_open;
use crate::content::events::CommentsChanged;

/// What a form sent.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The entry.
    pub entry: EntryId,
    /// The comment it answers; 0 for none.
    pub parent: CommentId,
    /// Name, at most 80 characters.
    pub name: String,
    /// Address of e-mail; never shown.
    pub email: String,
    /// Their site; may be empty.
    pub url: String,
    /// The words, 2 to 20,000 characters.
    pub body: String,
    /// What stood in the field that people do not see.
    pub trap: String,
    /// The browser.
    pub agent: String,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Everybody sees it.
    Live(CommentId),
    /// It waits for somebody to look at it.
    Waiting,
}

/// The same words again within this time are a double press.
const AGAIN_MS: i64 = 10 * 60 * 1000;
/// Window and number of comments of one network.
const WINDOW_MS: i64 = 10 * 60 * 1000;
const IN_WINDOW: i64 = 8;
/// More links than this wait, whoever wrote them.
const FREE_LINKS: usize = 2;
/// More links than this are spam.
const SPAM_LINKS: usize = 10;

/// Takes a comment. It is not audited: strangers must not write into the account's log.
///
/// # Errors
/// `CommentsClosed`, `NotFound("entry")`, `TooManyAttempts`, `Duplicate`, `Invalid` naming each field.
pub fn say(tx: &mut Tx<'_>, site: SiteId, said: &Said, from: IpAddr) -> Result<Shown> {
    let scope = tx.visit(site)?;
    let (entry, ..) = entries::find_with_author(tx, scope, said.entry)?.ok_or_else(|| Error::not_found("entry"))?;
    let discussion = settings::read(tx, scope)?.discussion;
    if !entry.is_live() {
        return Err(Error::not_found("entry"));
    }
    if !is_open(&entry, &discussion, tx.now()) {
        return Err(Error::code(Code::CommentsClosed));
    }
    let mut comment = read(said, from, tx.now())?;
    if !said.trap.is_empty() {
        return Ok(Shown::Waiting); // a program filled what nobody sees: it may believe that it succeeded
    }
    slow_down(tx, from)?;
    let since = Timestamp(tx.now().ms() - AGAIN_MS);
    if rows::said_before(tx, scope, said.entry, &comment.address, &comment.body, since)? {
        return Err(Error::code(Code::Duplicate));
    }
    comment.parent_id = parent(tx, scope, said)?;
    comment.status = first_status(tx, scope, &discussion.moderation, &comment)?.into();
    let id = rows::insert(tx, scope, &comment)?;
    let live = comment.status == "approved";
    if live {
        entries::add_comments(tx, scope, said.entry, 1)?;
    }
    tx.announce(CommentsChanged { site, entry: said.entry, visible: live });
    Ok(if live { Shown::Live(id) } else { Shown::Waiting })
}

fn read(said: &Said, from: IpAddr, now: Timestamp) -> Result<Comment> {
    let mut refused = freehold_base::error::Refusals::default();
    let name = refused.take(required_line("name", &said.name, 80))?;
    let email = refused.take(email("email", &said.email))?;
    let url = refused.take(link(&said.url))?;
    let body = refused.take(lines("body", &said.body, 20_000).and_then(|body| {
        if body.chars().count() < 2 { Err(Error::invalid("body", Code::Required, "")) } else { Ok(body) }
    }))?;
    refused.check()?;
    Ok(Comment {
        id: CommentId(0),
        entry_id: said.entry,
        parent_id: CommentId(0),
        user_id: 0,
        author_name: name.unwrap_or_default(),
        author_email: email.unwrap_or_default(),
        author_url: url.unwrap_or_default(),
        address: from.to_string(),
        agent: said.agent.chars().filter(|c| !c.is_control()).take(300).collect(),
        body: body.unwrap_or_default(),
        status: "pending".into(),
        created_at: now,
    })
}

/// A web address, or nothing.
fn link(text: &str) -> Result<String> {
    let url = line("url", text, 200)?;
    let bare = url.is_empty() || url.starts_with("https://") || url.starts_with("http://");
    if bare { Ok(url) } else { Err(Error::invalid("url", Code::Malformed, "an address such as https://example.org")) }
}

/// A few comments in a row are a conversation, many are a machine. Counted by network, in the database, so that all
/// nodes count together.
fn slow_down(tx: &mut Tx<'_>, from: IpAddr) -> Result<()> {
    let subject = format!("say:{}", network_of(from));
    let since = Timestamp(tx.now().ms() - WINDOW_MS);
    let (count, _) = failures::recent(tx, &subject, since)?;
    if count >= IN_WINDOW {
        return Err(Error::refused(Code::TooManyAttempts, "10 minutes"));
    }
    failures::insert(tx, &subject)
}

/// An answer to something that is not shown there stands by itself.
fn parent(tx: &mut Tx<'_>, scope: SiteScope, said: &Said) -> Result<CommentId> {
    if said.parent == CommentId(0) {
        return Ok(said.parent);
    }
    match rows::find(tx, scope, said.parent) {
        Ok(above) if above.entry_id == said.entry && above.status == "approved" => Ok(above.id),
        Ok(_) => Ok(CommentId(0)),
        Err(e) if e.as_code() == Code::NotFound => Ok(CommentId(0)),
        Err(e) => Err(e),
    }
}

fn first_status(tx: &mut Tx<'_>, scope: SiteScope, moderation: &str, c: &Comment) -> Result<&'static str> {
    let links = links(&c.body);
    if links > SPAM_LINKS {
        return Ok("spam");
    }
    if links > FREE_LINKS {
        return Ok("pending");
    }
    Ok(match moderation {
        "none" => "approved",
        "first" if rows::known_author(tx, scope, &c.author_email)? => "approved",
        _ => "pending",
    })
}

fn links(body: &str) -> usize {
    let lower = body.to_ascii_lowercase();
    lower.matches("http://").count() + lower.matches("https://").count()
}
