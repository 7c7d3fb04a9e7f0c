//! The installation's keys. They live in a file outside the database, so that a stolen database alone opens nothing.
//!
//! Every use has a key of its own, derived by HMAC-SHA-256 from a master key and a label: a value made for one use
//! is worthless for another. Deriving follows RFC 5869 in spirit: the master key is uniformly random, so the
//! extract step is not needed and one expand block of 32 bytes is HMAC(master, label).

use std::path::Path;

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use freehold_base::secret::{hex, random};
use freehold_base::{Code, Error, OrInternal as _, Result, Secret};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use super::key_file::{self, MasterKey};

const SEALED: &str = "s1";
const NONCE_BYTES: usize = 12;

/// The keys of the installation, derived from the key file. Cheap to share in an `Arc`.
#[derive(Debug)]
pub struct Keyring {
    /// Oldest first, never empty.
    rings: Vec<Ring>,
    /// From the oldest key, so that adding a key does not lock everybody out.
    pepper: Secret<[u8; 32]>,
    fingerprint: Secret<[u8; 32]>,
}

/// What one line of the file is good for.
#[derive(Debug)]
struct Ring {
    id: String,
    sealing: Secret<[u8; 32]>,
    signing: Secret<[u8; 32]>,
}

impl Keyring {
    /// Reads the key file, or makes it (0600) where there is none.
    ///
    /// Call it only where the database is new as well; with an old database use [`Keyring::load`], because a fresh
    /// key could not open what the old one sealed.
    ///
    /// # Errors
    /// `Config` where others may read the file, or it is damaged or cannot be written; `DiskFull`.
    pub fn open_or_create(path: &Path) -> Result<Self> {
        if let Some(keys) = key_file::read(path)? {
            return Self::of(&keys);
        }
        key_file::create(path, &[MasterKey::from_bytes(random()?)])?;
        // Read back what stands there: another process may have been first.
        Self::load(path)
    }

    /// Reads the key file.
    ///
    /// # Errors
    /// `Config` where it is missing, damaged, or others may read it.
    pub fn load(path: &Path) -> Result<Self> {
        let missing = || format!("the key file {} is missing. Restore it from a backup", path.display());
        Self::of(&key_file::read(path)?.ok_or_else(|| Error::refused(Code::Config, missing()))?)
    }

    fn of(keys: &[MasterKey]) -> Result<Self> {
        let oldest = keys.first().ok_or_else(|| Error::refused(Code::Config, "the key file holds no key"))?;
        Ok(Self {
            rings: keys.iter().map(Ring::of).collect(),
            pepper: derive(oldest, "password pepper"),
            fingerprint: derive(oldest, "fingerprint"),
        })
    }

    /// What passwords are mixed with before they are hashed.
    pub fn pepper(&self) -> &Secret<[u8; 32]> {
        &self.pepper
    }

