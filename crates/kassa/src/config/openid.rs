//! The settings of the sign-in to the console with OpenID Connect: the provider, the claims, and the roles of groups.

use std::fmt;
use std::path::{Path, PathBuf};

use kassa_outgoing::{AddressPolicy, OutgoingPolicy, Ports};
use kassa_server::{OpenIdSecret, OpenIdSettings, RoleGroups};
use kassa_wire::one_line::breaks_a_line;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::{Host, Url};

use super::Config;
use super::lists::network;
use super::safety::is_this_machine;
use crate::failure::Failure;

/// The table `[console_openid]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsoleOpenId {
    /// The name of the provider on the button of the sign-in: 1 to 50 characters.
    #[schemars(length(min = 1, max = 50), extend("x-default" = "the host of the issuer"), example = &"Acme")]
    #[serde(default, deserialize_with = "name")]
    name: Option<String>,
    /// The URL of the provider, exactly as the provider writes it: https, or http on this machine.
    #[schemars(example = "https://login.example/realms/acme")]
    #[serde(deserialize_with = "issuer")]
    issuer: String,
    /// The id that the provider gave Kassa.
    #[schemars(example = &"kassa")]
    #[serde(deserialize_with = "word")]
    client_id: String,
    /// The file with the secret that the provider gave Kassa, on one line.
    #[schemars(example = "/etc/kassa/openid-secret")]
    client_secret_file: PathBuf,
    /// The scopes that Kassa asks for, in addition to `openid`.
    #[serde(default = "default_scopes", deserialize_with = "words")]
    scopes: Vec<String>,
    /// The claim with the name of an operator. `email` counts only if the claim `email_verified` is not false.
    #[serde(default = "default_name_claim", deserialize_with = "word")]
    name_claim: String,
    /// The claim with the groups of an operator: a list of texts, or a single text. Dots lead into objects, as in
    /// `realm_access.roles`.
    #[serde(default = "default_role_claim", deserialize_with = "word")]
    role_claim: String,
    /// The groups that have a [role](docs/console.md#roles). At least one group must have one. Names are compared
    /// exactly.
    roles: GroupsOfRoles,
    /// Whether operators may also sign in to the console with a password.
    #[serde(default = "default_passwords")]
    passwords: bool,
    /// The hosts of the provider that may have addresses in private networks: names, or addresses.
    #[schemars(example = ["login.internal", "10.0.0.7"])]
    #[serde(default, deserialize_with = "hosts")]
    allowed_hosts: Vec<String>,
    /// The secret, once it is read.
    #[serde(skip)]
    secret: Option<OpenIdSecret>,
}

/// The groups whose members have a role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct GroupsOfRoles {
    /// The groups of admins.
    #[schemars(example = ["kassa-admins"])]
    admin: Vec<String>,
    /// The groups of support agents.
    #[schemars(example = ["kassa-support"])]
    support: Vec<String>,
    /// The groups of people who may only read.
    #[schemars(example = ["kassa-readers"])]
    #[serde(alias = "read-only")]
    read_only: Vec<String>,
}

fn default_scopes() -> Vec<String> {
    vec!["email".to_string(), "profile".to_string()]
}

fn default_name_claim() -> String {
    "email".to_string()
}

fn default_role_claim() -> String {
    "groups".to_string()
}

const fn default_passwords() -> bool {
    true
}

fn name<'de, D: Deserializer<'de>>(source: D) -> Result<Option<String>, D::Error> {
    let name = String::deserialize(source)?;
    match (1..=50).contains(&name.chars().count()) && !name.contains(breaks_a_line) {
        true => Ok(Some(name)),
        false => Err(D::Error::custom("expected a name of 1 to 50 characters")),
    }
}

/// Reads the URL of an issuer. It is kept as it is written, because the provider's tokens contain the same text.
fn issuer<'de, D: Deserializer<'de>>(source: D) -> Result<String, D::Error> {
    let text = String::deserialize(source)?;
    let is_issuer = |url: &Url| {
        let is_secure = url.scheme() == "https" || (url.scheme() == "http" && is_this_machine(url.host()));
        let has_user = !url.username().is_empty() || url.password().is_some();
        is_secure && !has_user && url.query().is_none() && url.fragment().is_none()
    };
    let is_good = text.chars().all(|letter| letter.is_ascii_graphic())
        && Url::parse(&text).is_ok_and(|url| is_issuer(&url));
    match is_good {
        true if text.contains("/.well-known/") => Err(D::Error::custom(
            "expected the issuer only: leave out the part that begins with /.well-known",
        )),
        true => Ok(text),
        false => Err(D::Error::custom(
            "expected an https URL (http is allowed only for this machine), without a user, a query or a fragment",
        )),
    }
}

fn word<'de, D: Deserializer<'de>>(source: D) -> Result<String, D::Error> {
    let text = String::deserialize(source)?;
    match is_word(&text) {
        true => Ok(text),
        false => Err(D::Error::custom("expected a text without blanks")),
    }
}

