//! Session ids, API tokens, set-up codes and preview links: how they look, how they are checked before a row is
//! looked up, and what is stored in their place (security rules C4, C8).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use freehold_base::secret::{random, random_token, token_hash};
use freehold_base::{EntryId, Result, RevisionId, Secret, SiteId, Timestamp};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::keyring::Keyring;

/// Digits and letters that are not mistaken for each other: no 0, 1, I, O.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
pub(super) const ALPHABET_BITS: usize = 5;
const TOKEN_CHARS: usize = 43;
const CHECK_CHARS: usize = 6;
/// Every API token begins with this, so that scanners and people recognise one.
pub const API_PREFIX: &str = "fh_";
const SETUP_CHARS: usize = 8;
/// How long a set-up code is good for.
pub const SETUP_MS: i64 = 30 * 60 * 1000;
/// A panel session ends after so long without a request.
pub const SESSION_IDLE_MS: i64 = 30 * 60 * 1000;
/// A panel session ends after so long in any case.
pub const SESSION_ABSOLUTE_MS: i64 = 12 * 60 * 60 * 1000;
const PREVIEW: &str = "preview";
const THEME: &str = "theme";
const DESIGN: &str = "design";
/// Longest name of a theme in a preview's address, in bytes.
const THEME_NAME: usize = 100;

/// A token just made: shown or set once, its hash stored.
#[derive(Debug)]
pub struct NewToken {
    /// What its holder gets.
    pub secret: Secret,
    /// What the row gets.
    pub hash: String,
}

/// A session id of 256 bits: the cookie's value and the row's `token_hash`.
///
/// # Errors
/// `Internal` where the machine has no random bytes.
pub fn new_session() -> Result<NewToken> {
    let token = random_token()?;
    Ok(NewToken { hash: token_hash(&token), secret: Secret::text(token) })
}

/// The `token_hash` to look a session cookie up by; `None` where the text cannot be a session id.
pub fn session_hash(cookie: &str) -> Option<String> {
    is_token_text(cookie, TOKEN_CHARS).then(|| token_hash(cookie))
}

/// Is a session of these times still good at `now`? Times in the future count as now: a clock set back ends nobody's
/// session. Give times of a [`super::SteadyClock`], and a clock set forward does not either (security rule F11).
pub fn session_is_live(created_at: Timestamp, seen_at: Timestamp, now: Timestamp) -> bool {
    let age = |t: Timestamp| now.ms().saturating_sub(t.ms());
    age(created_at) < SESSION_ABSOLUTE_MS && age(seen_at) < SESSION_IDLE_MS
}

/// An API token: `fh_`, 43 characters of 256 random bits, 6 characters of checksum.
///
/// # Errors
/// `Internal` where the machine has no random bytes.
pub fn new_api_token() -> Result<NewToken> {
    let body = random_token()?;
    let token = format!("{API_PREFIX}{body}{}", checksum(&body));
    Ok(NewToken { hash: token_hash(&token), secret: Secret::text(token) })
}

/// The `token_hash` to look an API token up by; `None` where it is mistyped or no token of ours.
pub fn api_token_hash(token: &str) -> Option<String> {
    let rest = token.strip_prefix(API_PREFIX)?;
    if !is_token_text(rest, TOKEN_CHARS + CHECK_CHARS) {
        return None;
    }
    let (body, check) = rest.split_at_checked(TOKEN_CHARS)?;
    bool::from(checksum(body).as_bytes().ct_eq(check.as_bytes())).then(|| token_hash(token))
}

fn checksum(body: &str) -> String {
    let digest = Sha256::new().chain_update(b"freehold api token ").chain_update(body).finalize();
    BASE64.encode(digest).chars().take(CHECK_CHARS).collect()
}

