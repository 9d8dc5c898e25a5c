//! The body of a merchant's rate limits.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shape::{Shape, Shaped, UnknownFields, integer, optional};

/// `GET|PUT /lab/v1/rate-limits`: the calls of the vendor's APIs that the merchant may make in a second. `null` and 0
/// mean no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimitSetting {
    /// The limit of each kind of creation.
    pub creations: Option<u32>,
    /// The limit of all other calls together.
    pub other_calls: Option<u32>,
}

impl Shaped for RateLimitSetting {
    const SHAPE: Shape = Shape {
        name: "RateLimitSetting",
        fields: &[
            optional("creations", integer(0, u32::MAX as i64)),
            optional("other_calls", integer(0, u32::MAX as i64)),
        ],
        unknown: UnknownFields::Refused,
    };
}
