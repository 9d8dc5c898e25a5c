//! The service's decision about the risk of an order.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The fraud status of an order (docs/wire.md#fraud-status), including values that this version does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum FraudStatus {
    /// The merchant may deliver.
    Accepted,
    /// The service has not decided. The merchant must not deliver yet.
    Pending,
    /// The service does not pay. The merchant must not deliver.
    Rejected,
    /// A value that this version does not know.
    Other(String),
}

impl FraudStatus {
    /// The value as the wire writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Accepted => "ACCEPTED",
            Self::Pending => "PENDING",
            Self::Rejected => "REJECTED",
            Self::Other(word) => word,
        }
    }
}

impl From<String> for FraudStatus {
    fn from(word: String) -> Self {
        match word.as_str() {
            "ACCEPTED" => Self::Accepted,
            "PENDING" => Self::Pending,
            "REJECTED" => Self::Rejected,
            _ => Self::Other(word),
        }
    }
}

impl From<FraudStatus> for String {
    fn from(status: FraudStatus) -> Self {
        status.as_str().to_string()
    }
}

impl fmt::Display for FraudStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fraud_status_is_written_as_it_was_read() {
        for word in ["ACCEPTED", "PENDING", "REJECTED", "MANUAL_REVIEW"] {
            assert_eq!(FraudStatus::from(word.to_string()).as_str(), word);
        }
        assert_eq!(FraudStatus::from("REJECTED".to_string()), FraudStatus::Rejected);
    }
}