fn is_token_text(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// A one-time set-up code such as `4F7K-29QX`: 40 bits, so only good together with [`SETUP_MS`] and
/// [`super::limiter::setup_wait`].
///
/// # Errors
/// `Internal` where the machine has no random bytes.
pub fn new_setup_code(keys: &Keyring) -> Result<NewToken> {
    let code = random_symbols(SETUP_CHARS)?;
    let hash = keys.fingerprint("setup", &code);
    let mut shown = code;
    shown.insert(SETUP_CHARS / 2, '-');
    Ok(NewToken { secret: Secret::text(shown), hash })
}

/// Is this the set-up code whose hash was stored at `issued_at`? Case, spaces and the dash do not matter.
pub fn setup_code_matches(keys: &Keyring, hash: &str, issued_at: Timestamp, typed: &str, now: Timestamp) -> bool {
    let Some(code) = tidy(typed, SETUP_CHARS) else { return false };
    let fresh = (0..SETUP_MS).contains(&now.ms().saturating_sub(issued_at.ms()));
    let same: bool = keys.fingerprint("setup", &code).as_bytes().ct_eq(hash.as_bytes()).into();
    fresh && same
}

/// `count` random characters of the unambiguous alphabet, 5 bits each.
pub(super) fn random_symbols(count: usize) -> Result<String> {
    let bytes = random::<32>()?;
    // 256 is a multiple of 32: every character is equally likely.
    let symbol = |b: &u8| char::from(ALPHABET.get(usize::from(b % 32)).copied().unwrap_or(b'2'));
    Ok(bytes.iter().take(count).map(symbol).collect())
}

/// What a person typed as the code's bare upper-case characters; `None` where it cannot be one.
pub(super) fn tidy(typed: &str, length: usize) -> Option<String> {
    let bare = |c: &char| !c.is_ascii_whitespace() && *c != '-';
    // Bounded before anything is copied: the field may hold a megabyte.
    let code: String = typed.chars().filter(bare).take(length + 1).map(|c| c.to_ascii_uppercase()).collect();
    (code.len() == length && code.bytes().all(|b| ALPHABET.contains(&b))).then_some(code)
}

/// What a preview link lets its holder see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviewGrant {
    /// The site on whose listener it is shown.
    pub site: SiteId,
    /// The entry.
    pub entry: EntryId,
    /// The revision.
    pub revision: RevisionId,
    /// From then on it is refused.
    pub expires_at: Timestamp,
}

/// What the address of a theme's preview lets its holder see: the site's public pages, drawn by that theme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThemeGrant {
    /// The site on whose listener it is shown.
    pub site: SiteId,
    /// The theme's name.
    pub theme: String,
    /// From then on it is refused.
    pub expires_at: Timestamp,
}

/// The token of `/_/theme/{token}/…`.
pub fn sign_theme(keys: &Keyring, grant: &ThemeGrant) -> String {
    let numbers = [grant.site.get(), grant.expires_at.ms()].map(i64::to_be_bytes).concat();
    let payload = [numbers.as_slice(), grant.theme.as_bytes()].concat();
    format!("{}.{}", BASE64.encode(&payload), keys.sign(THEME, &payload))
}

/// What the token grants; `None` where it is forged or has expired. The caller compares the site with the host's.
pub fn read_theme(keys: &Keyring, token: &str, now: Timestamp) -> Option<ThemeGrant> {
    let (payload, signature) = token.split_once('.').filter(|(payload, _)| payload.len() <= 2 * (THEME_NAME + 16))?;
    let bytes = BASE64.decode(payload).ok().filter(|bytes| bytes.len() <= THEME_NAME + 16)?;
    if !keys.verify(THEME, &bytes, signature) {
        return None;
    }
    let (numbers, name) = bytes.split_at_checked(16)?;
    let mut numbers = numbers.as_chunks::<8>().0.iter().map(|b| i64::from_be_bytes(*b));
    let (site, expires_at) = (SiteId(numbers.next()?), Timestamp(numbers.next()?));
    let theme = String::from_utf8(name.to_vec()).ok()?;
    (now < expires_at).then_some(ThemeGrant { site, theme, expires_at })
}

