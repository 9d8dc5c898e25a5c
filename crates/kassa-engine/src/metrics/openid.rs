//! The ends of sign-ins with OpenID Connect.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

use super::catalogue::MetricGroup;

/// How a sign-in with OpenID Connect ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OpenIdResult {
    /// The operator is signed in.
    SignedIn,
    /// The browser's answer belongs to no sign-in of this browser, or came too late.
    Stale,
    /// The provider refused: for example, the person pressed Cancel.
    Denied,
    /// The provider gave no answer that can be used.
    ProviderFailed,
    /// The provider did not accept the code, or the credentials of Kassa.
    CodeRefused,
    /// The provider's token did not pass a check.
    TokenRefused,
    /// The provider gave no name, or no verified e-mail address.
    NoName,
    /// No group of the person has a role.
    NoRole,
    /// An admin revoked the operator.
    Revoked,
    /// Too many sign-ins failed, so the answer was not checked.
    Limited,
}

impl OpenIdResult {
    /// Every result.
    pub const ALL: [Self; 10] = [
        Self::SignedIn,
        Self::Stale,
        Self::Denied,
        Self::ProviderFailed,
        Self::CodeRefused,
        Self::TokenRefused,
        Self::NoName,
        Self::NoRole,
        Self::Revoked,
        Self::Limited,
    ];

    /// The word in metrics and in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::Stale => "stale",
            Self::Denied => "denied",
            Self::ProviderFailed => "provider_failed",
            Self::CodeRefused => "code_refused",
            Self::TokenRefused => "token_refused",
            Self::NoName => "no_name",
            Self::NoRole => "no_role",
            Self::Revoked => "revoked",
            Self::Limited => "limited",
        }
    }
}

/// The label of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndedSignIn {
    result: &'static str,
}

/// The counter of sign-ins with OpenID Connect.
#[derive(Default)]
pub(super) struct OpenIdMetrics {
    sign_ins: Family<EndedSignIn, Counter>,
}

impl OpenIdMetrics {
    /// Every result is exported from the start, so that the first failures already have a rate.
    pub(super) fn describe_in(&self, group: &mut MetricGroup<'_>) {
        for result in OpenIdResult::ALL {
            let _ = self.sign_ins.get_or_create(&EndedSignIn { result: result.as_str() });
        }
        group.add_with(
            "openid_sign_ins",
            &["result"],
            "Sign-ins of operators with OpenID Connect that ended: `signed_in`, or the reason why not",
            self.sign_ins.clone(),
        );
    }

    pub(super) fn ended(&self, result: OpenIdResult) {
        self.sign_ins.get_or_create(&EndedSignIn { result: result.as_str() }).inc();
    }
}
