//! What can go wrong, in words a person can act on.
//!
//! A [`Code`] is written once, in the table below: its name, HTTP status and sentence. The sentence names
//! what happened and the next step; `{detail}` is replaced by the thing it touches.

use std::borrow::Cow;
use std::fmt;

/// Result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! codes {
    ($($name:ident, $text:literal, $status:literal, $sentence:literal;)*) => {
        /// Every refusal the product can give.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $sentence] $name),* }

        impl Code {
            /// All codes, in the table's order.
            pub const ALL: &[Code] = &[$(Code::$name),*];
            /// The name that programs compare: `title_required`.
            pub const fn name(self) -> &'static str {
                match self { $(Code::$name => $text),* }
            }
            /// The HTTP status it answers with.
            pub const fn status(self) -> u16 {
                match self { $(Code::$name => $status),* }
            }
            /// The sentence for people; `{detail}` stands for the thing it touches.
            pub const fn sentence(self) -> &'static str {
                match self { $(Code::$name => $sentence),* }
            }
        }
    };
}

codes! {
    // what was sent
    Required, "required", 422, "This is needed. Fill it in and save again.";
    TooLong, "too_long", 422, "This is too long: at most {detail} characters fit. Shorten it and save again.";
    TooShort, "too_short", 422, "This is too short: at least {detail} characters are needed.";
    Malformed, "malformed", 422, "This is not in the expected form: {detail}.";
    NotAllowed, "not_allowed", 422, "This value is not one of the choices: {detail}.";
    EmailMalformed, "email_malformed", 422, "This is not an email address. It looks like name@example.org.";
    PasswordCommon, "password_common", 422, "This password is on the lists that attackers try first. Choose another one.";
    HostMalformed, "host_malformed", 422, "This is not a host name. It looks like example.org.";
    SlugReserved, "slug_reserved", 422, "The address \u{201c}{detail}\u{201d} is used by the site itself. Choose another one.";
    DateMalformed, "date_malformed", 422, "This is not a date and time. It looks like 2026-11-23T08:00.";
    DocumentMalformed, "document_malformed", 422, "The text has a shape that cannot be stored: {detail}. Undo the last change and save again.";
    TooDeep, "too_deep", 422, "The text is nested too deeply (more than {detail} levels). Remove some levels and save again.";
    UnknownField, "unknown_field", 422, "There is no such field. {detail}";
    BadRequest, "bad_request", 400, "The request could not be read: {detail}.";
    TooLarge, "too_large", 413, "This is too large: at most {detail} fit.";
    HeadTooLarge, "head_too_large", 431, "The head of the request is too large.";
    TooSlow, "too_slow", 408, "The data came too slowly and the request was ended. Try again on a better connection.";
    UnsupportedMedia, "unsupported_media", 415, "This kind of file is not accepted: {detail}.";
    MediaBroken, "media_broken", 422, "The file could not be read as {detail}. Export it again and upload it once more.";
    ImportMalformed, "import_malformed", 422, "The file is not a WordPress export (WXR): {detail}.";
    RedirectLoop, "redirect_loop", 422, "This would lead in a circle: {detail}. Choose another target.";
    ArchiveRefused, "archive_refused", 422, "The archive is not unpacked: {detail}. Nothing was changed.";
    // who asks
    SignInRequired, "sign_in_required", 401, "Sign in to go on.";
    SignInWrong, "sign_in_wrong", 401, "Email and password do not match. Try again, or reset the password.";
    CodeWrong, "code_wrong", 401, "This code is wrong or was used before. Wait for the next one.";
    PasskeyWrong, "passkey_wrong", 401, "This passkey was not accepted. Try again, or go on another way.";
    ConfirmNeeded, "confirm_needed", 403, "Show that it is you first, then {detail}.";
    NetworkBlocked, "network_blocked", 403, "Nobody signs in from this network here. Ask the hosting admin to let it in.";
    TokenElsewhere, "token_elsewhere", 403, "This token is not for the address {detail}. Use it from one of its own, or make another one.";
    Denied, "denied", 403, "Your role does not allow this. Ask an administrator of the site.";
    AccountSuspended, "account_suspended", 403, "This account is suspended: {detail}. Its sites, files and mail are kept. Ask your provider.";
    FeatureOff, "feature_off", 403, "The plan of this account does not include this: {detail}. Ask your provider for another plan.";
    ForeignOrigin, "foreign_origin", 403, "The request came from another site and was refused. Open the page again and retry.";
    NotFound, "not_found", 404, "There is no such {detail}. It may have been deleted.";
    MethodNotAllowed, "method_not_allowed", 405, "This address does not answer to that method.";
    UnknownHost, "unknown_host", 421, "No site answers under this name here.";
    TooManyAttempts, "too_many_attempts", 429, "Too many attempts. Wait {detail} and try again.";
    // what stands in the way
    VersionConflict, "version_conflict", 409, "Somebody saved a newer version. Open the versions to compare, then save again.";
    DesignConflict, "design_conflict", 409, "{detail} changed this design after you opened it. Look at it, then say which one stays.";
    PreconditionFailed, "precondition_failed", 412, "Somebody saved a newer version. Read it again and send the change with its new ETag.";
    AlreadyExists, "already_exists", 409, "\u{201c}{detail}\u{201d} exists already.";
    DomainTaken, "domain_taken", 409, "The domain {detail} belongs to a site on this server already.";
    DomainReserved, "domain_reserved", 422, "The name {detail} is kept for the server itself. Choose another one.";
    DomainSuffix, "domain_suffix", 422, "Under \u{201c}{detail}\u{201d} others register their names; it cannot be had as a whole. Add the full name, such as example.{detail}.";
    DomainOverlaps, "domain_overlaps", 409, "The name {detail} overlaps with one of another account on this server. Whoever runs that account can add it there.";
    DomainUnproved, "domain_unproved", 409, "It is not shown yet that {detail} is yours. Add the text record or point the name here, then check again.";
    EmailTaken, "email_taken", 409, "Somebody uses this email address already.";
    SlugTaken, "slug_taken", 409, "The address \u{201c}{detail}\u{201d} is in use. Choose another one.";
    EntryLocked, "entry_locked", 409, "{detail} is editing this now. Take over, or wait.";
    LastOwner, "last_owner", 409, "This is the last person with full rights. Give them to somebody else first.";
    LastDomain, "last_domain", 409, "A site keeps at least one domain. Add another one first.";
    SetupDone, "setup_done", 409, "This server is set up already. Sign in instead.";
    SetupLink, "setup_link", 404, "This set-up link is used or too old. Restart Freehold for a new one.";
    LinkUsed, "link_used", 404, "This link is used or too old. Ask for a new one.";
    PasskeyTaken, "passkey_taken", 409, "This passkey is in use already.";
    PasskeysOff, "passkeys_off", 409, "Passkeys need a panel with a name, not a bare address. Set panel_url in the configuration.";
    FactorNeeded, "factor_needed", 403, "Your role needs a second factor here. Set up another one first.";
    OwnLoginNeeded, "own_login_needed", 403, "You have a second factor, and this program cannot ask for its code. Make a login of its own for it: Site, Logins to files.";
    WeakKey, "weak_key", 422, "This key is too weak: {detail}. Make an Ed25519 key, or an RSA key of at least 3072 bits.";
    ServiceOff, "service_off", 403, "This login does not open {detail}. Its owner can change that: Site, Logins to files.";
    CommentsClosed, "comments_closed", 409, "Comments are closed here.";
    AuditBroken, "audit_broken", 409, "Rows of the audit log were changed or removed: {detail}. Compare it with a backup.";
    LimitReached, "limit_reached", 409, "The plan allows no more {detail}. Remove one, or ask your provider for a larger plan.";
    ResellerLimit, "reseller_limit", 409, "This reseller may not sell that: {detail}.";
    WrongState, "wrong_state", 409, "That is not possible now: {detail}.";
    TermCircle, "term_circle", 422, "A parent cannot be one of its own children. Choose another parent.";
    Duplicate, "duplicate", 409, "The same was sent a moment ago and is already stored.";
    // the machine
    Busy, "busy", 503, "The server is busy. Try again in a moment; nothing was changed.";
    DatabaseNewer, "database_newer", 500, "The database was written by a newer Freehold ({detail}). Start that version, or restore the snapshot taken before the update.";
    DiskFull, "disk_full", 507, "The disk is full. Free some space and try again; nothing is lost.";
    QuotaExceeded, "quota_exceeded", 507, "The space of this account is used up: {detail}. Delete files, empty the trash or ask for a larger plan; nothing was changed.";
    OutboundRefused, "outbound_refused", 422, "That address cannot be fetched from here: {detail}.";
    MailFailed, "mail_failed", 502, "The mail could not be sent: {detail}.";
    ThemeRefused, "theme_refused", 422, "The theme is not installed: {detail}. Nothing was changed.";
    ThemeTextBroken, "theme_text_broken", 422, "Not saved: {detail}. Visitors see what was there before.";
    TemplateBroken, "template_broken", 500, "A template of the theme has an error: {detail}.";
    Config, "config", 500, "The configuration is wrong: {detail}.";
    Internal, "internal", 500, "Something went wrong on the server. The details are in its log; try again.";
}

