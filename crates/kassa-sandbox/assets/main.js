// The widget in the container of the page: the categories to choose from.
import { ask, serve } from './channel.js';

const widget = document.querySelector('main');
const list = document.querySelector('#categories');
const send = serve({ load });

async function load({ client_token: token, ...body }) {
  const payment = await ask(token, 'load', body);
  const categories = payment.payment_method_categories;
  list.replaceChildren(...categories.map(choice));
  widget.hidden = !payment.show_form;
  if (categories.length > 0) send('category', categories[0].identifier);
  return payment;
}

function choice({ identifier, name }, place) {
  const label = document.createElement('label');
  const input = document.createElement('input');
  Object.assign(input, { type: 'radio', name: 'category', value: identifier, checked: place === 0 });
  input.dataset.testid = `sdk-category-${identifier}`;
  input.addEventListener('change', () => send('category', identifier));
  label.append(input, name);
  return label;
}

new ResizeObserver(() => {
  if (!widget.hidden) send('height', Math.ceil(widget.getBoundingClientRect().height));
}).observe(widget);
