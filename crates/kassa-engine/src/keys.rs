//! The system's own keys: for page links and for stored credentials.

use aes::Aes128;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use kassa_domain::{AuthorizationToken, PageSessionId};
use kassa_store::{EmailHasher, SecretBox, Store, StoreError};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::ids::new_secret;
use crate::random::Random;

/// The hash with which the password of an unknown username is compared. It looks like others, but no password has it.
pub(crate) const HASH_OF_NOBODY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// Keys that the first node creates and stores in the database.
#[derive(Clone)]
pub(crate) struct Keys {
    page_links: Aes128,
    staff_links: Aes128,
    credentials: [u8; 32],
    client_tokens: [u8; 32],
    customer_tokens: [u8; 32],
    console: [u8; 32],
    emails: [u8; 32],
    /// Whether this process created them.
    pub(crate) are_new: bool,
}

impl Keys {
    /// Reads the keys, and makes those that are missing.
    pub(crate) async fn load(store: &Store, random: &dyn Random) -> Result<Self, StoreError> {
        let (page_links, are_new): ([u8; 16], bool) = key(store, random, "page_link_key").await?;
        let console = key(store, random, "console_key").await?.0;
        let staff_links = keyed_hash(&console, "links for the staff of a shop");
        let (staff_links, _) = staff_links.split_at(page_links.len());
        Ok(Self {
            page_links: Aes128::new(&page_links.into()),
            staff_links: Aes128::new_from_slice(staff_links).expect("both keys have the same length"),
            credentials: key(store, random, "credential_key").await?.0,
            client_tokens: key(store, random, "client_token_key").await?.0,
            customer_tokens: key(store, random, "customer_token_key").await?.0,
            console,
            emails: key(store, random, "email_search_key").await?.0,
            are_new,
        })
    }

    /// The token of a session's page: its id, encrypted as one block.
    ///
    /// Without the key the token looks like 128 random bits, and knowing the id, which travels in merchant URLs,
    /// does not help to find it. Nothing is stored or indexed for it.
    pub(crate) fn page_token(&self, id: &PageSessionId) -> Option<String> {
        token_of(&self.page_links, id)
    }

    /// The token of the page for the staff of a shop. A token of one kind does not reveal the other one.
    pub(crate) fn staff_token(&self, id: &PageSessionId) -> Option<String> {
        token_of(&self.staff_links, id)
    }

    /// The session whose page a token opens, if this system made the token. Only the store knows whether it exists.
    pub(crate) fn page_session_of(&self, token: &str) -> Option<PageSessionId> {
        page_session_in(&self.page_links, token)
    }

    /// The session whose page for the staff a token opens, if this system made the token.
    pub(crate) fn page_session_of_staff(&self, token: &str) -> Option<PageSessionId> {
        page_session_in(&self.staff_links, token)
    }

    /// The stored form of a credential's secret half: a keyed hash, in base64.
    pub(crate) fn credential_hash(&self, secret: &str) -> String {
        STANDARD.encode(keyed_hash(&self.credentials, secret))
    }

    /// The signature of a client token's header and payload (HS256).
    pub(crate) fn client_token_signature(&self, signed: &str) -> [u8; 32] {
        keyed_hash(&self.client_tokens, signed)
    }

    /// Whether this is the signature of a client token's header and payload. The duration does not reveal how far the
    /// two agree.
    pub(crate) fn has_signed_client_token(&self, signed: &str, signature: &[u8]) -> bool {
        self.client_token_signature(signed).as_slice().ct_eq(signature).into()
    }

    /// The customer token of an authorization. It is always the same, and nobody can compute it without the key.
    pub(crate) fn customer_token_of(&self, authorization: &AuthorizationToken) -> String {
        let hash = keyed_hash(&self.customer_tokens, authorization.as_str());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        Uuid::from_bytes(bytes).to_string()
    }

    /// The stored form of the secret in a console cookie.
    pub(crate) fn console_session_hash(&self, secret: &str) -> String {
        URL_SAFE_NO_PAD.encode(keyed_hash(&self.console, secret))
    }

    /// The secret in the forms of a console session. It is derived from the cookie, and does not reveal it.
    pub(crate) fn console_form_secret(&self, secret: &str) -> String {
        URL_SAFE_NO_PAD.encode(keyed_hash(&self.console, &format!("form {secret}")))
    }

    /// Encrypts a text that only a browser keeps. The browser cannot read, change or invent one.
    pub(crate) fn seal_for_browser(&self, text: &str, nonce: &[u8; SecretBox::NONCE_BYTES]) -> String {
        URL_SAFE_NO_PAD.encode(self.browser_cipher().seal(text, b"", *nonce))
    }

    /// The text that [`Keys::seal_for_browser`] encrypted.
    pub(crate) fn open_from_browser(&self, sealed: &str) -> Option<String> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        self.browser_cipher().open(&sealed, b"").map(|mut text| std::mem::take(&mut *text))
    }

    fn browser_cipher(&self) -> SecretBox {
        SecretBox::new(&keyed_hash(&self.console, "texts that browsers keep"))
    }

    /// The signature of the address of a merchant's image. It cannot be computed without the key, so Kassa fetches only
    /// addresses that it put into a page.
    pub(crate) fn image_signature(&self, address: &str) -> String {
        let key = keyed_hash(&self.console, "addresses of images");
        URL_SAFE_NO_PAD.encode(&keyed_hash(&key, address)[..16])
    }

    /// Whether this is the signature of an image's address. The duration does not reveal how far the two agree.
    pub(crate) fn has_signed_image(&self, address: &str, signature: &str) -> bool {
        self.image_signature(address).as_bytes().ct_eq(signature.as_bytes()).into()
    }

    /// Hashes e-mail addresses for the search.
    pub(crate) fn email_hasher(&self) -> EmailHasher {
        EmailHasher::new(self.emails)
    }

    /// Whether this secret has that hash. The duration does not reveal how far the two agree.
    pub(crate) fn is_secret_of(&self, secret: &str, hash: &str) -> bool {
        self.credential_hash(secret).as_bytes().ct_eq(hash.as_bytes()).into()
    }
}

/// Encrypts the id of a page session as one block.
fn token_of(key: &Aes128, id: &PageSessionId) -> Option<String> {
    let mut block = Uuid::parse_str(id.as_str()).ok()?.into_bytes().into();
    key.encrypt_block(&mut block);
    Some(URL_SAFE_NO_PAD.encode(block))
}

fn page_session_in(key: &Aes128, token: &str) -> Option<PageSessionId> {
    let bytes: [u8; 16] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
    let mut block = bytes.into();
    key.decrypt_block(&mut block);
    Some(PageSessionId::new(Uuid::from_bytes(block.into()).to_string()))
}

fn keyed_hash(key: &[u8; 32], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC takes any key");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

/// The key, and whether it was made just now.
async fn key<const N: usize>(
    store: &Store,
    random: &dyn Random,
    name: &str,
) -> Result<([u8; N], bool), StoreError> {
    let fresh = STANDARD.encode(new_secret::<N>(random));
    let kept = store.setting_or(name, &fresh).await?;
    let bytes = STANDARD.decode(&kept).ok().and_then(|bytes| bytes.try_into().ok());
    let bytes = bytes.ok_or_else(|| StoreError::Unusable(format!("the stored {name} is damaged").into()))?;
    Ok((bytes, kept == fresh))
}
