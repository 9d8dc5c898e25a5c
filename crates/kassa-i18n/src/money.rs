//! Formats amounts of money for each locale, from minor units and without floating point.

mod table;

use std::fmt::Write;

/// Formats an amount as `Intl.NumberFormat` does, but with the number of decimals that ISO 4217 gives.
///
/// `locale` is a tag such as `sv-SE`, in any letter case. An unknown region gets the format of the language's home
/// country, and an unknown language that of `en-US`. A currency without a symbol in the table gets its code.
pub fn format_money(minor_units: i64, currency: &str, locale: &str) -> String {
    let (symbol, style) = Row::of(locale).symbol_and_style(currency);
    let number = style.number(minor_units.unsigned_abs(), currency_decimals(currency));
    let minus = (minor_units < 0).then_some(style.minus);
    style.layout.written(minus, &symbol, &number)
}

/// Returns the number of decimals of a currency, by ISO 4217.
pub fn currency_decimals(currency: &str) -> usize {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

/// The money format of one locale.
struct Row {
    locale: &'static str,
    /// The number format of most currencies.
    usual: Style,
    /// The symbols that differ from the currency's code.
    symbols: &'static [(&'static str, &'static str)],
    /// The currencies with their own symbol and number format.
    exceptions: &'static [(&'static str, &'static str, Style)],
}

/// A number format.
#[derive(Clone, Copy)]
struct Style {
    group: char,
    decimal: char,
    minus: char,
    /// The first group has at least this many digits. A shorter number has no separator.
    digits_before_group: usize,
    layout: Layout,
}

/// The order of minus, symbol and number. If a space separates a symbol from the number after it, the table's symbol
/// ends with that space.
#[derive(Clone, Copy)]
enum Layout {
    /// `-1,00 €`
    NumberSymbol,
    /// `-$1.00`
    MinusSymbolNumber,
    /// `€ -1,00`
    SymbolMinusNumber,
    /// `CHF 1.00`, but `CHF-1.00`
    SymbolReplacedSpace,
    /// `-1.00 €` after a right-to-left mark, as Arabic and Hebrew write it. A minus has a left-to-right mark.
    MarkedNumberSymbol,
}

const NO_BREAK_SPACE: char = '\u{a0}';
const LEFT_TO_RIGHT_MARK: char = '\u{200e}';
const RIGHT_TO_LEFT_MARK: char = '\u{200f}';

const fn row(
    locale: &'static str,
    usual: Style,
    symbols: &'static [(&'static str, &'static str)],
    exceptions: &'static [(&'static str, &'static str, Style)],
) -> Row {
    Row { locale, usual, symbols, exceptions }
}

const fn style(group: char, decimal: char, minus: char, digits_before_group: usize, layout: Layout) -> Style {
    Style { group, decimal, minus, digits_before_group, layout }
}

impl Row {
    fn of(locale: &str) -> &'static Self {
        let exact = table::ROWS.iter().find(|row| row.locale.eq_ignore_ascii_case(locale));
        let by_language = || table::ROWS.iter().find(|row| row.is_of_language(locale));
        exact.or_else(by_language).unwrap_or(&table::ROWS[0])
    }

    fn is_of_language(&self, locale: &str) -> bool {
        let language = locale.split('-').next().unwrap_or_default();
        self.locale[..2].eq_ignore_ascii_case(language)
    }

    fn symbol_and_style(&self, currency: &str) -> (String, Style) {
        if let Some((_, symbol, style)) = self.exceptions.iter().find(|(code, ..)| *code == currency) {
            return ((*symbol).to_owned(), *style);
        }
        let symbol = self.symbols.iter().find(|(code, _)| *code == currency);
        let symbol =
            symbol.map_or_else(|| self.usual.layout.symbol_from_code(currency), |(_, own)| (*own).into());
        (symbol, self.usual)
    }
}

impl Style {
    fn number(self, minor_units: u64, exponent: usize) -> String {
        let digits = format!("{minor_units:0>width$}", width = exponent + 1);
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        let mut number = self.grouped(whole);
        if !fraction.is_empty() {
            number.push(self.decimal);
            number.push_str(fraction);
        }
        number
    }

