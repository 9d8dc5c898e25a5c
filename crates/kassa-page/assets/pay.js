// Comforts of the pay page. Everything works without them.

const form = document.querySelector('#pay-form');
const button = form?.querySelector('[data-processing]');
const progress = form?.querySelector('#progress');
const code = form?.querySelector('.code');
const label = [...(button?.childNodes ?? [])];
const logo = document.querySelector('.logo');
const waiting = document.querySelector('[data-reload]');
const backdrop = document.querySelector('.backdrop');
const live = document.querySelector('[data-live]');

/** Milliseconds after which Pay can be pressed again. No event tells that the consumer stopped the loading. */
const READY_AFTER_MS = 4000;
let ready;

/** Milliseconds in which the first event has to arrive. Some proxies delay events. */
const EVENTS_WITHIN_MS = 10000;

/** Milliseconds between two questions, if no events arrive. */
const ASK_EVERY_MS = 5000;
let events;
let isAsking = false;
let isPaying = false;
let hasNews = false;

/** Shows that the payment is under way, and keeps a double click from sending it twice. */
function showProcessing(event) {
  if (event.submitter && event.submitter !== button) return;
  isPaying = true;
  button.disabled = true;
  button.textContent = button.dataset.processing;
  progress.textContent = button.dataset.processing;
  clearTimeout(ready);
  ready = setTimeout(showReady, READY_AFTER_MS);
}

/** Makes the button usable again: some browsers bring a page back as it was left. */
function showReady() {
  clearTimeout(ready);
  isPaying = false;
  button.disabled = false;
  button.replaceChildren(...label);
  progress.textContent = '';
  if (hasNews) ask();
}

/** Asks for the page anew: one that the browser kept may show what was true before the payment. */
function showWhatIsTrueNow(event) {
  if (event.persisted) location.replace(location.pathname);
}

/** Shows the shop's name in place of a logo that does not load. */
function showName() {
  for (const part of logo.parentElement.querySelectorAll('[hidden]')) part.hidden = false;
  logo.remove();
}

/** Leaves only the digits of a code that was typed or pasted with spaces. */
function keepDigits() {
  const digits = code.value.replace(/\D/g, '').slice(0, 6);
  if (digits !== code.value) code.value = digits;
}

/** Opens the page again, which then shows the outcome if it is known by then. */
function showLaterOutcome() {
  location.replace(waiting.dataset.reload);
}

/** Learns when the order changes, or when there is nothing left to pay on this page. */
function follow() {
  if (!('EventSource' in window)) {
    askAgainAndAgain();
    return;
  }
  events = new EventSource(live.dataset.live);
  const silent = setTimeout(askAgainAndAgain, EVENTS_WITHIN_MS);
  events.addEventListener('following', () => clearTimeout(silent));
  events.addEventListener('order', ask);
  events.addEventListener('over', leave);
  events.addEventListener('error', () => {
    if (events.readyState !== EventSource.CLOSED) return;
    clearTimeout(silent);
    askAgainAndAgain();
  });
}

/** Asks every few seconds in the place of events. */
function askAgainAndAgain() {
  events?.close();
  isAsking = true;
  ask();
  setInterval(ask, ASK_EVERY_MS);
}

/** Asks what is true now. While the form is on its way its answer decides, so this waits. */
async function ask() {
  hasNews = isPaying;
  if (isPaying) return;
  const answer = await fetch(live.dataset.live, { headers: { accept: 'text/html' } }).catch(() => undefined);
  if (answer?.status === 205) leave();
  if (answer?.status === 200) showNewOrder(new DOMParser().parseFromString(await answer.text(), 'text/html'));
}

/** Goes to the outcome, because there is nothing left to pay on this page. */
function leave() {
  hasNews = isPaying;
  if (!isPaying) location.replace(new URL('outcome', new URL(live.dataset.live, location.href)));
}

/** Takes over the parts of the page that depend on the order. The consumer's input stays. */
function showNewOrder(page) {
  const chosen = form.querySelector('[name="payment_method_category"]:checked');
  const hadFocus = chosen === document.activeElement;
  for (const part of document.querySelectorAll('[data-part]')) {
    const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
    if (fresh) part.replaceChildren(...fresh.childNodes);
  }
  const again = chosen && form.querySelector(`[type="radio"][value="${CSS.escape(chosen.value)}"]`);
  if (again) again.checked = true;
  if (hadFocus) again?.focus();
  live.querySelector('[data-part="news"]').scrollIntoView({ block: 'nearest' });
  live.dataset.live = page.querySelector('[data-live]').dataset.live;
  if (isAsking) return;
  events.close();
  follow();
}

window.addEventListener('pageshow', showWhatIsTrueNow);
window.addEventListener('pagehide', () => events?.close());
if (live) follow();
if (waiting && !live) setTimeout(showLaterOutcome, Number(waiting.dataset.reloadAfterS) * 1000);
logo?.decode().catch(showName);
backdrop?.decode().catch(() => backdrop.remove());
if (button) {
  form.addEventListener('submit', showProcessing);
  window.addEventListener('pageshow', showReady);
  code?.addEventListener('input', keepDigits);
}
