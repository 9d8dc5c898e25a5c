// Pays with Klarna's script on the pay page. What the script answers is only told to the server, which asks Klarna.

const form = document.querySelector('#pay-form');
const button = form.querySelector('[data-client-token]');
const { src, clientToken, page, paying } = button.dataset;
const label = [...button.childNodes];
const container = document.querySelector('#payment-form');
const notice = document.querySelector('#script-notice');
const progress = form.querySelector('#progress');
const wayOut = document.querySelector('.way-out');
const choices = [...form.querySelectorAll('[name="payment_method_category"]')];

/** Milliseconds in which the script and its form have to appear. */
const PATIENCE_MS = 20_000;

/** The categories for which Klarna shows no form. */
const unavailable = new Set();
let isPaying = false;
let hasTold = false;
let impatience;

function category() {
  return new FormData(form).get('payment_method_category') ?? '';
}

/** Tells the server what the script answered, and goes where the server says. */
async function tell(answer) {
  if (hasTold) return;
  hasTold = true;
  const body = new URLSearchParams({ answer, payment_method_category: category() });
  try {
    const told = await fetch(`${page}/claim`, { method: 'POST', body });
    const { next } = await told.json();
    location.assign(next);
  } catch {
    // The server asks Klarna on its own schedule, too.
    location.assign(`${page}/confirming`);
  }
}

/** The script is missing, silent or broken. */
function giveUp() {
  clearTimeout(impatience);
  if (!isPaying) tell('failed');
}

function waitForTheScript() {
  clearTimeout(impatience);
  impatience = setTimeout(giveUp, PATIENCE_MS);
}

function show(text) {
  notice.hidden = !text;
  notice.lastElementChild.textContent = text;
  if (text) notice.focus();
}

function setReady(isReady) {
  button.disabled = !isReady;
  button.replaceChildren(...label);
  progress.textContent = '';
}

/** Shows the form of the chosen category. */
function load() {
  setReady(false);
  container.replaceChildren();
  waitForTheScript();
  const chosen = category();
  attempt(() => Klarna.Payments.load(
    { container: '#payment-form', payment_method_category: chosen }, {},
    (answer) => loaded(chosen, answer),
  ));
}

function loaded(chosen, { show_form: hasForm }) {
  clearTimeout(impatience);
  if (chosen !== category()) return;
  if (hasForm) {
    setReady(true);
    return;
  }
  unavailable.add(chosen);
  if (choices.every((choice) => unavailable.has(choice.value))) {
    tell('declined');
    return;
  }
  const choice = choices.find(({ value }) => value === chosen);
  choice.disabled = true;
  choices.find(({ value }) => !unavailable.has(value)).checked = true;
  show(notice.dataset.unavailable);
  load();
}

/** Authorizes within the click, because browsers open a popup only then. */
function pay(event) {
  if (event.submitter && event.submitter !== button) return;
  event.preventDefault();
  if (isPaying || button.disabled) return;
  isPaying = true;
  attempt(() => Klarna.Payments.authorize({ payment_method_category: category() }, {}, authorized));
  navigator.sendBeacon(`${page}/started`);
  show('');
  button.disabled = true;
  button.textContent = paying;
  progress.textContent = paying;
}

function authorized({ approved, show_form: hasForm }) {
  if (approved) {
    tell('approved');
  } else if (hasForm) {
    // The consumer closed the form, or has to correct something in it.
    isPaying = false;
    showWayOut();
    setReady(true);
    show(notice.dataset.tryAgain);
    button.focus();
  } else {
    tell('declined');
  }
}

/** While Klarna's own layer covers the page, nobody can leave by accident. */
function hideWayOut() {
  wayOut.inert = true;
}

function showWayOut() {
  wayOut.inert = false;
}

/** Runs a call of the script, which throws if it is used wrongly or broken. */
function attempt(call) {
  try {
    call();
  } catch (error) {
    console.error(error);
    isPaying = false;
    giveUp();
  }
}

function begin() {
  attempt(() => {
    Klarna.Payments.init({ client_token: clientToken });
    Klarna.Payments.on('fullscreenOverlayShown', hideWayOut);
    Klarna.Payments.on('fullscreenOverlayHidden', showWayOut);
    load();
  });
}

form.addEventListener('submit', pay);
for (const choice of choices) choice.addEventListener('change', load);
window.klarnaAsyncCallback = begin;
waitForTheScript();
const script = document.createElement('script');
script.src = src;
script.async = true;
script.addEventListener('error', giveUp);
document.head.append(script);
