// Checks the accessibility of every page that consumers see, and writes the figures of docs/accessibility.md.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Browser } from './browser.mjs';
import * as scripts from './checks.mjs';
import { Kassa, ROOT, TARGET, axePath } from './kassa.mjs';
import { STATES, Stage, cartOf, show } from './states.mjs';

const PAGE = join(ROOT, 'docs', 'accessibility.md');
const BEGIN = '<!-- written by tools/accessibility: begin -->\n';
const END = '<!-- written by tools/accessibility: end -->\n';

/** The languages in which the checks run that do not depend on words: one of each direction. */
const BOTH_DIRECTIONS = ['en', 'ar'];

/** Languages that are checked on a desktop, too. */
const ON_DESKTOP = ['ar', 'de', 'en'];

/** The number of browsers at the same time. */
const BROWSERS = 3;

/** Without this, a check could look at a colour that is just changing. */
const STILL = { 'prefers-reduced-motion': 'reduce' };

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 800, mobile: false };
const NARROW = { width: 320, height: 568 };
/** A desktop at a zoom of 400 %. */
const ZOOMED = { width: 320, height: 200, density: 4, mobile: false };

/** Milliseconds in which an open page shows a changed order. It asks every 5 seconds if it gets no events. */
const NEWS_WITHIN_MS = 12_000;

/** Every check: its name, and the success criteria that it is about. */
const CHECKS = {
  axe: ['axe-core with its default settings', 'many'],
  targets: ['targets of 24 by 24 CSS pixels or more', '2.5.8'],
  narrow: ['no scrolling sideways at a width of 320 CSS pixels, nothing cut off', '1.4.10'],
  zoom: ['the same on a desktop at a zoom of 400 %', '1.4.10'],
  large: ['text at 200 % fits on a phone and a desktop', '1.4.4'],
  spacing: ['text fits with the spacing of 1.4.12, at a width of 320 CSS pixels', '1.4.12'],
  names: ['each control has a name', '2.4.4, 4.1.2'],
  language: ['language, direction and title of the page', '2.4.2, 3.1.1, 3.1.2'],
  focus: ['Tab reaches each control and the end of the page; the focus has a visible mark, and nothing covers it',
    '2.1.1, 2.1.2, 2.4.7, 2.4.11'],
  motion: ['nothing moves if the consumer prefers reduced motion', '2.3.3 (AAA)'],
  forced: ['forced colours: borders, contrast, the mark of the focus', '1.4.3, 1.4.11'],
  status: ['messages are in live regions or get the focus', '4.1.3'],
};

class Report {
  runs = Object.fromEntries(Object.keys(CHECKS).map((name) => [name, 0]));
  problems = [];

  add(check, place, found) {
    this.runs[check] += 1;
    for (const one of found) {
      this.problems.push({ check, problem: one.replace(/\/pay\/[\w-]{20,}/, '/pay/TOKEN'), ...place });
    }
  }

  /** The problems, each once, with the places that have it. */
  grouped() {
    const groups = new Map();
    for (const { check, problem, state, tag } of this.problems) {
      const key = `${check}: ${problem}`;
      const group = groups.get(key) ?? { check, problem, states: new Set(), tags: new Set() };
      groups.set(key, group);
      group.states.add(state);
      group.tags.add(tag);
    }
    return [...groups.values()];
  }
}

/** Looks with axe-core in light and in dark colours. */
async function checkWithAxe({ browser, report, axe }, place) {
  await browser.run(axe);
  const screens = ON_DESKTOP.includes(place.tag) ? [PHONE, DESKTOP] : [PHONE];
  for (const screen of screens) {
    await browser.resize(screen);
    for (const scheme of ['light', 'dark']) {
      await browser.prefer({ 'prefers-color-scheme': scheme, ...STILL });
      const found = await browser.runLater(scripts.AXE);
      report.add('axe', place, found.map((one) => `${one} (${scheme})`));
    }
  }
}

