//! The four markets of the shop: currency, language and taxes of each.

use super::catalogue::Goods;
use kassa_i18n::format_money;

/// Where the visitor shops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Market {
    Sweden,
    Germany,
    UnitedKingdom,
    UnitedStates,
}

/// What one market has of its own.
struct Facts {
    country: &'static str,
    name: &'static str,
    currency: &'static str,
    locale: &'static str,
    /// What a consumer of the sandbox is called here (spec 4.10).
    customer_email: &'static str,
    taxes: Taxes,
}

/// How a market taxes what is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taxes {
    /// Contained in each price, at a rate by the kind of goods. Rates have two implied decimals.
    InThePrice { household: i64, food: i64 },
    /// Added to the sum of household goods, as a line of its own.
    OnTop { household: i64 },
}

impl Market {
    pub(super) const ALL: [Self; 4] = [Self::Sweden, Self::Germany, Self::UnitedKingdom, Self::UnitedStates];

    const fn facts(self) -> Facts {
        match self {
            Self::Sweden => Facts {
                country: "SE",
                name: "Sweden",
                currency: "SEK",
                locale: "sv-SE",
                customer_email: "customer@email.se",
                taxes: Taxes::InThePrice { household: 2500, food: 1200 },
            },
            Self::Germany => Facts {
                country: "DE",
                name: "Germany",
                currency: "EUR",
                locale: "de-DE",
                customer_email: "customer@email.de",
                taxes: Taxes::InThePrice { household: 1900, food: 700 },
            },
            Self::UnitedKingdom => Facts {
                country: "GB",
                name: "United Kingdom",
                currency: "GBP",
                locale: "en-GB",
                customer_email: "customer@email.uk",
                taxes: Taxes::InThePrice { household: 2000, food: 0 },
            },
            Self::UnitedStates => Facts {
                country: "US",
                name: "United States",
                currency: "USD",
                locale: "en-US",
                customer_email: "customer@email.us",
                taxes: Taxes::OnTop { household: 800 },
            },
        }
    }

    /// The market of a country's code.
    pub(super) fn of_country(country: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|market| market.country() == country)
    }

    pub(super) fn country(self) -> &'static str {
        self.facts().country
    }

    pub(super) fn name(self) -> &'static str {
        self.facts().name
    }

    pub(super) fn currency(self) -> &'static str {
        self.facts().currency
    }

    pub(super) fn locale(self) -> &'static str {
        self.facts().locale
    }

    pub(super) fn customer_email(self) -> &'static str {
        self.facts().customer_email
    }

    pub(super) fn taxes(self) -> Taxes {
        self.facts().taxes
    }

    /// An amount as the market writes it.
    pub(super) fn written(self, minor_units: i64) -> String {
        format_money(minor_units, self.currency(), self.locale())
    }
}

impl Taxes {
    /// The rate that a line of such goods names; none where the tax is a line of its own.
    pub(super) fn rate_of_line(self, goods: Goods) -> Option<i64> {
        match (self, goods) {
            (Self::InThePrice { household, .. }, Goods::Household) => Some(household),
            (Self::InThePrice { food, .. }, Goods::Food) => Some(food),
            (Self::OnTop { .. }, Goods::Household | Goods::Food) => None,
        }
    }

    /// The rate added on top of such goods.
    pub(super) fn rate_on_top(self, goods: Goods) -> i64 {
        match (self, goods) {
            (Self::OnTop { household }, Goods::Household) => household,
            (Self::OnTop { .. } | Self::InThePrice { .. }, Goods::Household | Goods::Food) => 0,
        }
    }
}
