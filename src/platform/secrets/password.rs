//! What a password must be, and how it is kept (security rule C6).
//!
//! Ours: bcrypt over base64(HMAC-SHA-256(pepper, password)), because bcrypt alone ignores everything after byte 72
//! and stops at a NUL. Imported hashes keep their own scheme until the next sign-in.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use freehold_base::{Code, Error, OrInternal as _, Result, Secret};
use unicode_normalization::UnicodeNormalization as _;

use super::keyring::{Keyring, hmac};
use super::phpass;

/// Fewest characters of a new password.
pub const MIN_CHARS: usize = 8;
/// Most characters of a new password.
pub const MAX_CHARS: usize = 256;
/// Passwords that an attacker reaches in fewer guesses are refused: what a few days of limited sign-in attempts try.
const MIN_GUESSES: u64 = 1_000_000;
/// Passwords that leaked often and that zxcvbn's own 30,000 do not hold, in lower case.
pub(super) const LEAKED: &str = include_str!("leaked.txt");
/// An imported hash of a higher cost would only be there to keep a core busy (cost 16 takes some 6 s).
const MAX_IMPORTED_COST: u32 = 15;

/// How a stored hash was made: the `password_scheme` column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Ours: bcrypt over the peppered HMAC.
    BcryptHmac,
    /// bcrypt over the password itself (`$2y$`, imported).
    Bcrypt,
    /// phpass `$P$` (imported from older WordPress).
    Phpass,
}

impl Scheme {
    /// The word in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BcryptHmac => "bcrypt-hmac",
            Self::Bcrypt => "bcrypt",
            Self::Phpass => "phpass",
        }
    }
    /// Reads the word in the database.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::BcryptHmac, Self::Bcrypt, Self::Phpass].into_iter().find(|scheme| scheme.name() == name)
    }
}

/// A hash as its row holds it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredHash {
    /// How it was made.
    pub scheme: Scheme,
    /// Its text.
    pub hash: String,
}

impl std::fmt::Debug for StoredHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredHash({})", self.scheme.name())
    }
}

/// What a check of a password found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does not belong to the hash.
    Wrong,
    /// It does.
    Right {
        /// The hash is of an older scheme or cost: hash again and store, now that the password is at hand.
        needs_rehash: bool,
    },
}

/// May this become somebody's password? `context` is what others know of the person (email, name, site title).
///
/// Takes some milliseconds: not for a thread that serves pages.
///
/// # Errors
/// `Invalid("password")` with `TooShort`, `TooLong` or `PasswordCommon`.
pub fn check_new(password: &Secret, context: &[&str]) -> Result<()> {
    let refuse = |code, detail: String| Err(Error::invalid("password", code, detail));
    let text = password.reveal_text();
    let chars = text.chars().count();
    if chars < MIN_CHARS {
        return refuse(Code::TooShort, MIN_CHARS.to_string());
    }
    if chars > MAX_CHARS {
        return refuse(Code::TooLong, MAX_CHARS.to_string());
    }
    let words = context.iter().flat_map(|words| {
        let parts = words.split(|c: char| !c.is_alphanumeric()).filter(|part| part.chars().count() > 2);
        std::iter::once(*words).chain(parts)
    });
    let words: Vec<&str> = words.collect();
    let lower = text.to_lowercase();
    let leaked = LEAKED.lines().any(|line| line == lower);
    if leaked || zxcvbn::zxcvbn(text, &words).guesses() < MIN_GUESSES {
        return refuse(Code::PasswordCommon, String::new());
    }
    Ok(())
}

/// Makes and checks hashes. Slow by intent: used on the threads of [`super::Hasher`] only.
#[derive(Debug)]
pub struct Passwords {
    pepper: Secret<[u8; 32]>,
    cost: u32,
    /// bcrypt rounds (2^cost each) done since the start.
    rounds: AtomicU64,
}

impl Passwords {
    /// `cost`: 4 to 15.
    ///
    /// # Errors
    /// `Config` for another cost.
    pub fn new(keys: &Keyring, cost: u32) -> Result<Self> {
        if !(4..=MAX_IMPORTED_COST).contains(&cost) {
            return Err(Error::refused(Code::Config, "password.bcrypt_cost must be between 4 and 15"));
        }
        Ok(Self { pepper: keys.pepper().clone(), cost, rounds: AtomicU64::new(0) })
    }

