//! The meaning of the claims about a person: the name, and the role.

use kassa_engine::OpenIdPerson;
use kassa_wire::one_line::breaks_a_line;
use serde_json::{Map, Value};

use crate::failure::OpenIdFailure;
use crate::settings::OpenIdSettings;

/// The claim with the e-mail address. It counts only if the provider does not say that it is unverified.
const EMAIL: &str = "email";

/// The claim that says whether the e-mail address is verified.
const EMAIL_VERIFIED: &str = "email_verified";

/// The longest name, in characters.
const LONGEST_NAME: usize = 100;

/// The claims that the provider made about a person.
#[derive(Clone)]
pub(crate) struct Claims(Map<String, Value>);

impl Claims {
    /// The claims of an object that the library has read and checked.
    pub(crate) fn of(checked: &impl serde::Serialize) -> Self {
        match serde_json::to_value(checked) {
            Ok(Value::Object(claims)) => Self(claims),
            Ok(_) | Err(_) => Self(Map::new()),
        }
    }

    /// Whether a claim that the settings name is missing, or the one that says whether its e-mail address is verified.
    pub(crate) fn lack_any(&self, settings: &OpenIdSettings) -> bool {
        let verified = asks_email(settings).then_some(EMAIL_VERIFIED);
        let asked = [settings.name_claim.as_str(), settings.role_claim.as_str()];
        asked.into_iter().chain(verified).any(|claim| self.value(claim).is_none())
    }

    /// Adds claims from another source. Claims that are there already stay.
    pub(crate) fn add(&mut self, others: Self) {
        for (name, value) in others.0 {
            self.0.entry(name).or_insert(value);
        }
    }

    /// The person that the claims describe.
    pub(crate) fn person(&self, settings: &OpenIdSettings) -> Result<OpenIdPerson, OpenIdFailure> {
        let subject = self.0.get("sub").and_then(Value::as_str).filter(|subject| !subject.is_empty());
        let subject = subject.ok_or_else(|| OpenIdFailure::TokenRefused("it has no subject".to_string()))?;
        if asks_email(settings) && self.says_unverified() {
            return Err(OpenIdFailure::EmailNotVerified);
        }
        let name = self.value(&settings.name_claim).and_then(Value::as_str).filter(|name| is_name(name));
        let name = name.ok_or_else(|| OpenIdFailure::NoName(settings.name_claim.clone()))?;
        let role = settings.groups.role_of(&self.texts(&settings.role_claim));
        let role = role.ok_or_else(|| OpenIdFailure::NoRole {
            claim: settings.role_claim.clone(),
            subject: subject.to_string(),
        })?;
        Ok(OpenIdPerson {
            issuer: settings.issuer.clone(),
            subject: subject.to_string(),
            name: name.to_string(),
            role,
        })
    }

    /// A claim by its name. If no claim has this name, dots lead into objects: `realm_access.roles`.
    fn value(&self, name: &str) -> Option<&Value> {
        let nested = || {
            let mut steps = name.split('.');
            let first = self.0.get(steps.next()?)?;
            steps.try_fold(first, |value, step| value.get(step))
        };
        self.0.get(name).or_else(nested).filter(|value| !value.is_null())
    }

    /// The texts of a claim: of a list, or a single one.
    fn texts(&self, name: &str) -> Vec<&str> {
        match self.value(name) {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
            None | Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => Vec::new(),
        }
    }

    fn says_unverified(&self) -> bool {
        match self.0.get(EMAIL_VERIFIED) {
            Some(Value::Bool(is_verified)) => !is_verified,
            Some(Value::String(text)) => text != "true",
            None | Some(_) => false,
        }
    }
}

fn asks_email(settings: &OpenIdSettings) -> bool {
    [&settings.name_claim, &settings.role_claim].iter().any(|claim| *claim == EMAIL)
}

/// Whether a text can be the name of an operator in lists, forms and the log.
fn is_name(text: &str) -> bool {
    let is_good = |letter: char| !letter.is_whitespace() && !breaks_a_line(letter);
    (1..=LONGEST_NAME).contains(&text.chars().count()) && text.chars().all(is_good)
}

#[cfg(test)]
mod tests {
    use kassa_domain::Role;
    use serde_json::json;

    use super::*;
    use crate::settings::{OpenIdSecret, RoleGroups};