async function checkSizes({ browser, report }, place) {
  const fits = async (check, screen) => {
    await browser.resize(screen);
    report.add(check, place, await browser.run(scripts.OVERFLOW, screen.width));
  };
  await fits('narrow', NARROW);
  await fits('zoom', ZOOMED);
  await browser.run(scripts.TEXT_SPACING, true);
  await fits('spacing', NARROW);
  await browser.run(scripts.TEXT_SPACING, false);
  await browser.run(scripts.TEXT_SIZE, '200%');
  await fits('large', PHONE);
  await fits('large', DESKTOP);
  await browser.run(scripts.TEXT_SIZE, '');
  for (const screen of [PHONE, DESKTOP]) {
    await browser.resize(screen);
    report.add('targets', place, await browser.run(scripts.TARGETS));
  }
}

async function checkNames({ browser, report }, place) {
  const nameless = [];
  for (const element of await browser.all(scripts.CONTROLS)) {
    const { name, role } = await browser.named(element);
    if (!name.trim()) nameless.push(`a ${role} without a name`);
  }
  report.add('names', place, nameless);
  const direction = place.tag === 'ar' ? 'rtl' : 'ltr';
  report.add('language', place, await browser.run(scripts.LANGUAGE, place.tag, direction));
}

/** Walks through the page with Tab. Returns the problems of what has the focus. */
async function walk(browser) {
  const missing = new Set(await browser.run(scripts.BEGIN_WALK));
  const found = [];
  // A field for a date has several parts, which Tab reaches one after the other.
  for (let steps = 0; steps < missing.size + 40; steps += 1) {
    await browser.pressKey('Tab', 9);
    const { name, problems } = await browser.run(scripts.STEP);
    found.push(...problems);
    if (name === undefined) return [...new Set(found), ...[...missing].map((one) => `Tab does not reach ${one}`)];
    missing.delete(name);
  }
  return [...new Set(found), 'Tab does not reach the end of the page'];
}

async function checkFocus({ browser, report }, place) {
  for (const [screen, scheme] of [[PHONE, 'light'], [DESKTOP, 'dark']]) {
    await browser.resize(screen);
    await browser.prefer({ 'prefers-color-scheme': scheme, ...STILL });
    report.add('focus', place, await walk(browser));
  }
}

async function checkPreferences({ browser, report }, place) {
  await browser.prefer(STILL);
  report.add('motion', place, await browser.run(scripts.MOTION));
  for (const scheme of ['light', 'dark']) {
    await browser.prefer({ 'forced-colors': 'active', 'prefers-color-scheme': scheme, ...STILL });
    const texts = await browser.run(scripts.FORCED_CONTRAST);
    const found = [...await browser.run(scripts.BORDERS), ...texts, ...await walk(browser)];
    report.add('forced', place, found.map((one) => `${one} (${scheme})`));
  }
  await browser.prefer(STILL);
}

/** Waits until a script returns true. */
async function becomes(browser, script, withinMs) {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    if (await browser.run(script)) return true;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  return false;
}

/** Checks the messages that appear while the page is open, and those of a page that comes after a form. */
async function checkMessages({ browser, report, stage }, tag) {
  const check = (state, isGood, problem) => report.add('status', { state, tag }, isGood ? [] : [problem]);
  const link = await stage.open(tag);
  await browser.run("window.news = document.querySelector('.news[role=status]')");
  await stage.shop.post(`payments/v1/sessions/${link.payment}`, cartOf(tag, { mugs: 3 }));
  const news = "return window.news.isConnected && window.news.textContent.trim() !== ''";
  check('an open page', await becomes(browser, news, NEWS_WITHIN_MS), 'a changed order is not announced');

  await stage.open(tag);
  await browser.run("document.addEventListener('submit', (event) => event.preventDefault())");
  await browser.press('pay');
  const progress = "return document.querySelector('#progress[role=status]').textContent.trim() !== ''";
  check('an open page', await becomes(browser, progress, 2000), 'the processing is not announced');

  const focused = (id) => `return document.activeElement.dataset.testid === '${id}'`;
  const messages = { 'pay-errors': 'error-summary', 'pay-sign-up': 'sign-up-hint', 'pay-changed': 'notice' };
  for (const [name, id] of Object.entries(messages)) {
    await show(STATES.find((one) => one.name === name), stage, tag);
    check(name, await becomes(browser, focused(id), 2000), `${id} does not get the focus`);
  }
}

