//! The roles of operators: who may do what in the console and over the API for operators.

use crate::page_session::words;
use serde::{Deserialize, Serialize};

words! {
    /// The role of an operator. Each role may also do what the roles after it may.
    Role {
        /// Manages merchants, credentials and operators, and settles stuck payment operations.
        Admin = "ADMIN"
        /// Helps with page sessions: redelivers callbacks, disables page sessions, and sends links again.
        Support = "SUPPORT"
        /// Sees everything except secrets, and changes nothing.
        ReadOnly = "READ_ONLY"
    }
}

/// A kind of change that needs a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// To help with page sessions.
    Support,
    /// To administer merchants and operators, and to decide about money.
    Administer,
}

impl Role {
    /// Whether an operator with this role may make changes of this kind.
    #[must_use]
    pub const fn may(self, permission: Permission) -> bool {
        match (self, permission) {
            (Self::Admin, Permission::Support | Permission::Administer)
            | (Self::Support, Permission::Support) => true,
            (Self::Support, Permission::Administer)
            | (Self::ReadOnly, Permission::Support | Permission::Administer) => false,
        }
    }

    /// The role in words, such as `read only`.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Support => "support",
            Self::ReadOnly => "read only",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_also_do_what_the_next_one_may() {
        let may = |role: Role| (role.may(Permission::Administer), role.may(Permission::Support));
        assert_eq!(may(Role::Admin), (true, true));
        assert_eq!(may(Role::Support), (false, true));
        assert_eq!(may(Role::ReadOnly), (false, false));
    }
}
