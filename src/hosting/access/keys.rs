//! SSH keys (row H086): read, judged, made. The private half of a key we make is shown once and kept nowhere.

use freehold_base::secret::random;
use freehold_base::{Code, Error, KeyId, LoginId, OrInternal as _, Result, Secret, text};
use freehold_store::Tx;
use freehold_store::access_logins::{self, Key, NewKey};
use freehold_store::tx::audit::Chain;
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::public::KeyData;
use ssh_key::{Algorithm, HashAlg, LineEnding, PrivateKey, PublicKey};

use super::logins::Place;
use super::{LoginChanged, rules};

/// Bits of the smallest RSA key that is taken.
const RSA_BITS: u32 = 3072;
/// Longest text of a key: RSA of 16,384 bits has 2,800 characters.
const TEXT_MAX: usize = 8000;

/// A public key that passed the rules.
#[derive(Clone, Debug)]
pub struct KeyText {
    /// What its owner calls it.
    name: String,
    /// `ssh-ed25519` and the like.
    kind: String,
    /// `SHA256:…`
    fingerprint: String,
    /// The line of OpenSSH without its comment.
    line: String,
}

/// A key made here.
#[derive(Debug)]
pub struct Generated {
    /// The private half in the form of OpenSSH. Shown once.
    pub private: Secret,
    /// The public half.
    pub public: KeyText,
}

impl KeyText {
    /// Reads the text of an OpenSSH public key (`ssh-ed25519 AAAA… comment`). Without a name, its comment is the name.
    ///
    /// # Errors
    /// `Invalid("key")` with `Required`, `Malformed` or `WeakKey`; `Invalid("name")`.
    pub fn parse(given: &str, name: &str) -> Result<Self> {
        let given = given.trim();
        if given.is_empty() {
            return Err(Error::invalid("key", Code::Required, ""));
        }
        if given.contains("PRIVATE KEY") {
            let why = "this is the private half, which nobody else should see; paste the file that ends with .pub";
            return Err(Error::invalid("key", Code::Malformed, why));
        }
        let not_a_key = || Error::invalid("key", Code::Malformed, "a line such as “ssh-ed25519 AAAA… mara@laptop”");
        if given.len() > TEXT_MAX || given.lines().count() > 1 {
            return Err(not_a_key());
        }
        if given.starts_with("ssh-dss") {
            return Err(Error::invalid("key", Code::WeakKey, "DSA"));
        }
        let mut key = PublicKey::from_openssh(given).map_err(|_| not_a_key())?;
        judge(&key)?;
        let comment = key.comment().as_str_lossy().to_owned();
        let name = if name.trim().is_empty() { comment.as_str() } else { name };
        let name = match text::required_line("name", name, 100) {
            Ok(name) => name,
            Err(_) if name.trim().is_empty() => key.algorithm().as_str().to_owned(),
            Err(e) => return Err(e),
        };
        key.set_comment("");
        Self::of(&key, name)
    }

    fn of(key: &PublicKey, name: String) -> Result<Self> {
        Ok(Self {
            name,
            kind: key.algorithm().as_str().to_owned(),
            fingerprint: key.fingerprint(HashAlg::Sha256).to_string(),
            line: key.to_openssh().or_internal("writing an SSH key")?.trim().to_owned(),
        })
    }

    fn row(&self) -> NewKey<'_> {
        NewKey { name: &self.name, kind: &self.kind, fingerprint: &self.fingerprint, public_key: &self.line }
    }

    /// The line to put into other machines' `authorized_keys`.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// `SHA256:…`
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// Refuses what is broken or about to be: DSA, RSA below 3,072 bits.
fn judge(key: &PublicKey) -> Result<()> {
    let weak = |why: String| Err(Error::invalid("key", Code::WeakKey, why));
    match key.key_data() {
        KeyData::Rsa(rsa) if rsa.key_size() < RSA_BITS => weak(format!("RSA of {} bits", rsa.key_size())),
        KeyData::Rsa(_) | KeyData::Ed25519(_) | KeyData::Ecdsa(_) => Ok(()),
        KeyData::SkEd25519(_) | KeyData::SkEcdsaSha2NistP256(_) => Ok(()),
        _ => weak(key.algorithm().as_str().to_owned()),
    }
}

/// Makes an Ed25519 key.
///
/// # Errors
/// `Internal` where the machine has no random bytes; `Invalid("name")`.
pub fn generate(name: &str) -> Result<Generated> {
    let name = text::required_line("name", name, 100)?;
    let seed = random::<32>()?;
    let pair = KeypairData::from(Ed25519Keypair::from_seed(&seed));
    let key = PrivateKey::new(pair, name.as_str()).or_internal("making an SSH key")?;
    let private = key.to_openssh(LineEnding::LF).or_internal("writing an SSH key")?;
    let mut public = key.public_key().clone();
    public.set_comment("");
    Ok(Generated { private: Secret::text(private.to_string()), public: KeyText::of(&public, name)? })
}

/// The kinds of keys that sign in, as SSH names them.
pub fn is_taken(algorithm: &Algorithm) -> bool {
    !matches!(algorithm, Algorithm::Dsa)
}

