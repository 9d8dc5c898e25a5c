// Comforts of the pay page. Everything works without them.

const form = document.querySelector('#pay-form');
const button = form?.querySelector('[data-processing]');
const progress = form?.querySelector('#progress');
const code = form?.querySelector('.code');
const label = [...(button?.childNodes ?? [])];
const logo = document.querySelector('.logo');
const waiting = document.querySelector('[data-reload]');
const backdrop = document.querySelector('.backdrop');

/** Milliseconds after which Pay can be pressed again. No event tells that the consumer stopped the loading. */
const READY_AFTER_MS = 4000;
let ready;

/** Shows that the payment is under way, and keeps a double click from sending it twice. */
function showProcessing(event) {
  if (event.submitter && event.submitter !== button) return;
  button.disabled = true;
  button.textContent = button.dataset.processing;
  progress.textContent = button.dataset.processing;
  clearTimeout(ready);
  ready = setTimeout(showReady, READY_AFTER_MS);
}

/** Makes the button usable again: some browsers bring a page back as it was left. */
function showReady() {
  clearTimeout(ready);
  button.disabled = false;
  button.replaceChildren(...label);
  progress.textContent = '';
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

window.addEventListener('pageshow', showWhatIsTrueNow);
if (waiting) setTimeout(showLaterOutcome, Number(waiting.dataset.reloadAfterS) * 1000);
logo?.decode().catch(showName);
backdrop?.decode().catch(() => backdrop.remove());
if (button) {
  form.addEventListener('submit', showProcessing);
  window.addEventListener('pageshow', showReady);
  code?.addEventListener('input', keepDigits);
}
