//! The four markets of the shop: currency, language and taxes of each.

use super::catalogue::TaxClass;
use kassa_i18n::format_money;

/// The visitor's country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Market {
    Sweden,
    Germany,
    UnitedKingdom,
    UnitedStates,
}

/// The properties of one market.
struct MarketProperties {
    country: &'static str,
    name: &'static str,
    currency: &'static str,
    locale: &'static str,
    /// The e-mail address of the sandbox's consumer in this market (docs/wire.md#sandbox-consumers).
    customer_email: &'static str,
    taxes: Taxes,
}

/// The tax rules of a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taxes {
    /// Prices contain the tax, at a rate per tax class. Rates have two implied decimals.
    InThePrice { household: i64, food: i64 },
    /// The tax is added to the sum of household goods, as a separate line.
    OnTop { household: i64 },
}

impl Market {
    pub(super) const ALL: [Self; 4] = [Self::Sweden, Self::Germany, Self::UnitedKingdom, Self::UnitedStates];

    const fn properties(self) -> MarketProperties {
        match self {
            Self::Sweden => MarketProperties {
                country: "SE",
                name: "Sweden",
                currency: "SEK",
                locale: "sv-SE",
                customer_email: "customer@email.se",
                taxes: Taxes::InThePrice { household: 2500, food: 1200 },
            },
            Self::Germany => MarketProperties {
                country: "DE",
                name: "Germany",
                currency: "EUR",
                locale: "de-DE",
                customer_email: "customer@email.de",
                taxes: Taxes::InThePrice { household: 1900, food: 700 },
            },
            Self::UnitedKingdom => MarketProperties {
                country: "GB",
                name: "United Kingdom",
                currency: "GBP",
                locale: "en-GB",
                customer_email: "customer@email.uk",
                taxes: Taxes::InThePrice { household: 2000, food: 0 },
            },
            Self::UnitedStates => MarketProperties {
                country: "US",
                name: "United States",
                currency: "USD",
                locale: "en-US",
                customer_email: "customer@email.us",
                taxes: Taxes::OnTop { household: 800 },
            },
        }
    }

    /// Returns the market of a country code.
    pub(super) fn of_country(country: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|market| market.country() == country)
    }

    pub(super) fn country(self) -> &'static str {
        self.properties().country
    }

    pub(super) fn name(self) -> &'static str {
        self.properties().name
    }

    pub(super) fn currency(self) -> &'static str {
        self.properties().currency
    }

    pub(super) fn locale(self) -> &'static str {
        self.properties().locale
    }

    pub(super) fn customer_email(self) -> &'static str {
        self.properties().customer_email
    }

    pub(super) fn taxes(self) -> Taxes {
        self.properties().taxes
    }

    /// Formats an amount for the market's locale.
    pub(super) fn formatted(self, minor_units: i64) -> String {
        format_money(minor_units, self.currency(), self.locale())
    }
}

impl Taxes {
    /// Returns the tax rate for the line of an article; `None` if the tax is a separate line.
    pub(super) fn rate_of_line(self, tax_class: TaxClass) -> Option<i64> {
        match (self, tax_class) {
            (Self::InThePrice { household, .. }, TaxClass::Household) => Some(household),
            (Self::InThePrice { food, .. }, TaxClass::Food) => Some(food),
            (Self::OnTop { .. }, TaxClass::Household | TaxClass::Food) => None,
        }
    }

    /// Returns the rate of the tax that is added to the price.
    pub(super) fn rate_on_top(self, tax_class: TaxClass) -> i64 {
        match (self, tax_class) {
            (Self::OnTop { household }, TaxClass::Household) => household,
            (Self::OnTop { .. } | Self::InThePrice { .. }, TaxClass::Household | TaxClass::Food) => 0,
        }
    }
}
