//! The keys that encrypt the passwords of payment accounts, and other stored data. They come from a file and are not
//! in the database.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kassa_store::{DataSeal, SealKey, SecretBox};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::random::Random;

/// Maximum number of keys: during a rotation there are two.
const MOST_KEYS: usize = 2;

/// Letters of a key's name.
const NAME_LETTERS: usize = 8;

/// One or two keys. The first encrypts, each decrypts. The `Debug` output contains only their names.
#[derive(Clone)]
pub struct AccountKeys(Arc<[AccountKey]>);

struct AccountKey {
    /// The beginning of a hash of the key. Each row says by it which key decrypts it.
    name: String,
    cipher: SecretBox,
    bytes: Zeroizing<Vec<u8>>,
}

/// The text of a key file cannot be used. The error shows no part of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongAccountKeys {
    /// There is no key.
    #[error("it has no key: write the line that `kassa encryption new-key` prints")]
    Empty,
    /// There are too many lines.
    #[error("it has {0} lines: one key, or two during a rotation (the first encrypts, each decrypts)")]
    TooMany(usize),
    /// A line is not base64.
    #[error("line {0} is not base64: write the line that `kassa encryption new-key` prints")]
    NotBase64(usize),
    /// A key has a wrong length.
    #[error("the key in line {line} has {bytes} bytes: a key is base64 of 32 random bytes")]
    WrongLength {
        /// The line, from 1.
        line: usize,
        /// The length of the key.
        bytes: usize,
    },
    /// Two lines have the same key.
    #[error("both lines have the same key: remove one of them")]
    SameKey,
}

impl AccountKeys {
    /// Reads the text of a key file: one or two lines, each base64 of 32 bytes. Empty lines do not count.
    pub fn parse(text: &str) -> Result<Self, WrongAccountKeys> {
        let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim()));
        let lines: Vec<_> = lines.filter(|(_, line)| !line.is_empty()).collect();
        match lines.len() {
            0 => return Err(WrongAccountKeys::Empty),
            1..=MOST_KEYS => {}
            count => return Err(WrongAccountKeys::TooMany(count)),
        }
        let keys: Vec<_> = lines.iter().map(|(number, line)| key(*number, line)).collect::<Result<_, _>>()?;
        if let [first, second] = &keys[..]
            && first.name == second.name
        {
            return Err(WrongAccountKeys::SameKey);
        }
        Ok(Self(keys.into()))
    }

    /// A new key, as a line of a key file.
    #[must_use]
    pub fn new_key(random: &dyn Random) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([0; SecretBox::KEY_BYTES]);
        random.fill(bytes.as_mut_slice());
        Zeroizing::new(STANDARD.encode(bytes.as_slice()))
    }

    /// The name of the key that encrypts.
    #[must_use]
    pub fn newest(&self) -> &str {
        &self.first().name
    }

    /// The seal of stored data. Its keys are derived from these keys, so it cannot decrypt passwords.
    #[must_use]
    pub fn data_seal(&self) -> DataSeal {
        DataSeal::new(self.0.iter().map(|key| SealKey::derive(&key.name, &key.bytes)))
    }

    fn first(&self) -> &AccountKey {
        self.0.first().expect("`parse` refuses a file without a key")
    }

    /// Encrypts a text with the first key. It can be decrypted only together with `bound_to`, which is not stored.
    pub(super) fn encrypt(&self, text: &str, bound_to: &[u8], random: &dyn Random) -> String {
        let mut nonce = [0; SecretBox::NONCE_BYTES];
        random.fill(&mut nonce);
        STANDARD.encode(self.first().cipher.seal(text, bound_to, nonce))
    }

    /// Whether a key with this name is among them.
    pub(super) fn contain(&self, name: &str) -> bool {
        self.named(name).is_some()
    }

    /// Decrypts a text with the key of this name. `None` if the key is missing, the text is damaged, or it was bound to
    /// something else.
    pub(super) fn decrypt(&self, name: &str, encrypted: &str, bound_to: &[u8]) -> Option<Zeroizing<String>> {
        self.named(name)?.cipher.open(&STANDARD.decode(encrypted).ok()?, bound_to)
    }

    fn named(&self, name: &str) -> Option<&AccountKey> {
        self.0.iter().find(|key| key.name == name)
    }
}

impl fmt::Debug for AccountKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|key| &key.name)).finish()
    }
}