async function checkLanguage(tools, tag) {
  const { browser, stage } = tools;
  for (const state of STATES) {
    const place = { state: state.name, tag };
    await browser.resize(PHONE);
    await browser.prefer(STILL);
    await show(state, stage, tag);
    await checkNames(tools, place);
    await checkSizes(tools, place);
    await checkWithAxe(tools, place);
    if (!BOTH_DIRECTIONS.includes(tag)) continue;
    await checkFocus(tools, place);
    await checkPreferences(tools, place);
  }
  if (BOTH_DIRECTIONS.includes(tag)) await checkMessages(tools, tag);
}

/** Takes languages from a common list until it is empty. */
async function work(kassa, tags, waiting, report, axe) {
  const browser = await Browser.start();
  try {
    const stage = await Stage.open(kassa, browser);
    await stage.prepare(tags);
    for (let tag = waiting.shift(); tag; tag = waiting.shift()) {
      await checkLanguage({ browser, stage, report, axe }, tag);
      console.log(`${tag}: ${report.problems.filter((one) => one.tag === tag).length} problems`);
    }
    return await browser.version();
  } finally {
    await browser.stop();
  }
}

/** The figures, as Markdown. */
function figures(report, { tags, versions }) {
  const problems = report.grouped();
  const run = `The last run checked ${STATES.length} states in ${tags.length} languages`;
  const row = (check) => {
    const count = problems.filter((one) => one.check === check).length;
    const [words, criteria] = CHECKS[check];
    return `| ${words} | ${criteria} | ${report.runs[check]} | ${count || 'none'} |`;
  };
  const result = problems.length ? 'The problems are listed below.' : 'It found no problem.';
  const head = `${run}, with ${versions}. ${result}\n`;
  const table = ['| check | success criteria of WCAG | checks | different problems |', '|---|---|---|---|',
    ...Object.keys(CHECKS).map(row)];
  const list = problems.map(({ check, problem, states, tags: found }) =>
    `| ${check} | \`${problem.replaceAll('`', "'").replaceAll('|', '/')}\` | ${[...states].join(', ')} |`
    + ` ${found.size} of ${tags.length} languages |`);
  const listed = list.length ? ['', '| check | problem | states | |', '|---|---|---|---|', ...list] : [];
  return [head, ...table, ...listed].join('\n').concat('\n');
}

function writeFigures(text) {
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const after = rest.split(END)[1];
  writeFileSync(PAGE, `${before}${BEGIN}\n${text}\n${END}${after}`);
}

/** Checks every language, or the given ones. Only a run with every language writes the figures. */
export async function main(given) {
  const files = readdirSync(join(ROOT, 'crates', 'kassa-i18n', 'locales'));
  const all = files.map((name) => name.replace('.ftl', '')).sort();
  const tags = given.length ? given : all;
  const axe = readFileSync(axePath(), 'utf8');
  const axeVersion = /axe v([\d.]+)/.exec(axe)[1];
  const report = new Report();
  const kassa = await Kassa.start();
  // The languages with the most checks come first.
  const waiting = [...tags].sort((one, other) => BOTH_DIRECTIONS.includes(other) - BOTH_DIRECTIONS.includes(one));
  let browserVersion;
  try {
    const workers = Array.from({ length: BROWSERS }, () => work(kassa, tags, waiting, report, axe));
    [browserVersion] = await Promise.all(workers);
  } finally {
    await kassa.stop();
  }
  const text = figures(report, { tags, versions: `Chromium ${browserVersion} and axe-core ${axeVersion}` });
  const folder = join(TARGET, 'accessibility');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'report.json'), JSON.stringify(report, undefined, 1));
  console.log(text);
  if (!given.length) writeFigures(text);
  if (report.problems.length) process.exitCode = 1;
}
