//! Deciding what is shown.

use freehold_base::text::lines;
use freehold_base::{Capability, Code, CommentId, Error, Page, Result, SiteId};
use freehold_store::comments::{self as rows, Below, Comment, Filter};
use freehold_store::{SiteScope, Tx, entries};

use crate::content::events::CommentsChanged;

/// A comment with what it stands below.
pub type Row = (Comment, Below);

/// What somebody decides about a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everybody sees it.
    Approve,
    /// It waits again.
    Hold,
    /// It is spam.
    Spam,
    /// Away, but not lost.
    Trash,
}

impl Verdict {
    /// Reads `approve`, `hold`, `spam` or `trash`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "approve" => Some(Self::Approve),
            "hold" => Some(Self::Hold),
            "spam" => Some(Self::Spam),
            "trash" => Some(Self::Trash),
            _ => None,
        }
    }
    const fn status(self) -> &'static str {
        match self {
            Self::Approve => "approved",
            Self::Hold => "pending",
            Self::Spam => "spam",
            Self::Trash => "trash",
        }
    }
    const fn audit(self) -> &'static str {
        match self {
            Self::Approve => "comment.approve",
            Self::Hold => "comment.hold",
            Self::Spam => "comment.spam",
            Self::Trash => "comment.trash",
        }
    }
}

fn open(tx: &mut Tx<'_>, site: SiteId, id: CommentId) -> Result<(SiteScope, Comment)> {
    let scope = tx.authorize(site, Capability::CommentsModerate)?;
    let comment = rows::find(tx, scope, id)?;
    Ok((scope, comment))
}

fn named(c: &Comment) -> String {
    format!("comment {} of {}", c.id, c.author_name)
}

/// Decides about a comment; the same again changes nothing.
///
/// # Errors
/// `Denied`, `NotFound("comment")`.
pub fn decide(tx: &mut Tx<'_>, site: SiteId, id: CommentId, verdict: Verdict) -> Result<()> {
    let (scope, comment) = open(tx, site, id)?;
    settle(tx, scope, &comment, verdict)
}

fn settle(tx: &mut Tx<'_>, scope: SiteScope, c: &Comment, verdict: Verdict) -> Result<()> {
    if c.status == verdict.status() {
        return Ok(());
    }
    rows::set_status(tx, scope, c, verdict.status())?;
    let (was, is) = (c.status == "approved", verdict == Verdict::Approve);
    if was != is {
        entries::add_comments(tx, scope, c.entry_id, if is { 1 } else { -1 })?;
    }
    tx.audit_site(scope, verdict.audit(), named(c));
    tx.announce(CommentsChanged { site: scope.id(), entry: c.entry_id, visible: was || is });
    Ok(())
}

/// Deletes a comment of the trash or the spam for good.
///
/// # Errors
/// `Denied`, `NotFound("comment")`, `WrongState` elsewhere.
pub fn delete(tx: &mut Tx<'_>, site: SiteId, id: CommentId) -> Result<()> {
    let (scope, comment) = open(tx, site, id)?;
    if !matches!(comment.status.as_str(), "trash" | "spam") {
        return Err(Error::refused(Code::WrongState, "move it to the trash first"));
    }
    rows::delete(tx, scope, &comment)?;
    tx.audit_site(scope, "comment.delete", named(&comment));
    tx.announce(CommentsChanged { site, entry: comment.entry_id, visible: false });
    Ok(())
}

fn words(body: &str) -> Result<String> {
    let body = lines("body", body, 20_000)?;
    if body.is_empty() { Err(Error::invalid("body", Code::Required, "")) } else { Ok(body) }
}

/// Changes the words of a comment.
///
/// # Errors
/// `Denied`, `NotFound("comment")`, `Invalid("body")`.
pub fn edit(tx: &mut Tx<'_>, site: SiteId, id: CommentId, body: &str) -> Result<()> {
    let (scope, comment) = open(tx, site, id)?;
    rows::set_body(tx, scope, id, &words(body)?)?;
    tx.audit_site(scope, "comment.edit", named(&comment));
    let visible = comment.status == "approved";
    tx.announce(CommentsChanged { site, entry: comment.entry_id, visible });
    Ok(())
}

/// Answers a comment as the person at the panel. What is answered is thereby approved.
///
/// # Errors
/// `Denied`, `NotFound("comment")`, `Invalid("body")`, `WrongState` for spam and trash.
pub fn reply(tx: &mut Tx<'_>, site: SiteId, id: CommentId, body: &str) -> Result<CommentId> {
    let (scope, above) = open(tx, site, id)?;
    if matches!(above.status.as_str(), "trash" | "spam") {
        return Err(Error::refused(Code::WrongState, "bring the comment back first"));
    }
    let body = words(body)?;
    settle(tx, scope, &above, Verdict::Approve)?;
    let user = tx.actor().user().ok_or_else(|| Error::code(Code::SignInRequired))?;
    let author = entries::author(tx, user)?.ok_or_else(|| Error::not_found("person"))?;
    let answer = Comment {
        id: CommentId(0),
        entry_id: above.entry_id,
        parent_id: above.id,
        user_id: user.get(),
        author_name: author.name,
        author_email: String::new(),
        author_url: String::new(),
        address: tx.actor().address.to_string(),
        agent: String::new(),
        body,
        status: "approved".into(),
        created_at: tx.now(),
    };
    let new = rows::insert(tx, scope, &answer)?;
    entries::add_comments(tx, scope, above.entry_id, 1)?;
    tx.audit_site(scope, "comment.reply", named(&above));
    tx.announce(CommentsChanged { site, entry: above.entry_id, visible: true });
    Ok(new)
}

/// One comment.
///
/// # Errors
/// `Denied`, `NotFound("comment")`.
pub fn find(tx: &mut Tx<'_>, site: SiteId, id: CommentId) -> Result<Comment> {
    open(tx, site, id).map(|(_, comment)| comment)
}

/// Comments, newest first, after the page's cursor (`created_at`, id).
///
/// # Errors
/// `Denied`.
pub fn list(tx: &mut Tx<'_>, site: SiteId, filter: &Filter, page: &Page) -> Result<Vec<Row>> {
    let scope = tx.authorize(site, Capability::CommentsModerate)?;
    rows::list(tx, scope, filter, page)
}

/// How many comments have which status.
///
/// # Errors
/// `Denied`.
pub fn counts(tx: &mut Tx<'_>, site: SiteId) -> Result<Vec<(String, i64)>> {
    let scope = tx.authorize(site, Capability::CommentsModerate)?;
    rows::counts(tx, scope)
}

/// How many wait for the actor; 0 for somebody who may not moderate, 100 stands for more.
///
/// # Errors
/// `NotFound("site")`.
pub fn waiting(tx: &mut Tx<'_>, site: SiteId) -> Result<usize> {
    let scope = tx.scope_of(site)?;
    if scope.has(Capability::CommentsModerate) { rows::waiting(tx, scope) } else { Ok(0) }
}
