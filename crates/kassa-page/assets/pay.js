// Comforts of the pay page. Everything works without them.

const form = document.querySelector('#pay-form');
const button = form?.querySelector('[data-processing]');
const progress = form?.querySelector('#progress');
const code = form?.querySelector('.code');
const label = button?.textContent;

/** Shows that the payment is under way, and keeps it from being sent twice. */
function showProcessing() {
  button.disabled = true;
  button.textContent = button.dataset.processing;
  progress.textContent = button.dataset.processing;
}

/** Makes the button usable again: some browsers bring a page back as it was left. */
function showReady() {
  button.disabled = false;
  button.textContent = label;
  progress.textContent = '';
}

/** Asks for the page anew: one that the browser kept may show what was true before the payment. */
function showWhatIsTrueNow(event) {
  if (event.persisted) location.replace(location.pathname);
}

/** Leaves only the digits of a code that was typed or pasted with spaces. */
function keepDigits() {
  const digits = code.value.replace(/\D/g, '').slice(0, 6);
  if (digits !== code.value) code.value = digits;
}

window.addEventListener('pageshow', showWhatIsTrueNow);
if (button) {
  form.addEventListener('submit', showProcessing);
  window.addEventListener('pageshow', showReady);
  code?.addEventListener('input', keepDigits);
}