/// One refused field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name as in the form and the API; a dotted path for nested ones.
    pub field: Cow<'static, str>,
    /// Why.
    pub code: Code,
    /// What the sentence speaks about (a limit, a name).
    pub detail: String,
}

impl FieldError {
    /// The sentence for people.
    pub fn sentence(&self) -> String {
        self.code.sentence().replace("{detail}", &self.detail)
    }
}

/// Why an action did not happen.
#[derive(Debug)]
pub enum Error {
    /// One or more fields were refused; nothing was stored.
    Invalid(Vec<FieldError>),
    /// A refusal with its code and the thing it touches.
    Refused {
        /// Why.
        code: Code,
        /// What it touches, in the person's words.
        detail: String,
    },
    /// A fault of ours: its cause is for the log, never for the answer.
    Internal {
        /// What was being done.
        doing: Cow<'static, str>,
        /// The cause.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A database write that may be tried again (serialization failure).
    Retry,
}

impl Error {
    /// A refusal with the thing it touches.
    pub fn refused(code: Code, detail: impl Into<String>) -> Self {
        Self::Refused { code, detail: detail.into() }
    }
    /// A refusal that touches nothing in particular.
    pub fn code(code: Code) -> Self {
        Self::refused(code, "")
    }
    /// A refused field.
    pub fn invalid(field: impl Into<Cow<'static, str>>, code: Code, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field: field.into(), code, detail: detail.into() }])
    }
    /// There is no such thing, or the asker may not know of it.
    pub fn not_found(noun: &'static str) -> Self {
        Self::refused(Code::NotFound, noun)
    }
    /// The role does not allow it.
    pub fn denied() -> Self {
        Self::code(Code::Denied)
    }
    /// A fault of ours.
    pub fn internal(
        doing: impl Into<Cow<'static, str>>,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Internal { doing: doing.into(), cause: cause.into() }
    }
    /// Its code: that of the first field where fields were refused.
    pub fn as_code(&self) -> Code {
        match self {
            Self::Invalid(fields) => fields.first().map_or(Code::Malformed, |f| f.code),
            Self::Refused { code, .. } => *code,
            Self::Internal { .. } => Code::Internal,
            Self::Retry => Code::Busy,
        }
    }
    /// The HTTP status it answers with.
    pub fn status(&self) -> u16 {
        self.as_code().status()
    }
    /// The sentence for people; names no internals.
    pub fn sentence(&self) -> String {
        match self {
            Self::Invalid(fields) => fields.first().map(FieldError::sentence).unwrap_or_default(),
            Self::Refused { code, detail } => code.sentence().replace("{detail}", detail),
            Self::Internal { .. } | Self::Retry => self.as_code().sentence().to_owned(),
        }
    }
    /// The refused fields, if it is about fields.
    pub fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(fields) => fields,
            _ => &[],
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(fields) => {
                for (i, e) in fields.iter().enumerate() {
                    let comma = if i == 0 { "" } else { "; " };
                    write!(f, "{comma}{}: {}", e.field, e.sentence())?;
                }
                Ok(())
            }
            Self::Internal { doing, cause } => write!(f, "{doing}: {cause}"),
            _ => f.write_str(&self.sentence()),
        }
    }
}

impl std::error::Error for Error {}

/// Turns a foreign failure into a fault of ours, with what was being done.
pub trait OrInternal<T> {
    /// `doing` reads as "reading the zone".
    fn or_internal(self, doing: &'static str) -> Result<T>;
}

impl<T, E: Into<Box<dyn std::error::Error + Send + Sync>>> OrInternal<T> for std::result::Result<T, E> {
    fn or_internal(self, doing: &'static str) -> Result<T> {
        self.map_err(|e| Error::internal(doing, e))
    }
}

/// Collects the refusals of several fields, so that a form shows all of them at once.
#[derive(Debug, Default)]
pub struct Refusals(Vec<FieldError>);

impl Refusals {
    /// Adds one.
    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, code: Code, detail: impl Into<String>) {
        self.0.push(FieldError { field: field.into(), code, detail: detail.into() });
    }
    /// Keeps the value, or notes why it was refused.
    pub fn take<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(Error::Invalid(fields)) => {
                self.0.extend(fields);
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }
    /// Fails with all of them, if there are any.
    pub fn check(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }
}
