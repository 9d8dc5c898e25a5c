// Comforts of the demo shop. Everything works without them.

const main = document.querySelector('#main');

/** Puts new content in place, and keeps what the reader had open and where the reader was. */
function swap(html) {
  const open = [...main.querySelectorAll('details[open]')].map(({ id }) => id);
  const known = new Set([...main.querySelectorAll('[data-key]')].map(({ dataset }) => dataset.key));
  const focused = document.activeElement?.closest('[id]')?.id;
  main.innerHTML = html;
  for (const id of open) document.getElementById(id)?.setAttribute('open', '');
  for (const item of main.querySelectorAll('[data-key]')) {
    if (!known.has(item.dataset.key)) item.classList.add('fresh');
  }
  if (focused && main.contains(document.getElementById(focused))) {
    document.getElementById(focused).focus({ preventScroll: true });
  }
}

/** Shows an order as it changes. */
function look(address) {
  const state = document.querySelector('#live-state');
  const source = new EventSource(address);
  source.addEventListener('open', () => say(state, 'on', 'Live'));
  source.addEventListener('error', () => say(state, 'off', 'Connecting …'));
  source.addEventListener('order', ({ data }) => swap(data));
  // A page that the browser keeps for later would hold its connection, of which there are few.
  window.addEventListener('pagehide', () => source.close());
  window.addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
}

function say(state, kind, text) {
  state.dataset.state = kind;
  state.textContent = text;
}

/** Changes the cart without leaving the place where the reader is. */
async function changeCart(form, button) {
  const fields = new FormData(form, button);
  const answer = await fetch(`/demo/cart?${new URLSearchParams(fields)}`);
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  swap(page.querySelector('#main').innerHTML);
  history.replaceState(null, '', answer.url);
}

function isOfCart(button) {
  return button?.getAttribute('formaction') === '/demo/cart';
}

/** Falls back on a plain form wherever the comfort does not work. */
function submitted(event) {
  const { submitter, target: form } = event;
  if (!isOfCart(submitter)) return;
  event.preventDefault();
  changeCart(form, submitter).catch(() => leave(form, submitter));
}

function leave(form, button) {
  location.assign(`/demo/cart?${new URLSearchParams(new FormData(form, button))}`);
}

function pressedOnce(event) {
  const button = event.submitter;
  if (event.defaultPrevented || !button) return;
  // After the form was read: a disabled button would not be sent along.
  setTimeout(() => { button.disabled = true; });
}

if (main.dataset.live) look(main.dataset.live);

const market = document.querySelector('[name="market"]');
market?.addEventListener('change', () => {
  const form = market.form;
  changeCart(form).catch(() => leave(form));
});

document.addEventListener('submit', submitted);
document.addEventListener('submit', pressedOnce);
window.addEventListener('pageshow', () => {
  for (const button of document.querySelectorAll('.primary:disabled[data-testid="checkout"]')) {
    button.disabled = button.hasAttribute('data-empty');
  }
});