/// Colours that a shown design is forced to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// As the device of who looks has it.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// What the address of a design lets its holder see: the site's public pages as they would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesignGrant {
    /// The site on whose listener it is shown.
    pub site: SiteId,
    /// The theme's name.
    pub theme: String,
    /// The link of this number, which can be ended; 0 for the panel's own frame.
    pub link: i64,
    /// What is live, to compare with, not the draft.
    pub live: bool,
    /// In which colours.
    pub scheme: Scheme,
    /// From then on it is refused.
    pub expires_at: Timestamp,
}

/// The token of `/_/design/{token}/…`.
pub fn sign_design(keys: &Keyring, grant: &DesignGrant) -> String {
    let scheme = match grant.scheme {
        Scheme::Auto => 0,
        Scheme::Light => 1,
        Scheme::Dark => 2,
    };
    let look = scheme << 1 | i64::from(grant.live);
    let numbers = [grant.site.get(), grant.expires_at.ms(), grant.link, look].map(i64::to_be_bytes).concat();
    let payload = [numbers.as_slice(), grant.theme.as_bytes()].concat();
    format!("{}.{}", BASE64.encode(&payload), keys.sign(DESIGN, &payload))
}

/// What the token grants; `None` where it is forged or has expired. The caller compares the site with the host's.
pub fn read_design(keys: &Keyring, token: &str, now: Timestamp) -> Option<DesignGrant> {
    let (payload, signature) = token.split_once('.').filter(|(payload, _)| payload.len() <= 2 * (THEME_NAME + 32))?;
    let bytes = BASE64.decode(payload).ok().filter(|bytes| bytes.len() <= THEME_NAME + 32)?;
    if !keys.verify(DESIGN, &bytes, signature) {
        return None;
    }
    let (numbers, name) = bytes.split_at_checked(32)?;
    let mut numbers = numbers.as_chunks::<8>().0.iter().map(|b| i64::from_be_bytes(*b));
    let (site, expires_at) = (SiteId(numbers.next()?), Timestamp(numbers.next()?));
    let (link, look) = (numbers.next()?, numbers.next()?);
    let scheme = match look >> 1 {
        1 => Scheme::Light,
        2 => Scheme::Dark,
        _ => Scheme::Auto,
    };
    let theme = String::from_utf8(name.to_vec()).ok()?;
    (now < expires_at).then_some(DesignGrant { site, theme, link, live: look & 1 == 1, scheme, expires_at })
}

/// The token of `/_/preview/{token}`: 87 URL-safe characters.
pub fn sign_preview(keys: &Keyring, grant: &PreviewGrant) -> String {
    let numbers = [grant.site.get(), grant.entry.get(), grant.revision.get(), grant.expires_at.ms()];
    let payload = numbers.map(i64::to_be_bytes).concat();
    format!("{}.{}", BASE64.encode(&payload), keys.sign(PREVIEW, &payload))
}

/// What the token grants; `None` where it is forged or has expired. The caller compares the site with the host's.
pub fn read_preview(keys: &Keyring, token: &str, now: Timestamp) -> Option<PreviewGrant> {
    let (payload, signature) = token.split_once('.')?;
    let mut bytes = [0u8; 32];
    if BASE64.decode_slice(payload, &mut bytes).ok()? != bytes.len() || !keys.verify(PREVIEW, &bytes, signature) {
        return None;
    }
    let mut numbers = bytes.as_chunks::<8>().0.iter().map(|b| i64::from_be_bytes(*b));
    let grant = PreviewGrant {
        site: SiteId(numbers.next()?),
        entry: EntryId(numbers.next()?),
        revision: RevisionId(numbers.next()?),
        expires_at: Timestamp(numbers.next()?),
    };
    (now < grant.expires_at).then_some(grant)
}
