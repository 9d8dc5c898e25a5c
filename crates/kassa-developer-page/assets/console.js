// Comforts of the console. Everything works without them.

import { look, swap } from './live.js';

/** The content of each changing part as the server sent it, without what the reader opened in it. */
const received = new Map();

/** Replaces the parts that differ. Forms outside of them keep what was typed. */
function put(html) {
  const content = new DOMParser().parseFromString(html, 'text/html');
  for (const part of document.querySelectorAll('[data-part]')) {
    const fresh = content.querySelector(`#${part.id}`)?.innerHTML;
    if (fresh === undefined || fresh === received.get(part.id)) continue;
    received.set(part.id, fresh);
    swap(part, fresh);
  }
}

for (const part of document.querySelectorAll('[data-part]')) received.set(part.id, part.innerHTML);
look(document.querySelector('#main').dataset.live, { body: put });
