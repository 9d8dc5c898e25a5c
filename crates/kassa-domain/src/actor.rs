//! The actor: who caused a change.

use core::fmt;

use crate::Username;

/// The cause of a change. The store, the API and the log use its kind and its name as two values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The consumer, on the page.
    Consumer,
    /// The staff of a shop, on the page of the staff: anyone who has its link.
    Staff,
    /// A merchant, with the username of the credential that called.
    Merchant(Username),
    /// An operator, with its name.
    Operator(Username),
    /// The lab, for a developer who tests: it acts as the consumer, or its page was used.
    Lab,
    /// A node itself: it completes sibling page sessions, for example.
    System,
    /// A person who runs the command `kassa` on the database.
    CommandLine,
}

impl Actor {
    /// The kind, in one word that never changes.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Consumer => "consumer",
            Self::Staff => "staff",
            Self::Merchant(_) => "merchant",
            Self::Operator(_) => "operator",
            Self::Lab => "lab",
            Self::System => "system",
            Self::CommandLine => "command_line",
        }
    }

    /// The username of the merchant's credential, or the operator's name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Merchant(username) | Self::Operator(username) => Some(username.as_str()),
            Self::Consumer | Self::Staff | Self::Lab | Self::System | Self::CommandLine => None,
        }
    }

    /// The actor of this kind and name. `None` if no actor has them: a merchant and an operator have a name, and the
    /// others have none.
    #[must_use]
    pub fn of(kind: &str, name: Option<&str>) -> Option<Self> {
        match (kind, name) {
            ("consumer", None) => Some(Self::Consumer),
            ("staff", None) => Some(Self::Staff),
            ("merchant", Some(name)) => Some(Self::Merchant(Username::new(name))),
            ("operator", Some(name)) => Some(Self::Operator(Username::new(name))),
            ("lab", None) => Some(Self::Lab),
            ("system", None) => Some(Self::System),
            ("command_line", None) => Some(Self::CommandLine),
            (_, _) => None,
        }
    }
}

/// The kind, and the name if there is one, such as `merchant PK1_dev`. It is for people: nothing reads it.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())?;
        match self.name() {
            Some(name) => write!(f, " {name}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    /// Every kind of actor. A name may contain a blank and the word of another kind.
    fn each_actor() -> [Actor; 7] {
        let username = Username::new("operator PK1");
        [
            Actor::Consumer,
            Actor::Staff,
            Actor::Merchant(username.clone()),
            Actor::Operator(username),
            Actor::Lab,
            Actor::System,
            Actor::CommandLine,
        ]
    }

    #[test]
    fn an_actor_is_read_from_its_kind_and_its_name() {
        for actor in each_actor() {
            assert_eq!(Actor::of(actor.kind(), actor.name()), Some(actor.clone()));
        }
    }

    #[test]
    fn only_a_merchant_and_an_operator_have_a_name() {
        for actor in each_actor() {
            let contradiction = match actor.name() {
                Some(_) => None,
                None => Some("PK1_dev"),
            };
            assert_eq!(Actor::of(actor.kind(), contradiction), None, "{actor}");
        }
        assert_eq!(Actor::of("merchant PK1_dev", None), None, "the form for people is not read");
        assert_eq!(Actor::of("Consumer", None), None);
    }

    #[test]
    fn an_actor_is_shown_with_its_kind_and_name() {
        let shown = each_actor().map(|actor| actor.to_string());
        let expected = [
            "consumer",
            "staff",
            "merchant operator PK1",
            "operator operator PK1",
            "lab",
            "system",
            "command_line",
        ];
        assert_eq!(shown, expected);
    }
}
