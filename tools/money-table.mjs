// Writes the table by which Kassa writes amounts of money, and the golden file that its test checks.
//
// Run `node tools/money-table.mjs FOLDER`, where FOLDER is `crates/kassa-i18n/src/money`. Both files come
// from Node's `Intl.NumberFormat`, that is from CLDR. The number of decimals is the one of ISO 4217, not CLDR's: CLDR
// rounds HUF to whole forint, and the page must show the amount that is charged.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

// The first locale of a language applies to its other regions.
const LOCALES = `
  en-US en-AT en-AU en-BE en-CA en-CH en-CZ en-DE en-DK en-ES en-FI en-FR en-GB en-GR en-HU en-IE en-IT en-MX en-NL
  en-NO en-NZ en-PL en-PT en-RO en-SE en-SK en-BG en-EE en-HR en-IS en-LT en-LV en-SI
  de-DE de-AT de-BE de-CH de-LU cs-CZ da-DK el-GR el-CY es-ES es-MX es-US fi-FI fr-FR fr-BE fr-CA fr-CH fr-LU hu-HU
  it-IT it-CH nb-NO nl-NL nl-BE no-NO pl-PL pt-PT ro-RO sk-SK sv-SE sv-FI
  bg-BG et-EE hr-HR is-IS lt-LT lv-LV sl-SI tr-TR uk-UA ar-AE he-IL`.trim().split(/\s+/);

const CURRENCIES = 'AED AUD BGN CAD CHF CZK DKK EUR GBP HUF ILS ISK JPY KWD MXN NOK NZD PLN RON SEK TRY UAH USD'
  .split(' ');
const AMOUNTS = [0n, -7n, 1234n, 62400n, 123456n, 1234567n, -1234567890n];

const exponentOf = (currency) => ({ ISK: 0, JPY: 0, KWD: 3 })[currency] ?? 2;

