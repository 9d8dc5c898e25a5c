//! An OpenID provider inside the test: its tokens may be forged, and its keys may change.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kassa_engine::Clock as _;
use kassa_server::{OpenIdSecret, OpenIdSettings, OpenIdSetup, RoleGroups};
use rcgen::{KeyPair, PKCS_ED25519, SigningKey as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use url::{Url, form_urlencoded};

use super::desk::Desk;
use crate::harness::{Answer, TestClock, World};

/// The secret that the provider gave Kassa.
pub const CLIENT_SECRET: &str = "a client secret";

/// How the provider signs its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// With its newest key.
    Right,
    /// With a key of its own that it does not publish, under the id of the newest key.
    OtherKey,
    /// Not at all: `alg` is `none`.
    None,
    /// With the client secret as the key (HS256).
    ClientSecret,
}

/// A provider on a free port.
pub struct Provider {
    pub url: String,
    inner: Arc<Inner>,
}

struct Inner {
    clock: TestClock,
    state: Mutex<ProviderState>,
}

struct ProviderState {
    key: KeyPair,
    key_id: String,
    signature: Signature,
    /// The claims about the person.
    claims: Value,
    /// Claims that replace the right ones; `null` removes one.
    forged: Value,
    /// The claims of the user info endpoint.
    info: Value,
    /// The codes that were given out, with the parameters of their requests.
    codes: HashMap<String, HashMap<String, String>>,
    /// The paths that were called.
    called: Vec<String>,
    is_down: bool,
}

impl Provider {
    /// A provider that knows one person: Ada, who is an admin.
    pub async fn start(world: &World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = ProviderState {
            key: KeyPair::generate_for(&PKCS_ED25519).unwrap(),
            key_id: "key-1".to_string(),
            signature: Signature::Right,
            claims: json!({
                "sub": "ada-1", "email": "ada@shop.example", "email_verified": true, "groups": ["kassa-admins"],
            }),
            forged: json!({}),
            info: json!({}),
            codes: HashMap::new(),
            called: Vec::new(),
            is_down: false,
        };
        let inner = Arc::new(Inner { clock: world.clock.clone(), state: Mutex::new(state) });
        let router = Router::new().fallback(answer).with_state((url.clone(), inner.clone()));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, inner }
    }

    /// The settings with which Kassa uses the provider.
    pub fn setup(&self, world: &World) -> OpenIdSetup {
        let groups = |name: &str| vec![name.to_string()];
        OpenIdSetup {
            settings: OpenIdSettings {
                provider_name: "Acme".to_string(),
                issuer: self.url.clone(),
                client_id: "kassa".to_string(),
                client_secret: OpenIdSecret::new(CLIENT_SECRET),
                scopes: vec!["email".to_string()],
                name_claim: "email".to_string(),
                role_claim: "groups".to_string(),
                groups: RoleGroups {
                    admin: groups("kassa-admins"),
                    support: groups("kassa-support"),
                    read_only: groups("staff"),
                },
                allows_passwords: true,
            },
            outgoing: world.network(),
        }
    }

    /// A node whose operators sign in at this provider.
    pub async fn node(&self, world: &World) -> String {
        let setup = self.setup(world);
        world.served_with(|configuration| configuration.openid = Some(setup)).await
    }

    /// Replaces claims of later tokens until the next call; `null` removes one.
    pub fn forge(&self, claims: Value) {
        self.state().forged = claims;
    }

    /// Changes claims about the person; `null` removes one.
    pub fn claims(&self, changed: &Value) {
        self.state().claims.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
    }

    /// Sets the claims of the user info endpoint.
    pub fn info(&self, claims: Value) {
        self.state().info = claims;
    }

    /// Sets how later tokens are signed.
    pub fn sign(&self, signature: Signature) {
        self.state().signature = signature;
    }

    /// Replaces the key. Tokens are signed with the new one, which has this id.
    pub fn rotate(&self, key_id: &str) {
        let mut state = self.state();
        state.key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        state.key_id = key_id.to_string();
    }

    /// Breaks or repairs the provider: while it is down, every call is answered with 500.
    pub fn set_down(&self, is_down: bool) {
        self.state().is_down = is_down;
    }

    /// How often a path was called.
    pub fn calls_of(&self, path: &str) -> usize {
        self.state().called.iter().filter(|called| *called == path).count()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, ProviderState> {
        self.inner.state.lock().unwrap()
    }

    /// A person signs in at the address to which Kassa sent the browser. Returns the address at which the browser
    /// comes back, without the host.
    pub fn authorize(&self, location: &str) -> String {
        let asked = Asked::of(location);
        assert!(location.starts_with(&format!("{}/authorize?", self.url)), "{location}");
        assert_eq!((asked.get("client_id"), asked.get("response_type")), ("kassa", "code"));
        assert_eq!((asked.get("scope"), asked.get("code_challenge_method")), ("openid email", "S256"));
        let code = format!("code-{}", asked.get("state"));
        self.state().codes.insert(code.clone(), asked.0.clone());
        asked.back(&[("code", &code)])
    }

    /// The whole way of a browser: from the button to the answer of Kassa at the end.
    pub async fn sign_in(&self, desk: &mut Desk<'_>, to: &str) -> Answer {
        let back = self.authorize(&sent_away(desk, to).await);
        desk.go(&back).await
    }
}

