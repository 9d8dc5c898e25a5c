// Composes one picture per language of every page that consumers see, and an index of the pages in full size.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { Browser } from './browser.mjs';
import { Kassa, ROOT, TARGET } from './kassa.mjs';
import { STATES, Stage, show } from './states.mjs';

const LANGUAGES = { en: 'English', de: 'German', ar: 'Arabic' };

/** The screens on which each page is shown. */
const SCREENS = {
  phone: { width: 390, height: 844, mobile: true },
  desktop: { width: 1280, height: 800, mobile: false },
};

/** The size of a page on the sheet, relative to its real one. */
const SCALES = { phone: 0.29, desktop: 0.19 };

const COLOURS = ['light', 'dark'];

const SHEET_WIDTH = 2320;

const STYLE = `
  body { margin: 0; padding: 20px; font: 13px/1.3 sans-serif; color: #222; background: #b9b9b4; }
  h1 { margin: 0 0 14px; font-size: 20px; }
  .states { display: grid; grid-template-columns: repeat(3, 1fr); gap: 14px; align-items: start; }
  section { padding: 8px; background: #d8d8d3; }
  h2 { margin: 0 0 6px; font-size: 14px; }
  .shots { display: flex; gap: 8px; align-items: start; }
  img { display: block; }`;

const fileOf = (tag, state, screen, colours) => `${tag}-${state.name}-${screen}-${colours}.png`;

/** Every way in which a page is shown. */
const VIEWS = Object.keys(SCREENS).flatMap((screen) => COLOURS.map((colours) => ({ screen, colours })));

async function photograph(stage, folder, tag) {
  for (const state of STATES) {
    await stage.browser.prefer({ 'prefers-reduced-motion': 'reduce' });
    await show(state, stage, tag);
    for (const { screen, colours } of VIEWS) {
      await stage.browser.prefer({ 'prefers-color-scheme': colours, 'prefers-reduced-motion': 'reduce' });
      await stage.browser.resize(SCREENS[screen]);
      writeFileSync(join(folder, fileOf(tag, state, screen, colours)), await stage.browser.pictureOfPage());
    }
  }
}

/** A page of HTML with every state, at the scale of the sheet. */
function sheetOf(tag) {
  const shot = (state) => ({ screen, colours }) => {
    const file = fileOf(tag, state, screen, colours);
    const alt = `${state.title}, ${screen}, ${colours}`;
    return `<a href="${file}"><img src="${file}" alt="${alt}" width="${SCREENS[screen].width * SCALES[screen]}"></a>`;
  };
  const section = (state) =>
    `<section><h2>${state.title}</h2><div class="shots">${VIEWS.map(shot(state)).join('')}</div></section>`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${LANGUAGES[tag]}</title><style>${STYLE}</style>
<h1>The pages of a consumer: ${LANGUAGES[tag]}, on a phone and a desktop, in light and in dark colours</h1>
<div class="states">${STATES.map(section).join('\n')}</div></html>`;
}

async function compose(browser, folder, tag, images) {
  const sheet = join(folder, `${tag}.html`);
  writeFileSync(sheet, sheetOf(tag));
  await browser.resize({ width: SHEET_WIDTH, height: 1200, mobile: false });
  await browser.prefer({ 'prefers-color-scheme': 'light' });
  await browser.visit(pathToFileURL(sheet).href);
  await browser.runLater('Promise.all([...document.images].map((one) => one.decode())).then(arguments[0])');
  const picture = await browser.pictureOfPage();
  const name = `sheet-${tag}.png`;
  writeFileSync(join(images, name), picture);
  console.log(`${name}: ${picture.length} bytes`);
}

function writeIndex(folder) {
  const links = Object.entries(LANGUAGES).map(([tag, name]) => `<li><a href="${tag}.html">${name}</a>`);
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Contact sheet</title>
<h1>Contact sheet</h1><p>Press a picture to see the page in full size.</p><ul>${links.join('\n')}</ul></html>`;
  const path = join(folder, 'index.html');
  writeFileSync(path, page);
  console.log(path);
}

/** Draws every sheet into a folder of images. */
export async function main([images = join(ROOT, 'docs', 'images')]) {
  const folder = join(TARGET, 'contact-sheet');
  for (const one of [folder, images]) mkdirSync(one, { recursive: true });
  const kassa = await Kassa.start();
  const browser = await Browser.start();
  try {
    const stage = await Stage.open(kassa, browser);
    await stage.prepare(Object.keys(LANGUAGES));
    for (const tag of Object.keys(LANGUAGES)) {
      await photograph(stage, folder, tag);
      await compose(browser, folder, tag, images);
    }
    writeIndex(folder);
  } finally {
    await browser.stop();
    await kassa.stop();
  }
}
