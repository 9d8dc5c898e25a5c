//! Sign-in with OpenID Connect: asks the provider, and checks what it says about a person.
//!
//! The browser goes to the provider and comes back with a code. Kassa exchanges the code for an ID token, and the
//! library `openidconnect` checks the token: signature, issuer, audience, expiry and nonce. This crate adds the calls
//! through `kassa-outgoing`, the clock, the keys of the provider, and the meaning of the claims. It knows no cookie, no
//! page and no account.

mod claims;
mod directory;
mod failure;
mod http_client;
mod pending;
mod provider;
mod settings;
mod tokens;

pub use failure::OpenIdFailure;
pub use pending::{LONGEST_SIGN_IN_MS, PendingSignIn};
pub use provider::{BrowserAnswer, OpenIdProvider, OpenIdSetup, RETURN_PATH, StartedSignIn};
pub use settings::{OpenIdSecret, OpenIdSettings, RoleGroups};
