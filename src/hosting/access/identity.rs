//! What this installation shows of itself to programs: the SSH host key, the certificate of FTP. Made once, sealed with
//! the key outside the database, the same on every node.

use freehold_base::secret::random;
use freehold_base::{Error, OrInternal as _, Result, Secret};
use freehold_platform::secrets::Keyring;
use freehold_store::{Actor, Store, installation};
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{HashAlg, LineEnding, PrivateKey, PublicKey};

/// Name of the fact that holds the seed of the host key.
const HOST_KEY: &str = "ssh_host_key";
/// Name of the fact that holds certificate and key of FTP.
const CERTIFICATE: &str = "ftp_certificate";

/// The host key of SFTP in the form of OpenSSH; made by the first node.
///
/// # Errors
/// Database failures; `Internal` where the stored key cannot be opened.
pub fn host_key(store: &Store, keys: &Keyring) -> Result<Secret> {
    let seed = kept(store, keys, HOST_KEY, || Ok(Secret::new(random::<32>()?.to_vec())))?;
    let bytes: [u8; 32] = seed.reveal().try_into().or_internal("reading the SSH host key")?;
    let pair = KeypairData::from(Ed25519Keypair::from_seed(&bytes));
    let key = PrivateKey::new(pair, "freehold").or_internal("reading the SSH host key")?;
    Ok(Secret::text(key.to_openssh(LineEnding::LF).or_internal("writing the SSH host key")?.to_string()))
}

/// `SHA256:…` of a key as [`host_key`] gives it: what programs show at the first visit.
///
/// # Errors
/// `Internal` where it is no key.
pub fn fingerprint(key: &Secret) -> Result<String> {
    let key = PrivateKey::from_openssh(key.reveal()).or_internal("reading the SSH host key")?;
    let public: &PublicKey = key.public_key();
    Ok(public.fingerprint(HashAlg::Sha256).to_string())
}

/// Certificate and key of FTP, as `make` made them for the first node.
///
/// # Errors
/// As [`host_key`]; what `make` says.
pub fn certificate(store: &Store, keys: &Keyring, make: impl FnOnce() -> Result<Secret>) -> Result<Secret> {
    kept(store, keys, CERTIFICATE, make)
}

fn kept(store: &Store, keys: &Keyring, name: &'static str, make: impl FnOnce() -> Result<Secret>) -> Result<Secret> {
    let system = Actor::system();
    if let Some(sealed) = store.read(&system, |tx| installation::get(tx, name))? {
        return keys.open(name, &sealed);
    }
    let sealed = keys.seal(name, make()?.reveal())?;
    // Of two nodes that begin at once, the first one's stays.
    let sealed = store.write(&system, move |tx| match installation::get(tx, name)? {
        Some(known) => Ok(known),
        None => installation::set(tx, name, &sealed).map(|()| sealed.clone()),
    })?;
    keys.open(name, &sealed).map_err(|e| match e {
        Error::Internal { .. } => e,
        other => Error::internal("opening what is kept", other),
    })
}
