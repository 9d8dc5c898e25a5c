//! The body without fields.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `{}`: the answer to a call that has nothing to answer, in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Nothing {}