    fn settings(name_claim: &str, role_claim: &str) -> OpenIdSettings {
        OpenIdSettings {
            provider_name: "Acme".to_string(),
            issuer: "https://login.example".to_string(),
            client_id: "kassa".to_string(),
            client_secret: OpenIdSecret::new("s"),
            scopes: Vec::new(),
            name_claim: name_claim.to_string(),
            role_claim: role_claim.to_string(),
            groups: RoleGroups {
                admin: vec!["a".to_string(), "ada@shop.example".to_string()],
                ..RoleGroups::default()
            },
            allows_passwords: true,
        }
    }

    #[track_caller]
    fn check(claims: &Value, (name, role): (&str, &str), expected: Result<&str, &str>) {
        let found = Claims::of(claims).person(&settings(name, role));
        let found = found.map(|person| {
            assert_eq!((person.role, person.subject.as_str()), (Role::Admin, "1"));
            person.name
        });
        let expected = expected.map(str::to_string).map_err(str::to_string);
        assert_eq!(found.map_err(|failure| failure.to_string()), expected, "{claims}");
    }

    #[test]
    fn a_person_has_a_name_and_a_role() {
        let of = |more: Value| {
            let mut claims = json!({ "sub": "1", "email": "ada@shop.example", "groups": ["x", "a"] });
            claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            claims
        };
        let usual = ("email", "groups");
        check(&of(json!({})), usual, Ok("ada@shop.example"));
        check(&of(json!({ "email_verified": true })), usual, Ok("ada@shop.example"));
        check(&of(json!({ "groups": "a" })), usual, Ok("ada@shop.example"));
        check(
            &of(json!({ "realm_access": { "roles": ["a"] } })),
            ("email", "realm_access.roles"),
            Ok("ada@shop.example"),
        );
        check(
            &of(json!({ "https://x.example/g": ["a"] })),
            ("email", "https://x.example/g"),
            Ok("ada@shop.example"),
        );
        check(&of(json!({ "preferred_username": "ada" })), ("preferred_username", "email"), Ok("ada"));
        check(
            &of(json!({ "sub": "" })),
            usual,
            Err("the token of the provider is not valid: it has no subject"),
        );
        let unverified = Err("the e-mail address is not verified");
        check(&of(json!({ "email_verified": false })), usual, unverified);
        check(&of(json!({ "email_verified": "false" })), usual, unverified);
        check(&of(json!({ "email_verified": false, "nickname": "ada" })), ("nickname", "email"), unverified);
        check(&of(json!({ "email_verified": false, "nickname": "ada" })), ("nickname", "groups"), Ok("ada"));
        let no_role = Err("no value of the claim groups has a role");
        for groups in
            [json!(null), json!([]), json!(["A"]), json!([["a"]]), json!({ "a": true }), json!(true)]
        {
            check(&of(json!({ "groups": groups })), usual, no_role);
        }
        let no_name = Err("the claim email has no usable name");
        for email in
            [json!(null), json!(""), json!(7), json!("a b"), json!("a\u{202e}b"), json!("x".repeat(101))]
        {
            check(&of(json!({ "email": email })), usual, no_name);
        }
    }

    #[test]
    fn an_email_address_of_which_nothing_is_said_is_asked_about() {
        let claims = |more: Value| {
            let mut claims = json!({ "sub": "1", "email": "ada@shop.example", "groups": ["a"] });
            claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            Claims::of(&claims)
        };
        assert!(claims(json!({})).lack_any(&settings("email", "groups")));
        assert!(!claims(json!({ "email_verified": true })).lack_any(&settings("email", "groups")));
        assert!(!claims(json!({ "nickname": "ada" })).lack_any(&settings("nickname", "groups")));
    }

    #[test]
    fn claims_of_the_token_stay_when_others_are_added() {
        let mut claims = Claims::of(&json!({ "sub": "1", "groups": ["a"], "email_verified": false }));
        assert!(claims.lack_any(&settings("email", "groups")));
        claims.add(Claims::of(&json!({ "email": "ada@shop.example", "email_verified": true, "groups": [] })));
        assert!(!claims.lack_any(&settings("email", "groups")));
        assert_eq!(claims.person(&settings("email", "groups")), Err(OpenIdFailure::EmailNotVerified));
    }
}
