//! How amounts are written, locale by locale. Made by `tools/money-table.mjs` from CLDR 48.0.

use super::Layout::{
    MarkedNumberSymbol, MinusSymbolNumber, NumberSymbol, SymbolMinusNumber, SymbolReplacedSpace,
};
use super::{Row, Style, row, style};

/// The first row of a language applies to its other regions, and the first row of all to other languages.
#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row("en-US", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_EN_US, &[]),
    row("en-AT", style('.', ',', '-', 1, MinusSymbolNumber), SYMBOLS_EN_AT, &[]),
    row("en-AU", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_EN_AU, &[]),
    row("en-BE", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_EN_BE, &[]),
    row("en-CA", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_EN_CA, &[]),
    row("en-CH", style('\'', '.', '-', 1, SymbolReplacedSpace), SYMBOLS_EN_CH, EXCEPTIONS_EN_CH),
    row("en-CZ", style('\u{a0}', ',', '-', 1, NumberSymbol), SYMBOLS_EN_CZ, EXCEPTIONS_EN_CH),
    row("en-DE", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_EN_BE, &[]),
    row("en-DK", style('.', ',', '-', 1, NumberSymbol), SYMBOLS_EN_DK, EXCEPTIONS_EN_CH),
    row("en-ES", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_EN_BE, &[]),
    row("en-FI", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_EN_BE, &[]),
    row("en-FR", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_EN_BE, &[]),
    row("en-GB", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_EN_BE, &[]),
    row("en-HU", style('\u{a0}', ',', '-', 1, NumberSymbol), SYMBOLS_EN_CZ, EXCEPTIONS_EN_CH),
    row("en-IE", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_EN_BE, &[]),
    row("en-IT", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_EN_BE, &[]),
    row("en-NL", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_EN_BE, &[]),
    row("en-NO", style('\u{a0}', ',', '-', 1, NumberSymbol), SYMBOLS_EN_NO, EXCEPTIONS_EN_CH),
    row("en-NZ", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_EN_NZ, &[]),
    row("en-PL", style('.', ',', '-', 1, NumberSymbol), SYMBOLS_EN_CZ, EXCEPTIONS_EN_CH),
    row("en-PT", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_EN_BE, &[]),
    row("en-RO", style('.', ',', '-', 1, NumberSymbol), SYMBOLS_EN_CZ, EXCEPTIONS_EN_CH),
    row("en-SE", style('\u{a0}', ',', '-', 1, NumberSymbol), SYMBOLS_EN_SE, EXCEPTIONS_EN_CH),
    row("en-SK", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_EN_BE, &[]),
    row("en-EE", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_EN_BE, &[]),
    row("en-LT", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_EN_BE, &[]),
    row("en-LV", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_EN_BE, &[]),
    row("en-SI", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_EN_BE, &[]),
    row("de-DE", style('.', ',', '-', 1, NumberSymbol), SYMBOLS_DE_DE, &[]),
    row("de-AT", style('.', ',', '-', 1, MinusSymbolNumber), SYMBOLS_DE_AT, &[]),
    row("de-CH", style('\'', '.', '-', 1, SymbolReplacedSpace), SYMBOLS_DE_CH, &[]),
    row("cs-CZ", style('\u{a0}', ',', '-', 1, NumberSymbol), SYMBOLS_CS_CZ, &[]),
    row("da-DK", style('.', ',', '-', 1, NumberSymbol), SYMBOLS_DA_DK, &[]),
    row("el-GR", style('.', ',', '-', 1, NumberSymbol), SYMBOLS_EL_GR, &[]),
    row("es-ES", style('.', ',', '-', 2, NumberSymbol), SYMBOLS_ES_ES, &[]),
    row("es-MX", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_ES_MX, &[]),
    row("es-US", style(',', '.', '-', 1, MinusSymbolNumber), SYMBOLS_ES_US, &[]),
    row("fi-FI", style('\u{a0}', ',', '\u{2212}', 1, NumberSymbol), SYMBOLS_FI_FI, &[]),
    row("fr-FR", style('\u{202f}', ',', '-', 1, NumberSymbol), SYMBOLS_FR_FR, &[]),
    row("fr-CA", style('\u{a0}', ',', '-', 1, NumberSymbol), SYMBOLS_FR_CA, &[]),
    row("fr-CH", style('\u{202f}', '.', '-', 1, NumberSymbol), SYMBOLS_FR_FR, &[]),
    row("fr-LU", style('.', ',', '-', 1, NumberSymbol), SYMBOLS_FR_FR, &[]),
    row("hu-HU", style('\u{a0}', ',', '-', 2, NumberSymbol), SYMBOLS_HU_HU, &[]),
    row("it-IT", style('.', ',', '-', 2, NumberSymbol), SYMBOLS_IT_IT, &[]),
    row("it-CH", style('\'', '.', '-', 2, SymbolReplacedSpace), SYMBOLS_IT_CH, &[]),
    row("nb-NO", style('\u{a0}', ',', '\u{2212}', 1, NumberSymbol), SYMBOLS_NB_NO, &[]),
    row("nl-NL", style('.', ',', '-', 1, SymbolMinusNumber), SYMBOLS_NL_NL, &[]),
    row("no-NO", style('\u{a0}', ',', '\u{2212}', 1, NumberSymbol), SYMBOLS_NB_NO, &[]),
    row("pl-PL", style('\u{a0}', ',', '-', 2, NumberSymbol), SYMBOLS_PL_PL, &[]),
    row("pt-PT", style('\u{a0}', ',', '-', 2, NumberSymbol), SYMBOLS_PT_PT, &[]),
    row("ro-RO", style('.', ',', '-', 1, NumberSymbol), &[], &[]),
    row("sk-SK", style('\u{a0}', ',', '-', 1, NumberSymbol), SYMBOLS_SK_SK, &[]),
    row("sv-SE", style('\u{a0}', ',', '\u{2212}', 1, NumberSymbol), SYMBOLS_SV_SE, &[]),
    row("bg-BG", style('\u{a0}', ',', '-', 2, NumberSymbol), SYMBOLS_BG_BG, &[]),
    row("et-EE", style('\u{a0}', ',', '\u{2212}', 2, NumberSymbol), SYMBOLS_DE_DE, &[]),
    row("hr-HR", style('.', ',', '\u{2212}', 1, NumberSymbol), SYMBOLS_HR_HR, &[]),
    row("is-IS", style('.', ',', '-', 1, NumberSymbol), SYMBOLS_IS_IS, &[]),
    row("lt-LT", style('\u{a0}', ',', '\u{2212}', 1, NumberSymbol), SYMBOLS_HR_HR, &[]),
    row("lv-LV", style('\u{a0}', ',', '-', 2, NumberSymbol), SYMBOLS_DE_DE, &[]),
    row("sl-SI", style('.', ',', '\u{2212}', 2, NumberSymbol), SYMBOLS_SL_SI, &[]),
    row("tr-TR", style('.', ',', '-', 1, MinusSymbolNumber), SYMBOLS_TR_TR, &[]),
    row("uk-UA", style('\u{a0}', ',', '-', 1, NumberSymbol), SYMBOLS_UK_UA, &[]),
    row("ar-AE", style(',', '.', '-', 1, MarkedNumberSymbol), SYMBOLS_AR_AE, &[]),
    row("he-IL", style(',', '.', '-', 1, MarkedNumberSymbol), SYMBOLS_HE_IL, &[]),
];