    fn grouped(self, whole: &str) -> String {
        let is_grouped = whole.len() >= 3 + self.digits_before_group;
        let mut grouped = String::with_capacity(2 * whole.len());
        for (position, digit) in whole.char_indices() {
            if is_grouped && position > 0 && (whole.len() - position).is_multiple_of(3) {
                grouped.push(self.group);
            }
            grouped.push(digit);
        }
        grouped
    }
}

impl Layout {
    fn written(self, minus: Option<char>, symbol: &str, number: &str) -> String {
        let mut text = String::with_capacity(symbol.len() + number.len() + 6);
        let sign = minus.map(String::from).unwrap_or_default();
        let done = match self {
            Self::NumberSymbol => write!(text, "{sign}{number}{NO_BREAK_SPACE}{symbol}"),
            Self::MinusSymbolNumber => write!(text, "{sign}{symbol}{number}"),
            Self::SymbolMinusNumber => write!(text, "{symbol}{sign}{number}"),
            Self::SymbolReplacedSpace if minus.is_some() => {
                write!(text, "{}{sign}{number}", symbol.trim_end())
            }
            Self::SymbolReplacedSpace => write!(text, "{symbol}{number}"),
            Self::MarkedNumberSymbol => {
                let sign = minus.map(|minus| format!("{LEFT_TO_RIGHT_MARK}{minus}")).unwrap_or_default();
                write!(text, "{RIGHT_TO_LEFT_MARK}{sign}{number}{NO_BREAK_SPACE}{symbol}")
            }
        };
        done.expect("writing to a string does not fail");
        text
    }

    fn symbol_from_code(self, currency: &str) -> String {
        match self {
            Self::NumberSymbol | Self::MarkedNumberSymbol => currency.to_owned(),
            Self::MinusSymbolNumber | Self::SymbolMinusNumber | Self::SymbolReplacedSpace => {
                format!("{currency}{NO_BREAK_SPACE}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(minor_units: i64, currency: &str, locale: &str, expected: &str) {
        assert_eq!(
            format_money(minor_units, currency, locale).replace(['\u{a0}', '\u{202f}'], " "),
            expected
        );
    }

    #[test]
    fn every_line_of_the_golden_file_agrees() {
        let mut lines = include_str!("money/golden.txt").lines().map(|line| line.split('\t'));
        let amounts: Vec<i64> = lines.next().unwrap().skip(2).map(|amount| amount.parse().unwrap()).collect();
        let mut checked = 0;
        for mut line in lines {
            let (locale, currency) = (line.next().unwrap(), line.next().unwrap());
            for (amount, expected) in amounts.iter().zip(line) {
                assert_eq!(format_money(*amount, currency, locale), expected, "{locale} {currency} {amount}");
                checked += 1;
            }
        }
        assert!(checked > 5_000, "only {checked} amounts were checked");
    }

    #[test]
    fn letter_case_of_the_locale_does_not_matter() {
        check(62_400, "EUR", "DE-at", "€ 624,00");
        check(62_400, "EUR", "EN", "€624.00");
    }

    #[test]
    fn an_unknown_region_is_written_as_the_home_country_writes() {
        check(-123_456, "EUR", "de-LI", "-1.234,56 €");
        check(123_456, "EUR", "fr", "1 234,56 €");
    }

    #[test]
    fn an_unknown_language_is_written_as_english() {
        for locale in ["xx-YY", "", "é", "filipino"] {
            check(123_456, "USD", locale, "$1,234.56");
        }
    }

    #[test]
    fn an_unknown_currency_is_written_with_its_code() {
        check(-123_456, "THB", "en-GB", "-THB 1,234.56");
        check(123_456, "THB", "sv-SE", "1 234,56 THB");
        check(-123_456, "THB", "de-CH", "THB-1'234.56");
    }

    #[test]
    fn decimals_follow_iso_4217_and_not_cldr() {
        check(123_456_789, "HUF", "hu-HU", "1 234 567,89 Ft");
        check(1_234, "JPY", "en-US", "¥1,234");
        check(1_234, "KWD", "en-US", "KWD 1.234");
    }

    #[test]
    fn the_extremes_are_written_whole() {
        check(i64::MIN, "JPY", "en-US", "-¥9,223,372,036,854,775,808");
        check(i64::MAX, "EUR", "de-DE", "92.233.720.368.547.758,07 €");
    }
}
