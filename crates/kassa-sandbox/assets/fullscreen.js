// The form in which the consumer authorizes the payment, over the whole page of the shop.
import { ask, serve } from './channel.js';

/** The answer if nothing was decided, because the consumer stopped or the window could not be opened. */
const STOPPED = { approved: false, show_form: true };

const form = document.querySelector('form');
const problem = document.querySelector('.problem');
const signUp = document.querySelector('#sign-up');
const confirm = document.querySelector('.confirm');

/** The call of the page that the form is shown for. */
let shown;

/** The input of a consumer who was approved, for `reauthorize` and `finalize`. */
let approved;

const send = serve({
  authorize: (call) => begin(call),
  reauthorize: (call) => begin(call, approved),
  finalize: (call) => begin({ ...call, auto_finalize: true }, approved),
});

/** Decides about input that is known already, or shows the form. */
async function begin(call, known) {
  const payment = await ask(call.client_token, 'start', { data: call.data });
  if (payment.invalid_fields?.length > 0) {
    return { ...STOPPED, error: { invalid_fields: payment.invalid_fields } };
  }
  const decision = known && (await decide(call, known));
  if (decision && decision.next !== 'correct') return answerOf(decision);
  if (!call.may_open || payment.popup_blocked) return STOPPED;
  return new Promise((finish) => show({ ...call, finish }, payment));
}

async function decide(call, input) {
  const { client_token: token, payment_method_category: category, auto_finalize: finalizes } = call;
  const body = { ...input, payment_method_category: category, auto_finalize: finalizes };
  const decision = await ask(token, 'authorize', body);
  if (decision.approved) approved = input;
  return decision;
}

/** The page's answer. The outcome "no callback" has none. */
function answerOf({ next, ...answer }) {
  return next === 'nothing' ? { is_never: true } : answer;
}

function show(call, payment) {
  shown = call;
  document.querySelector('#amount').textContent = amount(payment);
  document.querySelector('#merchant').textContent = payment.merchant_name;
  form.reset();
  form.elements.email.value = payment.email ?? '';
  signUp.hidden = true;
  mark([]);
  send('show');
}

/** Goes to the dialog when the page shows it. */
function enter() {
  if (document.activeElement === document.body) document.querySelector('#title').focus();
}

/** An amount in minor units, as the consumer's language writes it. */
function amount({ locale, order_amount: minor, purchase_currency: currency }) {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency });
  return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
}

/** Marks the fields that have to be corrected, and goes to the first one. */
function mark(fields) {
  for (const { name, labels } of form.elements) {
    if (labels?.length > 0) form.elements[name].setAttribute('aria-invalid', String(fields.includes(name)));
  }
  const wrong = [...form.elements].filter(({ name }) => fields.includes(name));
  const names = wrong.map(({ labels }) => labels[0].textContent);
  problem.hidden = fields.length === 0;
  problem.textContent = names.length > 0 ? `Please check: ${names.join(', ')}` : 'Please tell us who you are.';
  const first = fields.includes('sign_up') ? form.elements.given_name : form.elements[fields[0]];
  first?.focus();
}

function finish(answer) {
  shown?.finish(answer);
  shown = undefined;
}

async function submit(event) {
  event.preventDefault();
  const input = Object.fromEntries(new FormData(form));
  if (signUp.hidden) for (const name of ['given_name', 'family_name', 'date_of_birth']) delete input[name];
  confirm.disabled = true;
  const decision = await decide(shown, input).catch(() => null);
  confirm.disabled = false;
  if (decision?.next !== 'correct') return finish(decision && answerOf(decision));
  if (decision.fields.includes('sign_up')) signUp.hidden = false;
  return mark(decision.fields);
}

window.addEventListener('focus', enter);
form.addEventListener('submit', submit);
document.querySelector('.close').addEventListener('click', () => finish(STOPPED));
document.addEventListener('keydown', ({ key }) => key === 'Escape' && finish(STOPPED));
