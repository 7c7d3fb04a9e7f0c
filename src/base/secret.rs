//! Values that must never be printed (security rule C10).

/// A secret: no `Debug` of its content, no `Serialize`, overwritten when dropped.
#[derive(Clone)]
pub struct Secret<T: AsMut<[u8]> + AsRef<[u8]> = Vec<u8>>(T);

impl<T: AsMut<[u8]> + AsRef<[u8]>> Secret<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }
    /// The bytes; every caller is a place to look at in a review.
    pub fn reveal(&self) -> &[u8] {
        self.0.as_ref()
    }
}

impl Secret<Vec<u8>> {
    /// Wraps a text's bytes.
    pub fn text(value: impl Into<String>) -> Self {
        Self(value.into().into_bytes())
    }
    /// The text, empty where it is not UTF-8.
    pub fn reveal_text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl<T: AsMut<[u8]> + AsRef<[u8]>> Drop for Secret<T> {
    fn drop(&mut self) {
        for byte in self.0.as_mut() {
            *byte = 0;
        }
        std::hint::black_box(self.0.as_ref());
    }
}

impl<T: AsMut<[u8]> + AsRef<[u8]>> std::fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// `N` random bytes from the operating system.
///
/// # Errors
/// `Internal` where the operating system gives none.
pub fn random<const N: usize>() -> crate::Result<[u8; N]> {
    let mut bytes = [0u8; N];
    getrandom::fill(&mut bytes).map_err(|e| crate::Error::internal("asking for random bytes", e.to_string()))?;
    Ok(bytes)
}

/// A random token of 256 bits in URL-safe base64 (43 characters).
///
/// # Errors
/// As [`random`].
pub fn random_token() -> crate::Result<String> {
    use base64::Engine as _;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// SHA-256 of a token in hex: what is stored in place of the token.
pub fn token_hash(token: &str) -> String {
    use sha2::Digest as _;
    hex(&sha2::Sha256::digest(token.as_bytes()))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for b in bytes {
        out.push(char::from(DIGITS[usize::from(b >> 4)]));
        out.push(char::from(DIGITS[usize::from(b & 15)]));
    }
    out
}
