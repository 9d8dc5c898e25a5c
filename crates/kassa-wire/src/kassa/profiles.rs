//! The bodies of `/kassa/v1/merchants/{merchant_id}/profiles`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::hpp::{MerchantUrls, Options};
use crate::payments::COLOR;
use crate::shape::{Rule, TEXT, body, object};
use crate::stored::Stored;
use crate::time::Instant;

body! {
    /// The shop's own pages, to which the consumer's pages link. Each is an address with `https`.
    ProfileLinks unknown Refused {
        required {}
        optional {
            /// The terms and conditions.
            terms: String = TEXT,
            /// The privacy policy.
            privacy: String = TEXT,
            /// The customer support.
            support: String = TEXT,
        }
    }
}

body! {
    /// The colours of the consumer's pages. A colour that cannot be read is changed as far as necessary.
    ProfileColors unknown Refused {
        required {}
        optional {
            /// The colour of the pay button, of links, and of what is chosen.
            accent: String = COLOR,
            /// The background of the page.
            background: String = COLOR,
        }
    }
}

body! {
    /// `POST /kassa/v1/merchants/{merchant_id}/profiles`: the profile to create.
    ProfileCreation unknown Refused {
        required {
            /// The name of the profile. Only operators read it.
            name: String = TEXT,
        }
        optional {
            /// The id that sessions name: letters, digits, `-` and `_`, at most 64. Without it, Kassa chooses a UUID.
            profile_id: String = TEXT,
            /// Whether the profile applies to sessions that name none. It replaces the default profile before it.
            is_default: bool = Rule::Flag,
            /// The merchant URLs of sessions that do not have them.
            merchant_urls: MerchantUrls = object::<MerchantUrls>(),
            /// The options of sessions that do not have them.
            options: Options = object::<Options>(),
            /// The shop's own pages, to which the consumer's pages link.
            links: ProfileLinks = object::<ProfileLinks>(),
            /// The colours of the consumer's pages.
            colors: ProfileColors = object::<ProfileColors>(),
        }
    }
}

body! {
    /// `PUT /kassa/v1/merchants/{merchant_id}/profiles/{profile_id}`: the whole profile, which replaces the one before.
    ProfileReplacement unknown Refused {
        required {
            /// The name of the profile. Only operators read it.
            name: String = TEXT,
        }
        optional {
            /// Whether the profile applies to sessions that name none. It replaces the default profile before it.
            is_default: bool = Rule::Flag,
            /// The merchant URLs of sessions that do not have them.
            merchant_urls: MerchantUrls = object::<MerchantUrls>(),
            /// The options of sessions that do not have them.
            options: Options = object::<Options>(),
            /// The shop's own pages, to which the consumer's pages link.
            links: ProfileLinks = object::<ProfileLinks>(),
            /// The colours of the consumer's pages.
            colors: ProfileColors = object::<ProfileColors>(),
        }
    }
}

impl From<ProfileCreation> for ProfileReplacement {
    fn from(creation: ProfileCreation) -> Self {
        let ProfileCreation { name, profile_id: _, is_default, merchant_urls, options, links, colors } =
            creation;
        Self { name, is_default, merchant_urls, options, links, colors }
    }
}

/// The values that a profile gives to sessions that do not have them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProfileValues {
    /// The merchant URLs.
    #[serde(default)]
    pub merchant_urls: MerchantUrls,
    /// The options.
    #[serde(default)]
    pub options: Options,
    /// The shop's own pages.
    #[serde(default)]
    pub links: ProfileLinks,
    /// The colours.
    #[serde(default)]
    pub colors: ProfileColors,
}

impl Stored for ProfileValues {
    const NAME: &'static str = "profile";
}

/// A profile of a merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
    /// The id that sessions name.
    pub profile_id: String,
    /// The name that operators read.
    pub name: String,
    /// Whether the profile applies to sessions that name none.
    pub is_default: bool,
    /// The values of the profile.
    #[serde(flatten)]
    pub values: ProfileValues,
    /// When the profile was created.
    pub created_at: Instant,
    /// When the profile was last replaced, or created.
    pub updated_at: Instant,
}

/// `GET /kassa/v1/merchants/{merchant_id}/profiles`: the profiles of a merchant.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProfileList {
    /// The profiles, by id.
    pub profiles: Vec<Profile>,
}