#[rustfmt::skip]
static SYMBOLS_EN_US: &[(&str, &str)] = &[
    ("AUD", "A$"), ("CAD", "CA$"), ("EUR", "\u{20ac}"), ("GBP", "\u{a3}"), ("ILS", "\u{20aa}"),
    ("JPY", "\u{a5}"), ("MXN", "MX$"), ("NZD", "NZ$"), ("USD", "$"),
];

#[rustfmt::skip]
static SYMBOLS_EN_AT: &[(&str, &str)] = &[
    ("AUD", "A$\u{a0}"), ("CAD", "CA$\u{a0}"), ("EUR", "\u{20ac}\u{a0}"), ("GBP", "\u{a3}\u{a0}"),
    ("ILS", "\u{20aa}\u{a0}"), ("JPY", "JP\u{a5}\u{a0}"), ("MXN", "MX$\u{a0}"), ("NZD", "NZ$\u{a0}"),
    ("USD", "US$\u{a0}"),
];

#[rustfmt::skip]
static SYMBOLS_EN_AU: &[(&str, &str)] = &[
    ("AUD", "$"),
];

#[rustfmt::skip]
static SYMBOLS_EN_BE: &[(&str, &str)] = &[
    ("AUD", "A$"), ("CAD", "CA$"), ("EUR", "\u{20ac}"), ("GBP", "\u{a3}"), ("ILS", "\u{20aa}"),
    ("JPY", "JP\u{a5}"), ("MXN", "MX$"), ("NZD", "NZ$"), ("USD", "US$"),
];

