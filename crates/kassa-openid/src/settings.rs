//! The settings of the sign-in with OpenID Connect.

use std::fmt;

use kassa_domain::Role;

/// The settings of the sign-in with OpenID Connect.
#[derive(Clone, Debug)]
pub struct OpenIdSettings {
    /// The name of the provider, for people.
    pub provider_name: String,
    /// The issuer: the URL of the provider, exactly as the provider writes it.
    pub issuer: String,
    /// The id that the provider gave Kassa.
    pub client_id: String,
    /// The secret that the provider gave Kassa.
    pub client_secret: OpenIdSecret,
    /// The scopes that Kassa asks for, beside `openid`.
    pub scopes: Vec<String>,
    /// The claim with the name of an operator.
    pub name_claim: String,
    /// The claim with the groups of an operator.
    pub role_claim: String,
    /// The groups whose members have a role.
    pub groups: RoleGroups,
    /// Whether operators may also sign in with a password.
    pub allows_passwords: bool,
}

/// The groups whose members have a role, for each role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleGroups {
    /// The groups of admins.
    pub admin: Vec<String>,
    /// The groups of support.
    pub support: Vec<String>,
    /// The groups of operators who only read.
    pub read_only: Vec<String>,
}

impl RoleGroups {
    /// The role that may do the most, of those that the groups of a person have.
    pub(crate) fn role_of(&self, groups: &[&str]) -> Option<Role> {
        Role::ALL.iter().copied().find(|role| {
            let with_role = self.of(*role);
            groups.iter().any(|group| with_role.iter().any(|name| name == group))
        })
    }

    fn of(&self, role: Role) -> &[String] {
        match role {
            Role::Admin => &self.admin,
            Role::Support => &self.support,
            Role::ReadOnly => &self.read_only,
        }
    }
}

/// The secret that the provider gave Kassa. It is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenIdSecret(String);

impl OpenIdSecret {
    /// A secret.
    #[must_use]
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OpenIdSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenIdSecret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_of_several_groups_gets_the_role_that_may_do_the_most() {
        let of = |name: &str| vec![name.to_string()];
        let groups = RoleGroups { admin: of("a"), support: of("s"), read_only: of("r") };
        assert_eq!(groups.role_of(&["r", "a", "s"]), Some(Role::Admin));
        assert_eq!(groups.role_of(&["r", "s"]), Some(Role::Support));
        assert_eq!(groups.role_of(&["x", "r"]), Some(Role::ReadOnly));
        assert_eq!(groups.role_of(&["A", "x"]), None);
        assert_eq!(groups.role_of(&[]), None);
    }
}
