//! Accounts: merchants and their credentials, made with passwords that nobody chose.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kassa_domain::{MerchantId, Username};
use kassa_store::{Credential, StoreError};
use kassa_wire::time::format_ms;

use crate::app::App;
use crate::ids::{new_secret, new_uuid};

/// A credential as it is shown once.
pub struct NewCredential {
    /// The public half.
    pub username: String,
    /// The secret half: 256 random bits.
    pub password: String,
}

/// A credential as it is listed. Instants are RFC 3339.
pub struct ListedCredential {
    /// The public half.
    pub username: String,
    /// When it was made.
    pub created_at: String,
    /// When it was taken back, if it was.
    pub revoked_at: Option<String>,
}

impl App {
    /// Makes a merchant with its first credential; `None` where the merchant is there already.
    pub async fn make_merchant(&self, id: &str, name: &str) -> Result<Option<NewCredential>, StoreError> {
        if self.merchants.merchant(&MerchantId::new(id)).await?.is_some() {
            return Ok(None);
        }
        let new = self.new_credential(id);
        self.add_merchant(id, name, &new.username, &new.password).await?;
        Ok(Some(new))
    }

    /// The merchants by id: id and name.
    pub async fn merchants_by_id(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.store.merchants().await
    }

    /// Makes another credential; `None` where there is no such merchant.
    pub async fn make_credential(&self, merchant: &str) -> Result<Option<NewCredential>, StoreError> {
        let id = MerchantId::new(merchant);
        if self.merchants.merchant(&id).await?.is_none() {
            return Ok(None);
        }
        let new = self.new_credential(merchant);
        let credential = Credential {
            username: Username::new(&new.username),
            secret_hash: self.keys.credential_hash(&new.password),
            revoked_at: None,
        };
        self.store.add_credential(&id, &credential, self.clock.system_now()).await?;
        Ok(Some(new))
    }

    /// The credentials of a merchant, oldest first.
    pub async fn credentials_of(&self, merchant: &str) -> Result<Vec<ListedCredential>, StoreError> {
        let found = self.store.credentials_of(&MerchantId::new(merchant)).await?;
        let listed = |(username, created_at, revoked_at): (Username, _, Option<_>)| ListedCredential {
            username: username.as_str().to_string(),
            created_at: format_at(created_at),
            revoked_at: revoked_at.map(format_at),
        };
        Ok(found.into_iter().map(listed).collect())
    }

    /// Takes a credential back; `false` where there is none that is good.
    pub async fn revoke_credential(&self, username: &str) -> Result<bool, StoreError> {
        self.merchants.revoke_credential(username).await
    }

    fn new_credential(&self, merchant: &str) -> NewCredential {
        let random = &*self.random;
        let key_id: String = new_uuid(random, self.clock.system_now()).chars().rev().take(8).collect();
        NewCredential {
            username: format!("{merchant}_{key_id}"),
            password: URL_SAFE_NO_PAD.encode(new_secret::<32>(random)),
        }
    }
}

fn format_at(at: kassa_domain::Timestamp) -> String {
    format_ms(at.as_ms())
}