#[rustfmt::skip]
static SYMBOLS_EN_CA: &[(&str, &str)] = &[
    ("AUD", "A$"), ("CAD", "$"), ("EUR", "\u{20ac}"), ("GBP", "\u{a3}"), ("ILS", "\u{20aa}"),
    ("JPY", "JP\u{a5}"), ("MXN", "MX$"), ("NZD", "NZ$"), ("USD", "US$"),
];

#[rustfmt::skip]
static SYMBOLS_EN_CH: &[(&str, &str)] = &[
    ("AUD", "A$\u{a0}"), ("CAD", "CA$\u{a0}"), ("GBP", "\u{a3}\u{a0}"), ("ILS", "\u{20aa}\u{a0}"),
    ("JPY", "JP\u{a5}\u{a0}"), ("MXN", "MX$\u{a0}"), ("NZD", "NZ$\u{a0}"), ("USD", "US$\u{a0}"),
];

#[rustfmt::skip]
static SYMBOLS_EN_CZ: &[(&str, &str)] = &[
    ("AUD", "A$"), ("CAD", "CA$"), ("GBP", "\u{a3}"), ("ILS", "\u{20aa}"), ("JPY", "JP\u{a5}"),
    ("MXN", "MX$"), ("NZD", "NZ$"), ("USD", "US$"),
];

#[rustfmt::skip]
static SYMBOLS_EN_DK: &[(&str, &str)] = &[
    ("AUD", "A$"), ("CAD", "CA$"), ("DKK", "kr."), ("GBP", "\u{a3}"), ("ILS", "\u{20aa}"),
    ("JPY", "JP\u{a5}"), ("MXN", "MX$"), ("NZD", "NZ$"), ("USD", "US$"),
];

#[rustfmt::skip]
static SYMBOLS_EN_NO: &[(&str, &str)] = &[
    ("AUD", "A$"), ("CAD", "CA$"), ("GBP", "\u{a3}"), ("ILS", "\u{20aa}"), ("JPY", "JP\u{a5}"),
    ("MXN", "MX$"), ("NOK", "kr"), ("NZD", "NZ$"), ("USD", "US$"),
];

#[rustfmt::skip]
static SYMBOLS_EN_NZ: &[(&str, &str)] = &[
    ("AUD", "A$"), ("CAD", "CA$"), ("EUR", "\u{20ac}"), ("GBP", "\u{a3}"), ("ILS", "\u{20aa}"),
    ("JPY", "JP\u{a5}"), ("MXN", "MX$"), ("NZD", "$"), ("USD", "US$"),
];

#[rustfmt::skip]
static SYMBOLS_EN_SE: &[(&str, &str)] = &[
    ("AUD", "A$"), ("CAD", "CA$"), ("GBP", "\u{a3}"), ("ILS", "\u{20aa}"), ("JPY", "JP\u{a5}"),
    ("MXN", "MX$"), ("NZD", "NZ$"), ("SEK", "kr"), ("USD", "US$"),
];

#[rustfmt::skip]
static SYMBOLS_DE_DE: &[(&str, &str)] = &[
    ("AUD", "AU$"), ("CAD", "CA$"), ("EUR", "\u{20ac}"), ("GBP", "\u{a3}"), ("ILS", "\u{20aa}"),
    ("JPY", "\u{a5}"), ("MXN", "MX$"), ("NZD", "NZ$"), ("USD", "$"),
];

#[rustfmt::skip]
static SYMBOLS_DE_AT: &[(&str, &str)] = &[
    ("AUD", "AU$\u{a0}"), ("CAD", "CA$\u{a0}"), ("EUR", "\u{20ac}\u{a0}"), ("GBP", "\u{a3}\u{a0}"),
    ("ILS", "\u{20aa}\u{a0}"), ("JPY", "\u{a5}\u{a0}"), ("MXN", "MX$\u{a0}"), ("NZD", "NZ$\u{a0}"),
    ("USD", "$\u{a0}"),
];

#[rustfmt::skip]
static SYMBOLS_DE_CH: &[(&str, &str)] = &[
    ("AUD", "AU$\u{a0}"), ("CAD", "CA$\u{a0}"), ("GBP", "\u{a3}\u{a0}"), ("ILS", "\u{20aa}\u{a0}"),
    ("JPY", "\u{a5}\u{a0}"), ("MXN", "MX$\u{a0}"), ("NZD", "NZ$\u{a0}"), ("USD", "$\u{a0}"),
];