/// Reads one line of a key file.
fn key(number: usize, line: &str) -> Result<AccountKey, WrongAccountKeys> {
    let bytes = STANDARD.decode(line).map(Zeroizing::new);
    let bytes = bytes.map_err(|_| WrongAccountKeys::NotBase64(number))?;
    let of_right_length = bytes.first_chunk().filter(|_| bytes.len() == SecretBox::KEY_BYTES);
    let wrong_length = WrongAccountKeys::WrongLength { line: number, bytes: bytes.len() };
    let cipher = SecretBox::new(of_right_length.ok_or(wrong_length)?);
    Ok(AccountKey { name: name_of(&bytes), cipher, bytes })
}

fn name_of(key: &[u8]) -> String {
    let hash = Sha256::new().chain_update("kassa account key").chain_update(key).finalize();
    base16ct::lower::encode_string(&hash[..NAME_LETTERS / 2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    /// A line of a key file.
    fn line(seed: u64) -> String {
        AccountKeys::new_key(&SeededRandom::new(seed)).to_string()
    }

    fn keys(lines: &[String]) -> AccountKeys {
        AccountKeys::parse(&lines.join("\n")).unwrap()
    }

    #[test]
    fn a_text_is_decrypted_with_its_key_and_what_it_is_bound_to() {
        let random = SeededRandom::new(7);
        let keys = keys(&[line(1)]);
        let encrypted = keys.encrypt("a password", b"merchant", &random);
        let decrypted = keys.decrypt(keys.newest(), &encrypted, b"merchant");
        assert_eq!(decrypted.as_deref().map(String::as_str), Some("a password"));
        assert!(keys.decrypt(keys.newest(), &encrypted, b"another").is_none());
        assert!(!encrypted.contains("a password"));
    }

    #[test]
    fn each_encryption_of_a_text_differs() {
        let random = SeededRandom::new(7);
        let keys = keys(&[line(1)]);
        assert_ne!(keys.encrypt("same", b"", &random), keys.encrypt("same", b"", &random));
    }

    #[test]
    fn a_text_with_one_changed_bit_is_not_decrypted() {
        let keys = keys(&[line(1)]);
        let bytes = STANDARD.decode(keys.encrypt("a password", b"", &SeededRandom::new(7))).unwrap();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert!(keys.decrypt(keys.newest(), &STANDARD.encode(changed), b"").is_none(), "byte {place}");
        }
        for short in ["", "AAAA", "no base64"] {
            assert!(keys.decrypt(keys.newest(), short, b"").is_none(), "{short}");
        }
    }

    #[test]
    fn the_first_key_encrypts_and_each_decrypts() {
        let random = SeededRandom::new(7);
        let (old, both) = (keys(&[line(1)]), keys(&[line(2), line(1)]));
        let of_old = old.encrypt("a password", b"", &random);
        let of_new = both.encrypt("a password", b"", &random);
        assert!(both.decrypt(old.newest(), &of_old, b"").is_some());
        assert!(both.decrypt(both.newest(), &of_new, b"").is_some());
        assert!(old.decrypt(both.newest(), &of_new, b"").is_none());
        assert!(both.contain(old.newest()) && !old.contain(both.newest()));
    }

    #[test]
    fn a_key_has_a_short_name_that_depends_on_the_key_alone() {
        assert_eq!(keys(&[line(1)]).newest(), keys(&[line(1), line(2)]).newest());
        assert_ne!(keys(&[line(1)]).newest(), keys(&[line(2)]).newest());
        assert_eq!(keys(&[line(1)]).newest().len(), NAME_LETTERS);
    }

    #[test]
    fn a_key_file_has_one_or_two_lines_of_32_bytes_in_base64() {
        let check = |text: &str, expected: Option<WrongAccountKeys>| {
            assert_eq!(AccountKeys::parse(text).err(), expected, "{text:?}");
        };
        let (one, two) = (line(1), line(2));
        check(&one, None);
        check(&format!("\n{one}\r\n\n  {two}\n\n"), None);
        check("", Some(WrongAccountKeys::Empty));
        check(" \n\n", Some(WrongAccountKeys::Empty));
        check(&format!("{one}\n{two}\n{}", line(3)), Some(WrongAccountKeys::TooMany(3)));
        check(&format!("{one}\n\nnot base64"), Some(WrongAccountKeys::NotBase64(3)));
        check(&STANDARD.encode([0; 16]), Some(WrongAccountKeys::WrongLength { line: 1, bytes: 16 }));
        check(&STANDARD.encode([0; 33]), Some(WrongAccountKeys::WrongLength { line: 1, bytes: 33 }));
        check(&format!("{one}\n{one}"), Some(WrongAccountKeys::SameKey));
    }

    #[test]
    fn the_debug_output_of_keys_contains_no_key() {
        let line = line(1);
        let keys = keys(std::slice::from_ref(&line));
        assert_eq!(format!("{keys:?}"), format!("[\"{}\"]", keys.newest()));
    }
}