/// Presses the button of the sign-in. Returns the address at the provider.
pub async fn sent_away(desk: &mut Desk<'_>, to: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("to", to).finish();
    let answer = desk.go(&format!("/console/sign-in/openid?{query}")).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.header("location").to_string()
}

/// The parameters of a request to the provider.
pub struct Asked(HashMap<String, String>);

impl Asked {
    pub fn of(location: &str) -> Self {
        Self(Url::parse(location).unwrap().query_pairs().into_owned().collect())
    }

    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The address at which the browser comes back with these parameters, without the host.
    pub fn back(&self, parameters: &[(&str, &str)]) -> String {
        let mut url = Url::parse(self.get("redirect_uri")).unwrap();
        url.query_pairs_mut().extend_pairs(parameters).append_pair("state", self.get("state"));
        format!("{}?{}", url.path(), url.query().unwrap())
    }
}

async fn answer(
    State((url, inner)): State<(String, Arc<Inner>)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut state = inner.state.lock().unwrap();
    state.called.push(uri.path().to_string());
    if state.is_down {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    match uri.path() {
        "/.well-known/openid-configuration" => Json(configuration(&url)).into_response(),
        "/keys" => Json(state.keys()).into_response(),
        "/token" => state.token(&url, inner.clock.system_now().as_ms() / 1000, &headers, &body),
        "/info" if headers["authorization"] == "Bearer an-access-token" => {
            Json(state.info.clone()).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn configuration(url: &str) -> Value {
    json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "userinfo_endpoint": format!("{url}/info"),
        "end_session_endpoint": format!("{url}/end"),
        "jwks_uri": format!("{url}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA", "HS256", "none"],
    })
}

impl ProviderState {
    fn keys(&self) -> Value {
        let public = URL_SAFE_NO_PAD.encode(self.key.public_key_raw());
        json!({ "keys": [
            { "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.key_id, "x": public },
        ] })
    }

    /// Exchanges a code once, for the client that proves that it asked for it.
    fn token(&mut self, url: &str, now_s: i64, headers: &HeaderMap, body: &[u8]) -> Response {
        let refuse = |code: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": code }))).into_response();
        let encoded: String = form_urlencoded::byte_serialize(CLIENT_SECRET.as_bytes()).collect();
        let basic = format!("Basic {}", STANDARD.encode(format!("kassa:{encoded}")));
        if headers.get("authorization").is_none_or(|given| *given != basic) {
            return refuse("invalid_client");
        }
        let form: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        let Some(asked) = self.codes.remove(&form["code"]) else { return refuse("invalid_grant") };
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
        if asked["redirect_uri"] != form["redirect_uri"] || asked["code_challenge"] != challenge {
            return refuse("invalid_grant");
        }
        let id_token = self.id_token(url, now_s, &asked["nonce"]);
        Json(json!({ "access_token": "an-access-token", "token_type": "Bearer", "id_token": id_token }))
            .into_response()
    }

    fn id_token(&self, url: &str, now_s: i64, nonce: &str) -> String {
        let mut claims =
            json!({ "iss": url, "aud": "kassa", "nonce": nonce, "iat": now_s, "exp": now_s + 300 });
        let fields = claims.as_object_mut().unwrap();
        for claims in [&self.claims, &self.forged] {
            fields.extend(claims.as_object().unwrap().clone());
        }
        fields.retain(|_, value| !value.is_null());
        let header = match self.signature {
            Signature::Right | Signature::OtherKey => {
                json!({ "alg": "EdDSA", "typ": "JWT", "kid": self.key_id })
            }
            Signature::None => json!({ "alg": "none", "typ": "JWT" }),
            Signature::ClientSecret => json!({ "alg": "HS256", "typ": "JWT" }),
        };
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(self.signature_of(signed.as_bytes())))
    }

    fn signature_of(&self, signed: &[u8]) -> Vec<u8> {
        match self.signature {
            Signature::Right => self.key.sign(signed).unwrap(),
            Signature::OtherKey => KeyPair::generate_for(&PKCS_ED25519).unwrap().sign(signed).unwrap(),
            Signature::None => Vec::new(),
            Signature::ClientSecret => {
                let mut mac = Hmac::<Sha256>::new_from_slice(CLIENT_SECRET.as_bytes()).unwrap();
                mac.update(signed);
                mac.finalize().into_bytes().to_vec()
            }
        }
    }
}
