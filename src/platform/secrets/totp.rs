//! The second factor: time-based codes (RFC 6238: SHA-1, 6 digits, 30 s) and recovery codes.

use freehold_base::secret::random;
use freehold_base::{OrInternal as _, Result, Secret, Timestamp, UserId};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use subtle::ConstantTimeEq as _;
use totp_rs::{Builder, Totp};

use super::keyring::Keyring;
use super::tokens::{ALPHABET_BITS, random_symbols, tidy};

const STEP_SECONDS: i64 = 30;
/// A last step so far ahead comes from a clock that was wrong then; shorter steps back keep codes single-use.
const CLOCK_SLACK_STEPS: i64 = 20;
/// Recovery codes of one set.
pub const RECOVERY_CODES: usize = 10;
const RECOVERY_CHARS: usize = 10;
const _: () = assert!(RECOVERY_CHARS * ALPHABET_BITS == 50);

/// A new secret of 160 bits; seal it before storing (`Keyring::seal`).
///
/// # Errors
/// `Internal` where the machine has no random bytes.
pub fn new_secret() -> Result<Secret> {
    Ok(Secret::new(random::<20>()?.to_vec()))
}

/// The secret in base32, for typing into an app.
///
/// # Errors
/// As [`provisioning_uri`].
pub fn secret_text(secret: &Secret) -> Result<Secret> {
    Ok(Secret::text(totp(secret)?.secret().to_base32()))
}

/// `otpauth://totp/…` for the QR code. It holds the secret.
///
/// # Errors
/// `Internal` for a secret shorter than 128 bits.
pub fn provisioning_uri(secret: &Secret, issuer: &str, account: &str) -> Result<Secret> {
    // A colon parts issuer and account in the label; apps mistake an encoded one too.
    let clean = |text: &str| utf8_percent_encode(&text.replace(':', " "), NON_ALPHANUMERIC).to_string();
    let (issuer, account, base32) = (clean(issuer), clean(account), totp(secret)?.secret().to_base32());
    Ok(Secret::text(format!(
        "otpauth://totp/{issuer}:{account}?secret={base32}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
    )))
}

/// Checks a code of now, one step before or after. Some(step) is the step to store as the last one used: store it
/// in the same write only where the stored one is still smaller, so that two requests cannot both use a code.
/// `last_step` is 0 where none was used. Spaces in the code are ignored.
pub fn verify(secret: &Secret, code: &str, now: Timestamp, last_step: i64) -> Option<i64> {
    let code: String = code.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let totp = totp(secret).ok()?;
    let current = now.ms().max(0) / 1000 / STEP_SECONDS;
    let used = if last_step > current + CLOCK_SLACK_STEPS { 0 } else { last_step };
    (current - 1..=current + 1).filter(|step| *step > used && *step >= 0).find(|step| {
        let time = u64::try_from(step * STEP_SECONDS).unwrap_or(0);
        totp.generate(time).to_string().as_bytes().ct_eq(code.as_bytes()).into()
    })
}

fn totp(secret: &Secret) -> Result<Totp> {
    Builder::new().with_secret(secret.reveal().to_vec()).build().or_internal("preparing a sign-in code")
}

/// A new set of recovery codes, `xxxxx-xxxxx` of 50 bits each: shown once; store their [`recovery_hash`].
///
/// # Errors
/// `Internal` where the machine has no random bytes.
pub fn recovery_codes() -> Result<Vec<Secret>> {
    let code = |_| {
        let mut code = random_symbols(RECOVERY_CHARS)?.to_ascii_lowercase();
        code.insert(RECOVERY_CHARS / 2, '-');
        Ok(Secret::text(code))
    };
    (0..RECOVERY_CODES).map(code).collect()
}

/// What is stored for a recovery code, bound to its user; `None` where the text cannot be one. Case, spaces and
/// dashes do not matter.
pub fn recovery_hash(keys: &Keyring, user: UserId, code: &str) -> Option<String> {
    let code = tidy(code, RECOVERY_CHARS)?;
    Some(keys.fingerprint(&format!("recovery:{user}"), &code))
}
