// Comforts of the demo shop. Everything works without them.

import { look, swap } from './live.js';

const main = document.querySelector('#main');

/** Changes the cart without leaving the place where the reader is. */
async function changeCart(form, button) {
  const fields = new FormData(form, button);
  const answer = await fetch(`/demo/cart?${new URLSearchParams(fields)}`);
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  swap(main, page.querySelector('#main').innerHTML);
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

if (main.dataset.live) look(main.dataset.live, { order: (html) => swap(main, html) });

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