    /// The hash to store, of scheme [`Scheme::BcryptHmac`].
    ///
    /// # Errors
    /// `Internal` where the machine has no random bytes.
    pub fn hash(&self, password: &Secret) -> Result<StoredHash> {
        let salt = freehold_base::secret::random::<16>()?;
        let peppered = self.peppered(password);
        let parts = self.bcrypt(peppered.reveal(), self.cost, salt).or_internal("hashing a password")?;
        Ok(StoredHash { scheme: Scheme::BcryptHmac, hash: parts.to_string() })
    }

    /// Checks a password. A wrong one costs the same work whatever the scheme and cost of the stored hash, and
    /// the same as [`Passwords::verify_dummy`].
    pub fn verify(&self, password: &Secret, stored: &StoredHash) -> Verdict {
        let (right, cost) = match stored.scheme {
            Scheme::BcryptHmac => self.matches(self.peppered(password).reveal(), &stored.hash),
            // A NUL would end the password early for bcrypt: PHP refuses to make such a hash.
            Scheme::Bcrypt if password.reveal().contains(&0) => (false, None),
            Scheme::Bcrypt => self.matches(password.reveal(), &stored.hash),
            Scheme::Phpass => (phpass::verify(password.reveal(), &stored.hash), None),
        };
        if right {
            return Verdict::Right { needs_rehash: stored.scheme != Scheme::BcryptHmac || cost != Some(self.cost) };
        }
        self.work_up_from(cost, password);
        Verdict::Wrong
    }

    /// The work of a check for a name that nobody has.
    pub fn verify_dummy(&self, password: &Secret) {
        self.work_up_from(None, password);
    }

    /// bcrypt rounds done since the start: 2^cost for each hash or check.
    pub fn rounds(&self) -> u64 {
        self.rounds.load(Ordering::Relaxed)
    }

    fn peppered(&self, password: &Secret) -> Secret {
        // One form for what keyboards and systems write differently: NIST SP 800-63B section 5.1.1.2.
        let text = std::str::from_utf8(password.reveal());
        let form = text.map_or_else(|_| password.clone(), |t| Secret::text(t.nfkc().collect::<String>()));
        Secret::text(BASE64.encode(hmac(&self.pepper, &[form.reveal()])))
    }

    /// Whether it matches, and the cost that was spent.
    fn matches(&self, password: &[u8], stored: &str) -> (bool, Option<u32>) {
        use subtle::ConstantTimeEq as _;
        let Ok(parts) = stored.parse::<bcrypt::HashParts>() else { return (false, None) };
        let cost = parts.get_cost();
        if cost > MAX_IMPORTED_COST {
            return (false, None);
        }
        let Ok(made) = self.bcrypt(password, cost, parts.get_salt_raw()) else { return (false, None) };
        // Compared from the salt on: `$2y$` and `$2b$` are names of the same function.
        let (made, stored) = (made.to_string(), stored);
        let equal = match (made.as_bytes().get(4..), stored.as_bytes().get(4..)) {
            (Some(made), Some(stored)) => bool::from(made.ct_eq(stored)),
            _ => false,
        };
        (equal, Some(cost))
    }

    /// Spends what is missing to a full check: after cost c, once more each of c, c+1 … adds up to the full cost.
    fn work_up_from(&self, spent: Option<u32>, password: &Secret) {
        let peppered = self.peppered(password);
        let salt = [0x5a; 16];
        let costs = match spent {
            None => self.cost..self.cost + 1,
            Some(cost) => cost..self.cost,
        };
        for cost in costs {
            std::hint::black_box(self.bcrypt(peppered.reveal(), cost, salt).is_ok());
        }
    }

    fn bcrypt(&self, bytes: &[u8], cost: u32, salt: [u8; 16]) -> bcrypt::BcryptResult<bcrypt::HashParts> {
        let parts = bcrypt::hash_with_salt(bytes, cost, salt)?;
        self.rounds.fetch_add(1 << cost, Ordering::Relaxed);
        Ok(parts)
    }
}
