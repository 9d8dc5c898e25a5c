//! The service to call: one of the vendor's regions and environments (docs/wire.md#authentication-and-addresses), or
//! any base URL.

/// A service. Credentials belong to one region and environment; another region answers 401.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Environment {
    /// Klarna, live, Europe.
    LiveEurope,
    /// Klarna, live, North America.
    LiveNorthAmerica,
    /// Klarna, live, Oceania.
    LiveOceania,
    /// Klarna, playground, Europe.
    PlaygroundEurope,
    /// Klarna, playground, North America.
    PlaygroundNorthAmerica,
    /// Klarna, playground, Oceania.
    PlaygroundOceania,
    /// Kustom, live; for checkout orders only.
    KustomLive,
    /// Kustom, playground; for checkout orders only.
    KustomPlayground,
    /// Kassa, or any other service, at this base URL.
    At(String),
}

impl Environment {
    /// The base URL of the API.
    #[must_use]
    pub fn base_url(&self) -> &str {
        match self {
            Self::LiveEurope => "https://api.klarna.com",
            Self::LiveNorthAmerica => "https://api-na.klarna.com",
            Self::LiveOceania => "https://api-oc.klarna.com",
            Self::PlaygroundEurope => "https://api.playground.klarna.com",
            Self::PlaygroundNorthAmerica => "https://api-na.playground.klarna.com",
            Self::PlaygroundOceania => "https://api-oc.playground.klarna.com",
            Self::KustomLive => "https://api.kustom.co",
            Self::KustomPlayground => "https://api.playground.kustom.co",
            Self::At(base_url) => base_url,
        }
    }

    /// Parses the value of a configuration: `live-eu`, `playground-na`, ..., or a URL.
    #[must_use]
    pub fn from_name(word: &str) -> Option<Self> {
        Some(match word {
            "live-eu" => Self::LiveEurope,
            "live-na" => Self::LiveNorthAmerica,
            "live-oc" => Self::LiveOceania,
            "playground-eu" => Self::PlaygroundEurope,
            "playground-na" => Self::PlaygroundNorthAmerica,
            "playground-oc" => Self::PlaygroundOceania,
            "kustom-live" => Self::KustomLive,
            "kustom-playground" => Self::KustomPlayground,
            url if url.starts_with("https://") || url.starts_with("http://") => Self::At(url.to_string()),
            _ => return None,
        })
    }
}