/// Reads scopes. Kassa always asks for `openid`.
fn words<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<String>, D::Error> {
    let texts = Vec::<String>::deserialize(source)?;
    match texts.iter().all(|text| is_word(text)) {
        true => Ok(texts.into_iter().filter(|text| text != "openid").collect()),
        false => Err(D::Error::custom("expected scopes without blanks, such as [\"email\", \"profile\"]")),
    }
}

fn hosts<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<String>, D::Error> {
    let hosts = Vec::<String>::deserialize(source)?;
    match hosts.iter().all(|host| Host::parse(host).is_ok()) {
        true => Ok(hosts),
        false => Err(D::Error::custom(
            "expected hosts without scheme, port and path, such as login.internal or 10.0.0.7",
        )),
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_graphic())
}

impl Config {
    /// Checks the settings of the sign-in with OpenID Connect together.
    pub(super) fn check_openid(&self) -> Result<(), String> {
        let Some(openid) = &self.console_openid else { return Ok(()) };
        if !self.console {
            return Err(
                "console_openid has no effect with console = false: remove the table, or open the console"
                    .to_string(),
            );
        }
        let GroupsOfRoles { admin, support, read_only } = &openid.roles;
        let groups = || admin.iter().chain(support).chain(read_only);
        if groups().next().is_none() {
            return Err(
                "console_openid.roles: no group has a role, so nobody could sign in: give one, such as admin = \
                 [\"kassa-admins\"]"
                    .to_string(),
            );
        }
        match groups().any(|group| group.trim().is_empty()) {
            true => Err("console_openid.roles: a group has no name".to_string()),
            false => Ok(()),
        }
    }

    /// Reads the secret of the sign-in with OpenID Connect, if it is configured.
    pub(super) fn with_openid_secret(mut self) -> Result<Self, Failure> {
        let Some(openid) = &mut self.console_openid else { return Ok(self) };
        let path = &openid.client_secret_file;
        let wrong = |reason: &dyn fmt::Display| {
            Failure::Usage(format!("console_openid.client_secret_file: {}: {reason}", path.display()))
        };
        let text = std::fs::read_to_string(path).map_err(|error| {
            wrong(&format!("{error}: write the client secret of the provider into it, and nothing else"))
        })?;
        match text.trim() {
            "" => return Err(wrong(&"it is empty")),
            secret if !is_word(secret) => {
                return Err(wrong(&"expected one secret without blanks, on one line"));
            }
            secret => openid.secret = Some(OpenIdSecret::new(secret)),
        }
        Ok(self)
    }

    /// The file with the secret of the sign-in with OpenID Connect.
    pub(super) fn openid_secret_file(&self) -> Option<&Path> {
        self.console_openid.as_ref().map(|openid| openid.client_secret_file.as_path())
    }

    /// The settings of the sign-in with OpenID Connect, and the rules for calls to the provider. `None` if it is off,
    /// or in a command that reads no secrets.
    pub(crate) fn openid(&self) -> Option<(OpenIdSettings, OutgoingPolicy)> {
        let openid = self.console_openid.as_ref()?;
        let settings = openid.settings(openid.secret.clone()?);
        Some((settings, openid.policy(self.outgoing.extra_root.clone())))
    }
}

impl ConsoleOpenId {
    fn name(&self) -> String {
        let host = || Url::parse(&self.issuer).ok().and_then(|url| url.host_str().map(str::to_string));
        self.name.clone().or_else(host).unwrap_or_default()
    }

    fn settings(&self, client_secret: OpenIdSecret) -> OpenIdSettings {
        let GroupsOfRoles { admin, support, read_only } = self.roles.clone();
        OpenIdSettings {
            provider_name: self.name(),
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            client_secret,
            scopes: self.scopes.clone(),
            name_claim: self.name_claim.clone(),
            role_claim: self.role_claim.clone(),
            groups: RoleGroups { admin, support, read_only },
            allows_passwords: self.passwords,
        }
    }

    /// Merchants choose the URLs of callbacks, so the provider has rules of its own: what it may need must not become
    /// reachable for callbacks.
    fn policy(&self, extra_root: Option<PathBuf>) -> OutgoingPolicy {
        let addresses =
            self.allowed_hosts.iter().filter_map(|host| network(host.trim_matches(['[', ']'])).ok());
        OutgoingPolicy {
            addresses: AddressPolicy {
                allowed_networks: addresses.collect(),
                allowed_hosts: self.allowed_hosts.clone(),
                allowed_ports: Ports::Any,
            },
            allows_http: self.issuer.starts_with("http:"),
            extra_root,
        }
    }
}

/// The settings that are in effect, defaults included.
impl fmt::Display for ConsoleOpenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Operators sign in to the console with {} ({}).", self.name(), self.issuer)?;
        writeln!(
            f,
            "Their names are in the claim {}, and their groups in {}.",
            self.name_claim, self.role_claim
        )?;
        let passwords =
            if self.passwords { "A password is accepted, too." } else { "Passwords are refused." };
        f.write_str(passwords)
    }
}

#[cfg(test)]
mod tests;