    /// Encrypts with AES-256-GCM: `s1.KEYID.BASE64URL(nonce, ciphertext, tag)`.
    ///
    /// `label` says what and whose it is (`totp:42`). It is not stored but must be given again to open the value,
    /// so that a sealed value copied into another row or column does not open there.
    ///
    /// # Errors
    /// `Internal` where the machine has no random bytes.
    pub fn seal(&self, label: &str, plaintext: &[u8]) -> Result<String> {
        let ring = self.rings.last().ok_or_else(|| Error::internal("sealing a secret", "no key"))?;
        let nonce = random::<NONCE_BYTES>()?;
        let payload = Payload { msg: plaintext, aad: label.as_bytes() };
        let ciphertext = ring
            .cipher()?
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| Error::internal("sealing a secret", "the value is too long"))?;
        Ok(format!("{SEALED}.{}.{}", ring.id, BASE64.encode([&nonce[..], &ciphertext].concat())))
    }

    /// Decrypts what [`Keyring::seal`] made under the same label, with whichever key it was sealed.
    ///
    /// # Errors
    /// `Internal` where the value was changed, moved to another label, or its key is not in the file.
    pub fn open(&self, label: &str, text: &str) -> Result<Secret> {
        let fail = |why: &'static str| Error::internal("opening a sealed secret", why);
        let (id, encoded) = text
            .strip_prefix(SEALED)
            .and_then(|rest| rest.strip_prefix('.')?.split_once('.'))
            .ok_or_else(|| fail("it is not a sealed value"))?;
        let ring = self.rings.iter().find(|ring| ring.id == id);
        let ring = ring.ok_or_else(|| fail("its key is not in the key file: the file belongs to another database"))?;
        let bytes = BASE64.decode(encoded).or_internal("opening a sealed secret")?;
        let (nonce, msg) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or_else(|| fail("it is too short"))?;
        let payload = Payload { msg, aad: label.as_bytes() };
        let opened = ring.cipher()?.decrypt(&Nonce::from(*nonce), payload);
        opened.map(Secret::new).map_err(|_| fail("it was changed or belongs to something else"))
    }

    /// Signs a message for links and cursors: 43 characters of URL-safe base64 (HMAC-SHA-256).
    /// `label` names the use (`preview`), so that a signature for one use is none for another.
    pub fn sign(&self, label: &str, message: &[u8]) -> String {
        self.rings.last().map(|ring| BASE64.encode(ring.signature(label, message))).unwrap_or_default()
    }

    /// Is this the signature of the message, by any key of the file? Constant time in the signature's content.
    pub fn verify(&self, label: &str, message: &[u8], signature: &str) -> bool {
        let mut given = [0u8; 32];
        if !matches!(BASE64.decode_slice(signature, &mut given), Ok(32)) {
            return false;
        }
        self.rings.iter().any(|ring| bool::from(ring.signature(label, message).ct_eq(&given)))
    }

    /// What is stored in place of a short code (recovery, set-up): hex HMAC, the same for the same input, useless to
    /// who has only the database. A plain hash of 40 or 50 bits could be searched through in hours.
    pub fn fingerprint(&self, label: &str, text: &str) -> String {
        hex(&labelled(&self.fingerprint, label, text.as_bytes()))
    }
}

impl Ring {
    fn of(master: &MasterKey) -> Self {
        Self { id: master.id.clone(), sealing: derive(master, "sealing"), signing: derive(master, "link signing") }
    }
    fn cipher(&self) -> Result<Aes256Gcm> {
        Aes256Gcm::new_from_slice(self.sealing.reveal()).or_internal("preparing the sealing key")
    }
    fn signature(&self, label: &str, message: &[u8]) -> [u8; 32] {
        labelled(&self.signing, label, message)
    }
}

fn derive(master: &MasterKey, label: &str) -> Secret<[u8; 32]> {
    // The last byte is the counter of RFC 5869's T(1).
    Secret::new(hmac(&master.key, &[b"freehold/1/", label.as_bytes(), &[1]]))
}

/// HMAC over label and message, with the label's length in front so that no two pairs give the same bytes.
fn labelled(key: &Secret<[u8; 32]>, label: &str, message: &[u8]) -> [u8; 32] {
    let length = u64::try_from(label.len()).unwrap_or(u64::MAX).to_be_bytes();
    hmac(key, &[&length, label.as_bytes(), message])
}