#[rustfmt::skip]
static SYMBOLS_CS_CZ: &[(&str, &str)] = &[
    ("AUD", "AU$"), ("CAD", "CA$"), ("CZK", "K\u{10d}"), ("EUR", "\u{20ac}"), ("GBP", "\u{a3}"),
    ("JPY", "JP\u{a5}"), ("MXN", "MX$"), ("NZD", "NZ$"), ("USD", "US$"),
];

#[rustfmt::skip]
static SYMBOLS_DA_DK: &[(&str, &str)] = &[
    ("AUD", "AU$"), ("CAD", "CA$"), ("DKK", "kr."), ("EUR", "\u{20ac}"), ("GBP", "\u{a3}"),
    ("ILS", "\u{20aa}"), ("JPY", "JP\u{a5}"), ("MXN", "MX$"), ("NZD", "NZ$"), ("USD", "US$"),
];

#[rustfmt::skip]
static SYMBOLS_EL_GR: &[(&str, &str)] = &[
    ("AUD", "A$"), ("CAD", "CA$"), ("EUR", "\u{20ac}"), ("GBP", "\u{a3}"), ("ILS", "\u{20aa}"),
    ("JPY", "JP\u{a5}"), ("MXN", "MX$"), ("NZD", "NZ$"), ("USD", "$"),
];

#[rustfmt::skip]
static SYMBOLS_ES_ES: &[(&str, &str)] = &[
    ("EUR", "\u{20ac}"), ("USD", "US$"),
];

#[rustfmt::skip]
static SYMBOLS_ES_MX: &[(&str, &str)] = &[
    ("MXN", "$"),
];

#[rustfmt::skip]
static SYMBOLS_ES_US: &[(&str, &str)] = &[
    ("JPY", "\u{a5}"), ("USD", "$"),
];

#[rustfmt::skip]
static SYMBOLS_FI_FI: &[(&str, &str)] = &[
    ("EUR", "\u{20ac}"), ("GBP", "\u{a3}"), ("JPY", "\u{a5}"), ("USD", "$"),
];

#[rustfmt::skip]
static SYMBOLS_FR_FR: &[(&str, &str)] = &[
    ("AUD", "$AU"), ("CAD", "$CA"), ("EUR", "\u{20ac}"), ("GBP", "\u{a3}GB"), ("ILS", "\u{20aa}"),
    ("MXN", "$MX"), ("NZD", "$NZ"), ("USD", "$US"),
];

#[rustfmt::skip]
static SYMBOLS_FR_CA: &[(&str, &str)] = &[
    ("AUD", "$\u{a0}AU"), ("CAD", "$"), ("EUR", "\u{20ac}"), ("GBP", "\u{a3}"), ("JPY", "\u{a5}"),
    ("NZD", "$\u{a0}NZ"), ("USD", "$\u{a0}US"),
];

#[rustfmt::skip]
static SYMBOLS_HU_HU: &[(&str, &str)] = &[
    ("HUF", "Ft"), ("JPY", "\u{a5}"),
];

#[rustfmt::skip]
static SYMBOLS_IT_IT: &[(&str, &str)] = &[
    ("AUD", "A$"), ("CAD", "CA$"), ("EUR", "\u{20ac}"), ("GBP", "\u{a3}"), ("ILS", "\u{20aa}"),
    ("NZD", "NZ$"),
];

#[rustfmt::skip]
static SYMBOLS_IT_CH: &[(&str, &str)] = &[
    ("AUD", "A$\u{a0}"), ("CAD", "CA$\u{a0}"), ("EUR", "\u{20ac}\u{a0}"), ("GBP", "\u{a3}\u{a0}"),
    ("ILS", "\u{20aa}\u{a0}"), ("NZD", "NZ$\u{a0}"),
];

#[rustfmt::skip]
static SYMBOLS_NB_NO: &[(&str, &str)] = &[
    ("EUR", "\u{20ac}"), ("GBP", "\u{a3}"), ("NOK", "kr"),
];

#[rustfmt::skip]
static SYMBOLS_NL_NL: &[(&str, &str)] = &[
    ("AUD", "AU$\u{a0}"), ("CAD", "C$\u{a0}"), ("EUR", "\u{20ac}\u{a0}"), ("GBP", "\u{a3}\u{a0}"),
    ("ILS", "\u{20aa}\u{a0}"), ("JPY", "JP\u{a5}\u{a0}"), ("MXN", "MX$\u{a0}"), ("NZD", "NZ$\u{a0}"),
    ("USD", "US$\u{a0}"),
];

#[rustfmt::skip]
static SYMBOLS_PL_PL: &[(&str, &str)] = &[
    ("EUR", "\u{20ac}"), ("PLN", "z\u{142}"),
];

