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

/** A page that follows its session opens itself again this many times more seldom, in case the events fail. */
const SELDOM = 8;

/** Milliseconds between two questions, if no events arrive. */
const ASK_EVERY_MS = 5000;
let events;
let silent;
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
  silent = setTimeout(askAgainAndAgain, EVENTS_WITHIN_MS);
  events.addEventListener('following', () => clearTimeout(silent));
  events.addEventListener('order', ask);
  events.addEventListener('over', leave);
  events.addEventListener('error', () => {
    if (events.readyState !== EventSource.CLOSED) return;
    rest();
    ask();
    silent = setTimeout(follow, ASK_EVERY_MS);
  });
}

/** Ends the events, for example while nobody sees the page. A browser allows few connections to one host. */
function rest() {
  clearTimeout(silent);
  events?.close();
}

function followIfSeen() {
  if (isAsking) return;
  rest();
  if (document.visibilityState === 'visible') follow();
}

/** Asks every few seconds in the place of events. */
function askAgainAndAgain() {
  rest();
  isAsking = true;
  ask();
  setInterval(ask, ASK_EVERY_MS);
}

/** Asks what is true now. While the form is on its way its answer decides, so this waits. */
async function ask() {
  const answer = await fetch(live.dataset.live, { headers: { accept: 'text/html' } }).catch(() => undefined);
  const page = answer?.status === 200 && new DOMParser().parseFromString(await answer.text(), 'text/html');
  hasNews = isPaying;
  if (isPaying) return;
  if (answer?.status === 205 || answer?.status === 404) leave();
  if (page) showNewOrder(page);
}

/** Goes to the outcome, because there is nothing left to pay on this page. */
function leave() {
  hasNews = isPaying;
  const outcome = waiting?.dataset.reload ?? 'outcome';
  if (!isPaying) location.replace(new URL(outcome, new URL(live.dataset.live, location.href)));
}

/** Writes times of day by the clock of the consumer. The page itself knows only UTC. */
function showLocalTimes() {
  for (const time of document.querySelectorAll('time[data-local]')) {
    const format = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
    time.textContent = new Date(time.dateTime).toLocaleTimeString(document.documentElement.lang, format);
  }
}

/** Takes over the parts of the page that depend on the order. The consumer's input stays. */
function showNewOrder(page) {
  const part = (of, name) => of.querySelector(`[data-part="${name}"]`);
  const chosen = form.querySelector('[name="payment_method_category"]:checked');
  const hadFocus = chosen === document.activeElement;
  // The merchant may have changed something that the page does not show.
  const isSeen = ['order', 'purchase'].some((name) => part(page, name).textContent !== part(live, name).textContent);
  for (const name of isSeen ? ['news', 'expiry', 'order', 'purchase', 'verb'] : ['expiry', 'purchase']) {
    part(live, name).replaceChildren(...part(page, name).childNodes);
  }
  showLocalTimes();
  const again = chosen && form.querySelector(`[type="radio"][value="${CSS.escape(chosen.value)}"]`);
  if (again) again.checked = true;
  if (hadFocus) again?.focus();
  if (isSeen) part(live, 'news').scrollIntoView({ block: 'nearest' });
  live.dataset.live = page.querySelector('[data-live]').dataset.live;
  followIfSeen();
}

showLocalTimes();
window.addEventListener('pageshow', showWhatIsTrueNow);
window.addEventListener('pagehide', rest);
if (waiting) setTimeout(showLaterOutcome, Number(waiting.dataset.reloadAfterS) * (live ? SELDOM : 1) * 1000);
logo?.decode().catch(showName);
backdrop?.decode().catch(() => backdrop.remove());
if (button) {
  form.addEventListener('submit', showProcessing);
  window.addEventListener('pageshow', showReady);
  code?.addEventListener('input', keepDigits);
}
if (live) {
  document.addEventListener('visibilitychange', followIfSeen);
  followIfSeen();
}
