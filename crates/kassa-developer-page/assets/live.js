// A page that changes while it is looked at. Everything works without it.

/** Puts new content in place of the old, and keeps what the reader had open and where the reader was. */
export function swap(part, html) {
  const open = [...part.querySelectorAll('details[open]')].map(({ id }) => id);
  const known = new Set([...part.querySelectorAll('[data-key]')].map(({ dataset }) => dataset.key));
  const focused = document.activeElement?.closest('[id]')?.id;
  const wasInside = part.contains(document.activeElement);
  part.innerHTML = html;
  for (const id of open) document.getElementById(id)?.setAttribute('open', '');
  for (const item of part.querySelectorAll('[data-key]')) {
    if (!known.has(item.dataset.key)) item.classList.add('fresh');
  }
  if (wasInside && part.contains(document.getElementById(focused))) {
    document.getElementById(focused).focus({ preventScroll: true });
  }
}

/** Hands over what a stream of server-sent events tells, by the event's name. */
export function look(address, told) {
  const state = document.querySelector('#live-state');
  const source = new EventSource(address);
  source.addEventListener('open', () => say(state, 'on', 'Live'));
  source.addEventListener('error', () => say(state, 'off', 'Connecting …'));
  for (const [name, take] of Object.entries(told)) {
    source.addEventListener(name, ({ data }) => take(data));
  }
  // A page that the browser keeps for later would hold its connection, of which there are few.
  window.addEventListener('pagehide', () => source.close());
  window.addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
}

function say(state, kind, text) {
  state.dataset.state = kind;
  state.textContent = text;
}
