//! Encrypts texts with XChaCha20-Poly1305, the only cipher for texts.

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

/// A key that encrypts texts. An encrypted text begins with its nonce.
pub struct SecretBox(XChaCha20Poly1305);

impl SecretBox {
    /// Length of a key, in bytes.
    pub const KEY_BYTES: usize = 32;

    /// Length of a nonce, in bytes. It is long enough for random nonces.
    pub const NONCE_BYTES: usize = 24;

    /// Encrypts with this key.
    #[must_use]
    pub fn new(key: &[u8; Self::KEY_BYTES]) -> Self {
        Self(XChaCha20Poly1305::new(key.into()))
    }

    /// Encrypts a text. It can be decrypted only together with `bound_to`, which is not stored. No two texts have the
    /// same nonce.
    #[must_use]
    pub fn seal(&self, text: &str, bound_to: &[u8], nonce: [u8; Self::NONCE_BYTES]) -> Vec<u8> {
        let payload = Payload { msg: text.as_bytes(), aad: bound_to };
        let encrypted = self.0.encrypt(&XNonce::from(nonce), payload);
        let encrypted = encrypted.expect("a text is shorter than the cipher's limit of 256 GiB");
        [nonce.as_slice(), &encrypted].concat()
    }

    /// Decrypts a text. `None` if it is damaged, or was bound to something else or encrypted with another key.
    #[must_use]
    pub fn open(&self, sealed: &[u8], bound_to: &[u8]) -> Option<Zeroizing<String>> {
        let (nonce, encrypted) = sealed.split_first_chunk::<{ Self::NONCE_BYTES }>()?;
        let payload = Payload { msg: encrypted, aad: bound_to };
        let text = self.0.decrypt(&XNonce::from(*nonce), payload).ok()?;
        String::from_utf8(text).ok().map(Zeroizing::new)
    }
}

impl std::fmt::Debug for SecretBox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretBox")
    }
}
