//! The usual currency and locale of each country, for a session that is created without them.

/// The usual currency and locale of one country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Market {
    country: &'static str,
    pub(super) currency: &'static str,
    pub(super) locale: &'static str,
}

const MARKETS: [Market; 26] = [
    market("AT", "EUR", "de-AT"),
    market("AU", "AUD", "en-AU"),
    market("BE", "EUR", "nl-BE"),
    market("CA", "CAD", "en-CA"),
    market("CH", "CHF", "de-CH"),
    market("CZ", "CZK", "cs-CZ"),
    market("DE", "EUR", "de-DE"),
    market("DK", "DKK", "da-DK"),
    market("ES", "EUR", "es-ES"),
    market("FI", "EUR", "fi-FI"),
    market("FR", "EUR", "fr-FR"),
    market("GB", "GBP", "en-GB"),
    market("GR", "EUR", "el-GR"),
    market("HU", "HUF", "hu-HU"),
    market("IE", "EUR", "en-IE"),
    market("IT", "EUR", "it-IT"),
    market("MX", "MXN", "es-MX"),
    market("NL", "EUR", "nl-NL"),
    market("NO", "NOK", "nb-NO"),
    market("NZ", "NZD", "en-NZ"),
    market("PL", "PLN", "pl-PL"),
    market("PT", "EUR", "pt-PT"),
    market("RO", "RON", "ro-RO"),
    market("SE", "SEK", "sv-SE"),
    market("SK", "EUR", "sk-SK"),
    market("US", "USD", "en-US"),
];

const fn market(country: &'static str, currency: &'static str, locale: &'static str) -> Market {
    Market { country, currency, locale }
}

impl Market {
    /// Returns the market of a country code in upper case.
    pub(super) fn of(country: &str) -> Option<Self> {
        MARKETS.into_iter().find(|market| market.country == country)
    }
}