#[rustfmt::skip]
static SYMBOLS_PT_PT: &[(&str, &str)] = &[
    ("AUD", "AU$"), ("CAD", "CA$"), ("EUR", "\u{20ac}"), ("GBP", "\u{a3}"), ("ILS", "\u{20aa}"),
    ("JPY", "JP\u{a5}"), ("MXN", "MX$"), ("NZD", "NZ$"), ("USD", "US$"),
];

#[rustfmt::skip]
static SYMBOLS_SK_SK: &[(&str, &str)] = &[
    ("EUR", "\u{20ac}"), ("ILS", "NIS"), ("MXN", "MX$"),
];

#[rustfmt::skip]
static SYMBOLS_SV_SE: &[(&str, &str)] = &[
    ("CAD", "CA$"), ("DKK", "Dkr"), ("EUR", "\u{20ac}"), ("ILS", "\u{20aa}"), ("ISK", "Ikr"), ("MXN", "MX$"),
    ("NOK", "Nkr"), ("SEK", "kr"), ("USD", "US$"),
];

#[rustfmt::skip]
static SYMBOLS_BG_BG: &[(&str, &str)] = &[
    ("BGN", "\u{43b}\u{432}."), ("EUR", "\u{20ac}"), ("USD", "\u{449}.\u{434}."),
];

#[rustfmt::skip]
static SYMBOLS_HR_HR: &[(&str, &str)] = &[
    ("EUR", "\u{20ac}"),
];

#[rustfmt::skip]
static SYMBOLS_IS_IS: &[(&str, &str)] = &[
    ("ILS", "\u{20aa}"), ("ISK", "kr."), ("JPY", "JP\u{a5}"),
];

#[rustfmt::skip]
static SYMBOLS_SL_SI: &[(&str, &str)] = &[
    ("EUR", "\u{20ac}"), ("ILS", "\u{20aa}"), ("JPY", "\u{a5}"), ("USD", "$"),
];

#[rustfmt::skip]
static SYMBOLS_TR_TR: &[(&str, &str)] = &[
    ("AUD", "AU$"), ("CAD", "CA$"), ("EUR", "\u{20ac}"), ("GBP", "\u{a3}"), ("ILS", "\u{20aa}"),
    ("JPY", "\u{a5}"), ("MXN", "MX$"), ("NZD", "NZ$"), ("TRY", "\u{20ba}"), ("USD", "$"),
];

#[rustfmt::skip]
static SYMBOLS_UK_UA: &[(&str, &str)] = &[
    ("JPY", "\u{a5}"), ("UAH", "\u{20b4}"),
];

#[rustfmt::skip]
static SYMBOLS_AR_AE: &[(&str, &str)] = &[
    ("AED", "\u{62f}.\u{625}.\u{200f}"), ("AUD", "AU$"), ("CAD", "CA$"), ("EUR", "\u{20ac}"),
    ("GBP", "UK\u{a3}"), ("ILS", "\u{20aa}"), ("JPY", "JP\u{a5}"), ("KWD", "\u{62f}.\u{643}.\u{200f}"),
    ("MXN", "MX$"), ("NZD", "NZ$"), ("USD", "US$"),
];

#[rustfmt::skip]
static SYMBOLS_HE_IL: &[(&str, &str)] = &[
    ("AED", "\u{200f}AED"), ("AUD", "\u{200f}A$"), ("BGN", "\u{200f}BGN"), ("CAD", "\u{200f}CA$"),
    ("CHF", "\u{200f}CHF"), ("CZK", "\u{200f}CZK"), ("DKK", "\u{200f}DKK"), ("EUR", "\u{200f}\u{20ac}"),
    ("GBP", "\u{200f}\u{a3}"), ("HUF", "\u{200f}HUF"), ("ILS", "\u{200f}\u{20aa}"), ("ISK", "\u{200f}ISK"),
    ("JPY", "\u{200f}\u{a5}"), ("KWD", "\u{200f}KWD"), ("MXN", "\u{200f}MX$"), ("NOK", "\u{200f}NOK"),
    ("NZD", "\u{200f}NZ$"), ("PLN", "\u{200f}PLN"), ("RON", "\u{200f}RON"), ("SEK", "\u{200f}SEK"),
    ("TRY", "\u{200f}TRY"), ("UAH", "\u{200f}UAH"), ("USD", "\u{200f}$"),
];

#[rustfmt::skip]
static EXCEPTIONS_EN_CH: &[(&str, &str, Style)] = &[
    ("EUR", "\u{20ac}", style(',', '.', '-', 1, MinusSymbolNumber)),
];