function formatterOf(locale, currency, digits = exponentOf(currency)) {
  const options = { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(locale, options);
}

function decimalText(minorUnits, exponent) {
  const sign = minorUnits < 0n ? '-' : '';
  const digits = String(minorUnits < 0n ? -minorUnits : minorUnits).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  return exponent === 0 ? sign + whole : `${sign}${whole}.${digits.slice(-exponent)}`;
}

function partsOf(locale, currency, text) {
  return formatterOf(locale, currency, 2).formatToParts(text);
}

const valueOf = (parts, type) => parts.find((part) => part.type === type)?.value;

/** The order of minus, symbol and number, with what is between them. Marks of the direction belong to the symbol. */
function patternOf(parts) {
  const number = new Set(['integer', 'group', 'decimal', 'fraction']);
  const letters = parts.map(({ type, value }) => {
    if (number.has(type)) return 'n';
    return { currency: 's', minusSign: '-' }[type] ?? value;
  });
  return letters.join('').replace(/n+/, 'n').replace(/\u200f?s\u200f?$/, 's');
}

const LAYOUTS = {
  '-n\u00a0s': 'NumberSymbol',
  '-sn': 'MinusSymbolNumber',
  '-s\u00a0n': 'MinusSymbolNumber',
  's\u00a0-n': 'SymbolMinusNumber',
  's-n': 'SymbolReplacedSpace',
  '\u200f\u200e-n\u00a0s': 'MarkedNumberSymbol',
};

function layoutOf(locale, currency) {
  const pattern = patternOf(partsOf(locale, currency, '-1234567'));
  const layout = LAYOUTS[pattern];
  if (!layout) throw new Error(`${locale} ${currency}: no layout for ${JSON.stringify(pattern)}`);
  return layout;
}

/** How one locale writes numbers of one currency, as Rust. */
function styleOf(locale, currency) {
  const parts = partsOf(locale, currency, '-1234567');
  const group = rustChar(valueOf(parts, 'group'));
  const decimal = rustChar(valueOf(parts, 'decimal'));
  const minus = rustChar(valueOf(parts, 'minusSign'));
  const grouped = valueOf(partsOf(locale, currency, '1234'), 'group') === undefined ? 2 : 1;
  return `style(${group}, ${decimal}, ${minus}, ${grouped}, ${layoutOf(locale, currency)})`;
}

/**
 * The symbol with the space that follows it, if it stands first; a symbol that stands last always follows a space.
 * Marks of the direction around a symbol belong to it.
 */
function symbolOf(locale, currency) {
  const parts = partsOf(locale, currency, '1');
  const place = parts.findIndex(({ type }) => type === 'currency');
  const mark = (part) => /^\s*(\u200f)$/.exec(part?.value ?? '')?.[1] ?? '';
  const symbol = mark(parts[place - 1]) + parts[place].value + mark(parts[place + 1]);
  return patternOf(parts) === 's\u00a0n' ? `${symbol}\u00a0` : symbol;
}

const rustChar = (char) => (char === "'" ? "'\\''" : `'${escaped(char)}'`);
const rustText = (text) => `"${escaped(text)}"`;
const escaped = (text) => text.replace(/[^\x20-\x7e]/gu, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);

function plainSymbol(currency, style) {
  return style.includes('NumberSymbol') && !style.includes('MinusSymbol') ? currency : `${currency}\u00a0`;
}

/** One locale: its usual style, the symbols that are not just the code, and the currencies written in another style. */
function rowOf(locale) {
  const usual = styleOf(locale, 'USD');
  const isUsual = (currency) => styleOf(locale, currency) === usual;
  const symbols = CURRENCIES.filter(isUsual)
    .map((currency) => [currency, symbolOf(locale, currency)])
    .filter(([currency, symbol]) => symbol !== plainSymbol(currency, usual))
    .map(([currency, symbol]) => `("${currency}", ${rustText(symbol)})`);
  const exceptions = CURRENCIES.filter((currency) => !isUsual(currency))
    .map((currency) => `("${currency}", ${rustText(symbolOf(locale, currency))}, ${styleOf(locale, currency)})`);
  return { usual, symbols, exceptions };
}

/** All locales that differ from the first of their language. */
function distinctRows() {
  const firsts = new Map();
  return LOCALES.map((locale) => ({ locale, ...rowOf(locale) })).filter(({ locale, ...row }) => {
    const [language, text] = [locale.slice(0, 2), JSON.stringify(row)];
    if (firsts.get(language) === text) return false;
    if (!firsts.has(language)) firsts.set(language, text);
    return true;
  });
}

/** Lists that several locales share, each written once under the name of its first locale. */
class Lists {
  constructor(kind, type) {
    Object.assign(this, { kind, type, names: new Map() });
  }

  nameOf(items, locale) {
    if (items.length === 0) return '&[]';
    const text = filled(items);
    if (!this.names.has(text)) this.names.set(text, `${this.kind}_${locale.toUpperCase().replace('-', '_')}`);
    return this.names.get(text);
  }

  get rust() {
    const one = ([text, name]) => `\n#[rustfmt::skip]\nstatic ${name}: &[${this.type}] = &[\n${text}\n];\n`;
    return [...this.names].map(one).join('');
  }
}

/** Items in lines of at most 110 characters. */
function filled(items) {
  const lines = [];
  for (const item of items) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${item},` : '';
    if (longer && longer.length <= 110) lines[lines.length - 1] = longer;
    else lines.push(`    ${item},`);
  }
  return lines.join('\n');
}

function tableText() {
  const symbolLists = new Lists('SYMBOLS', '(&str, &str)');
  const exceptionLists = new Lists('EXCEPTIONS', '(&str, &str, Style)');
  const rows = distinctRows().map(({ locale, usual, symbols, exceptions }) => {
    const lists = [symbolLists.nameOf(symbols, locale), exceptionLists.nameOf(exceptions, locale)];
    return `    row("${locale}", ${usual}, ${lists.join(', ')}),`;
  });
  const source = `\`tools/money-table.mjs\` from CLDR ${process.versions.cldr}`;
  return `//! How amounts are written, locale by locale. Made by ${source}.

use super::Layout::{
    MarkedNumberSymbol, MinusSymbolNumber, NumberSymbol, SymbolMinusNumber, SymbolReplacedSpace,
};
use super::{Row, Style, row, style};

/// The first row of a language applies to its other regions, and the first row of all to other languages.
#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
${rows.join('\n')}
];
${symbolLists.rust}${exceptionLists.rust}`;
}

function goldenText() {
  const lines = LOCALES.flatMap((locale) => CURRENCIES.map((currency) => {
    const formatter = formatterOf(locale, currency);
    const written = AMOUNTS.map((amount) => formatter.format(decimalText(amount, exponentOf(currency))));
    return [locale, currency, ...written].join('\t');
  }));
  return [`locale\tcurrency\t${AMOUNTS.join('\t')}`, ...lines].join('\n') + '\n';
}

const folder = process.argv[2];
writeFileSync(join(folder, 'table.rs'), tableText());
writeFileSync(join(folder, 'golden.txt'), goldenText());