/// HMAC-SHA-256 over the parts one after the other.
pub(super) fn hmac(key: &Secret<[u8; 32]>, parts: &[&[u8]]) -> [u8; 32] {
    // Padding a short key with zeros to the block is what HMAC does itself (RFC 2104): this form cannot fail.
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    for (to, from) in block.iter_mut().zip(key.reveal()) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new(&block);
    block.fill(0);
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use proptest::prelude::*;

    use super::*;

    fn two_keys() -> Keyring {
        Keyring::of(&[MasterKey::from_bytes([1; 32]), MasterKey::from_bytes([2; 32])]).unwrap()
    }

    #[test]
    fn the_key_file_is_made_once_for_its_owner_only_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data").join("key");
        assert_eq!(Keyring::load(&path).unwrap_err().as_code(), Code::Config);
        let first = Keyring::open_or_create(&path).unwrap();
        let sealed = first.seal("totp:1", b"secret").unwrap();
        let again = Keyring::open_or_create(&path).unwrap();
        assert_eq!(again.open("totp:1", &sealed).unwrap().reveal(), b"secret");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no temp file stays");
    }

    #[test]
    fn a_key_file_that_others_may_read_is_refused_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        Keyring::open_or_create(&path).unwrap();
        for mode in [0o640, 0o604, 0o620] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let error = Keyring::load(&path).unwrap_err();
            assert_eq!(error.as_code(), Code::Config);
            assert!(error.to_string().contains("chmod 600"), "{error}");
        }
    }

    #[test]
    fn a_damaged_key_file_is_refused_without_showing_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        Keyring::open_or_create(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let key = text.split_whitespace().last().unwrap().to_owned();
        let swapped: String = key.chars().rev().collect();
        let damaged = [String::new(), "freehold-keys 1\n".into(), text.replace(&key, &swapped), "\0".into()];
        for text in damaged {
            std::fs::write(&path, text).unwrap();
            let error = Keyring::open_or_create(&path).unwrap_err();
            assert_eq!(error.as_code(), Code::Config);
            assert!(!error.to_string().contains(&swapped));
        }
    }

    #[test]
    fn a_symlink_is_not_followed_to_a_key_file() {
        let folder = tempfile::tempdir().unwrap();
        Keyring::open_or_create(&folder.path().join("key")).unwrap();
        std::os::unix::fs::symlink(folder.path().join("key"), folder.path().join("link")).unwrap();
        assert!(Keyring::load(&folder.path().join("link")).is_err());
    }

    #[test]
    fn a_new_key_seals_while_old_values_still_open_and_old_passwords_still_count() {
        let old = Keyring::of(&[MasterKey::from_bytes([1; 32])]).unwrap();
        let (sealed, signed) = (old.seal("a", b"x").unwrap(), old.sign("a", b"x"));
        let new = two_keys();
        assert_eq!(new.open("a", &sealed).unwrap().reveal(), b"x");
        assert!(new.verify("a", b"x", &signed));
        assert_eq!(new.pepper().reveal(), old.pepper().reveal());
        assert!(new.seal("a", b"x").unwrap().starts_with(&format!("s1.{}.", new.rings[1].id)));
        assert!(old.open("a", &new.seal("a", b"x").unwrap()).is_err());
    }

    #[test]
    fn every_use_has_a_key_of_its_own() {
        let keys = two_keys();
        let ring = &keys.rings[0];
        let all = [&keys.pepper, &keys.fingerprint, &ring.sealing, &ring.signing];
        let different: std::collections::HashSet<_> = all.iter().map(|key| key.reveal().to_vec()).collect();
        assert_eq!(different.len(), all.len());
    }

    #[test]
    fn debug_output_shows_no_key() {
        let shown = format!("{:?}", two_keys());
        assert!(!shown.contains("1, 1, 1") && shown.contains("Secret("));
    }

    #[test]
    fn hmac_answers_the_published_vector() {
        // RFC 4231 test case 1, its 20-byte key padded with zeros as HMAC does.
        let mut key = [0u8; 32];
        key[..20].fill(0x0b);
        let mac = hex(&hmac(&Secret::new(key), &[b"Hi ", b"There"]));
        assert_eq!(mac, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    }

    proptest! {
        #[test]
        fn sealed_values_open_only_under_their_label_and_unchanged(
            label in ".*", other in ".*", plain in any::<Vec<u8>>(), at in any::<prop::sample::Index>(),
        ) {
            let keys = two_keys();
            let sealed = keys.seal(&label, &plain).unwrap();
            let opened = keys.open(&label, &sealed).unwrap();
            prop_assert_eq!(opened.reveal(), &plain[..]);
            prop_assert!(!sealed.contains(['\r', '\n', '=', '\0']));
            prop_assert!(label == other || keys.open(&other, &sealed).is_err());
            let mut changed = sealed.into_bytes();
            let at = at.index(changed.len());
            changed[at] ^= 1;
            prop_assert!(keys.open(&label, std::str::from_utf8(&changed).unwrap()).is_err());
        }

        #[test]
        fn any_text_in_place_of_a_sealed_value_or_signature_is_refused(text in any::<String>(), id in 0..3usize) {
            let keys = two_keys();
            let prefix = ["", "s1.", &format!("s1.{}.", keys.rings[1].id)][id].to_owned();
            let sealed = keys.open("a", &(prefix + &text));
            prop_assert!(sealed.is_err());
            prop_assert!(!keys.verify("a", b"x", &text));
        }

        #[test]
        fn a_signature_is_for_one_label_and_message(a in ".{0,4}", b in ".{0,4}", c in ".{0,4}", d in ".{0,4}") {
            let keys = two_keys();
            let same = a == c && b == d;
            prop_assert_eq!(keys.verify(&c, d.as_bytes(), &keys.sign(&a, b.as_bytes())), same);
            prop_assert_eq!(keys.fingerprint(&a, &b) == keys.fingerprint(&c, &d), same);
        }
    }
}