/// Adds a key to a login.
///
/// # Errors
/// `NotFound("login")`, `AlreadyExists`, `WrongState` where it has too many.
pub fn add_to_login(tx: &mut Tx<'_>, place: Place, login: LoginId, key: &KeyText) -> Result<KeyId> {
    let account = place.authorize(tx)?;
    let known = access_logins::find(tx, account, login)?;
    if access_logins::count_login_keys(tx, account, login)? >= rules::MOST_KEYS {
        return Err(too_many());
    }
    let id = access_logins::insert_login_key(tx, account, login, &key.row()).map_err(|e| known_already(e, key))?;
    let object = format!("login {}", known.name);
    tx.audit(place.chain(), "access.add_key", object, format!("key {id} {} {}", key.kind, key.fingerprint));
    Ok(id)
}

/// Takes a key from a login; sessions it opened end.
///
/// # Errors
/// `NotFound` (`login`, `SSH key`).
pub fn remove_from_login(tx: &mut Tx<'_>, place: Place, login: LoginId, key: KeyId) -> Result<()> {
    let account = place.authorize(tx)?;
    let known = access_logins::find(tx, account, login)?;
    access_logins::delete_login_key(tx, account, login, key)?;
    tx.audit(place.chain(), "access.remove_key", format!("login {}", known.name), format!("key {key}"));
    tx.announce(LoginChanged { account: account.id(), login });
    Ok(())
}

/// Adds a key to the signed-in person. No token does that: a key would outlive it.
///
/// # Errors
/// `SignInRequired`, `Denied` (a token), `AlreadyExists`, `WrongState` where there are too many.
pub fn add_mine(tx: &mut Tx<'_>, key: &KeyText) -> Result<KeyId> {
    let me = tx.authorize_in_person()?;
    tx.need_fresh("add an SSH key of your own")?;
    if access_logins::count_user_keys(tx, me)? >= rules::MOST_KEYS {
        return Err(too_many());
    }
    let id = access_logins::insert_user_key(tx, me, &key.row()).map_err(|e| known_already(e, key))?;
    let detail = format!("key {id} {} {}", key.kind, key.fingerprint);
    tx.audit(Chain::Server, "person.add_key", format!("person {}", me.user()), detail);
    Ok(id)
}

/// Takes one of the signed-in person's own keys away; sessions it opened end.
///
/// # Errors
/// `NotFound("SSH key")`, `SignInRequired`, `Denied` (a token).
pub fn remove_mine(tx: &mut Tx<'_>, key: KeyId) -> Result<()> {
    let me = tx.authorize_in_person()?;
    access_logins::delete_user_key(tx, me, key)?;
    tx.audit(Chain::Server, "person.remove_key", format!("person {}", me.user()), format!("key {key}"));
    tx.announce(freehold_platform::accounts::PersonChanged { user: me.user() });
    Ok(())
}

/// The signed-in person's own keys, oldest first.
///
/// # Errors
/// `SignInRequired`, `Denied`.
pub fn mine(tx: &mut Tx<'_>) -> Result<Vec<Key>> {
    let me = tx.authorize_self()?;
    access_logins::user_keys(tx, me)
}

fn too_many() -> Error {
    Error::refused(Code::WrongState, format!("there are {} keys already; remove one first", rules::MOST_KEYS))
}

fn known_already(e: Error, key: &KeyText) -> Error {
    match e.as_code() {
        Code::AlreadyExists => Error::invalid("key", Code::AlreadyExists, key.fingerprint.clone()),
        _ => e,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_made_here_is_read_again() {
        let made = generate("mara on the boat").unwrap();
        let text = made.private.reveal_text();
        assert!(text.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----"), "{text}");
        let read = PrivateKey::from_openssh(text).unwrap();
        assert_eq!(read.public_key().fingerprint(HashAlg::Sha256).to_string(), made.public.fingerprint());
        let line = format!("{} mara@laptop", made.public.line());
        let again = KeyText::parse(&line, "").unwrap();
        assert_eq!((again.fingerprint(), again.name.as_str()), (made.public.fingerprint(), "mara@laptop"));
    }

    #[test]
    fn weak_and_wrong_keys_are_refused_with_their_reason() {
        let rsa = |bytes: usize| {
            let modulus = [vec![0xc5], vec![0x11; bytes - 1]].concat();
            let n = ssh_key::Mpint::from_positive_bytes(&modulus);
            let e = ssh_key::Mpint::from_positive_bytes(&[1, 0, 1]);
            let key = ssh_key::public::RsaPublicKey::new(e, n).unwrap();
            PublicKey::new(KeyData::Rsa(key), "old").to_openssh().unwrap()
        };
        let code = |text: &str| KeyText::parse(text, "k").map(|_| ()).unwrap_err().as_code();
        assert_eq!(code(&rsa(256)), Code::WeakKey, "2048 bits");
        assert!(KeyText::parse(&rsa(384), "k").is_ok(), "3072 bits");
        assert_eq!(code("ssh-dss AAAAB3NzaC1kc3MAAACBAP old"), Code::WeakKey);
        assert_eq!(code(""), Code::Required);
        assert_eq!(code("-----BEGIN OPENSSH PRIVATE KEY-----"), Code::Malformed);
        assert_eq!(code("ssh-ed25519 AAAA"), Code::Malformed);
        assert_eq!(code("command=\"sh\" ssh-ed25519 AAAA"), Code::Malformed, "options have no place here");
    }
}
