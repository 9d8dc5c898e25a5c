// Comforts of the lab. Everything works without them.

import { look, swap } from './live.js';

const main = document.querySelector('#main');
const told = document.querySelector('#told');

/** What each changing part holds, as the server wrote it: what the reader opened in it does not count. */
const written = new Map();

/** The clock as it was told last: its time, and when that was. */
let clock;

/** Puts in place whichever parts of new content differ from the old. Forms outside of them keep what was typed. */
function put(content) {
  for (const part of document.querySelectorAll('[data-part]')) {
    const html = content.querySelector(`#${part.id}`)?.innerHTML;
    if (html === undefined || html === written.get(part.id)) continue;
    written.set(part.id, html);
    swap(part, html);
  }
  readClock();
}

function parsed(html) {
  return new DOMParser().parseFromString(html, 'text/html');
}

function readClock() {
  const now = document.querySelector('#now');
  if (now.dataset.nowMs === clock?.told) return;
  clock = { told: now.dataset.nowMs, ms: Number(now.dataset.nowMs), at: performance.now() };
}

function tick() {
  const now = document.querySelector('#now');
  if (!('runs' in now.dataset)) return;
  const instant = new Date(clock.ms + performance.now() - clock.at);
  now.textContent = instant.toISOString().slice(0, 19).replace('T', ' ');
}

/** Sends a form, and shows what came of it without leaving the place where the reader is. */
async function send(form, button) {
  const fields = new URLSearchParams(new FormData(form, button));
  const answer = await fetch(location.href, { method: 'POST', body: fields });
  const page = parsed(await answer.text());
  const words = page.querySelector('#told');
  if (!words) throw new Error(page.querySelector('main')?.innerText ?? answer.statusText);
  told.innerHTML = words.innerHTML;
  put(page);
}

function submitted(event) {
  const { submitter, target: form } = event;
  // A field may be called like a property of the form.
  if (form.getAttribute('method') !== 'post') return;
  event.preventDefault();
  if (form.ariaBusy) return;
  form.ariaBusy = 'true';
  send(form, submitter).catch(fail).finally(() => { form.ariaBusy = null; });
}

function fail(error) {
  const words = document.createElement('p');
  words.className = 'trouble';
  words.textContent = `Nobody knows whether that was done: ${error.message}`;
  told.replaceChildren(words);
}

/** Reads a chosen file into the field that is sent. */
async function fill({ target }) {
  document.getElementById(target.dataset.fills).value = await target.files[0].text();
}

/** Copies the command beside a button. Browsers have no clipboard for pages of plain http, except of this machine. */
async function copyCommand(event) {
  const button = event.target.closest('.copy');
  if (!button) return;
  await navigator.clipboard.writeText(button.nextElementSibling.textContent);
  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = 'Copy'; }, 2000);
}

for (const part of document.querySelectorAll('[data-part]')) written.set(part.id, part.innerHTML);
for (const chooser of document.querySelectorAll('[data-fills]')) {
  chooser.closest('[hidden]').hidden = false;
  chooser.addEventListener('change', fill);
}
readClock();
setInterval(tick, 250);
document.addEventListener('submit', submitted);
look(main.dataset.live, {
  face: (html) => put(parsed(`<div id="face">\n${html}\n</div>`)),
  body: (html) => put(parsed(html)),
});

if (navigator.clipboard) {
  document.documentElement.dataset.scripted = '';
  document.addEventListener('click', (event) => { copyCommand(event).catch(() => {}); });
}
