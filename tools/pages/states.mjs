// Every state of the pages that consumers see, and how to reach it.

/** The markets that are shown with their own goods. The other languages have the goods of English, in Sweden. */
const MARKETS = {
  ar: { country: 'AE', currency: 'AED', locale: 'ar-AE',
    goods: ['خيمة نورديس لأربعة أشخاص', 'كوب مطلي بالمينا', 'قهوة محمصة', 'فلاتر قهوة', 'قسيمة هدية',
      'التوصيل إلى المنزل', 'خصم الصيف'] },
  de: { country: 'DE', currency: 'EUR', locale: 'de-DE',
    goods: ['Nordlys-Zelt für vier Personen', 'Emaille-Becher', 'Kaffee aus Hausröstung', 'Kaffeefilter', 'Gutschein',
      'Lieferung nach Hause', 'Sommerrabatt'] },
  en: { country: 'GB', currency: 'GBP', locale: 'en-GB',
    goods: ['Nordlys tent for four people', 'Enamel mug', 'Freshly roasted coffee', 'Coffee filters', 'Gift card',
      'Home delivery', 'Summer discount'] },
};

/** The cart of a language with its first lines, or with all seven. */
export function cartOf(tag, { isLong = false, mugs = 2, channel = 'ECOMMERCE' } = {}) {
  const elsewhere = { ...MARKETS.en, country: 'SE', currency: 'SEK', locale: tag };
  const { country, currency, locale, goods } = MARKETS[tag] ?? elsewhere;
  const line = (index, unitPrice, quantity = 1, type = 'physical') =>
    ({ type, name: goods[index], quantity, unit_price: unitPrice, total_amount: quantity * unitPrice });
  const short = [line(0, 249_900), line(1, 6_250, mugs)];
  const others = [line(2, 3_900, 3), line(3, 1_450), line(4, 10_000, 1, 'digital'), line(5, 2_900, 1, 'shipping_fee'),
    line(6, -20_000, 1, 'discount')];
  const lines = isLong ? [...short, ...others] : short;
  const total = lines.reduce((sum, one) => sum + one.total_amount, 0);
  return { acquiring_channel: channel, purchase_country: country, purchase_currency: currency, locale,
    order_amount: total, order_tax_amount: 0, order_lines: lines };
}

/** What the states need: a browser, Kassa, and four merchants. */
export class Stage {
  static async open(kassa, browser) {
    const stage = new Stage();
    Object.assign(stage, { kassa, browser, shop: await kassa.newMerchant() });
    stage.lateShop = await kassa.newMerchant();
    stage.suspendedShop = await kassa.newMerchant();
    stage.colorfulShop = await kassa.newMerchant();
    return stage;
  }

  /** Suspends a merchant, and gives another one colours, at the console. */
  async prepare(tags) {
    await this.browser.visit(`${this.kassa.url}/console`);
    await this.browser.press('as-ADMIN');
    await this.browser.see('role');
    await this.suspend(tags);
    await this.choose(this.colorfulShop, { accent: '#ffcc00', background: '#3b0764' });
  }

  /** Gives a merchant a default profile with these colours. */
  async choose(merchant, colors) {
    await this.browser.visit(`${this.kassa.url}/console/merchants/${merchant.id}/new-profile`);
    await this.browser.press('is-default');
    await this.browser.write('name', 'Colours');
    for (const [name, color] of Object.entries(colors)) await this.browser.write(`colors.${name}`, color);
    await this.browser.press('save');
    await this.browser.see('preview');
  }

  /** Creates the links of the suspended merchant for these languages, because it gets no more later. */
  async suspend(tags) {
    this.suspendedLinks = {};
    for (const tag of tags) this.suspendedLinks[tag] = await this.suspendedShop.link(cartOf(tag));
    await this.browser.visit(`${this.kassa.url}/console/merchants/${this.suspendedShop.id}`);
    await this.browser.press('ask-suspend');
    await this.browser.press('suspend');
    await this.browser.see('resume');
  }

  /** Creates a link and opens it. */
  async open(tag, { cart = cartOf(tag), shop = this.shop, ...rest } = {}) {
    const link = await shop.link(cart, rest);
    await this.browser.visit(link.url);
    await this.browser.see('pay-page');
    return link;
  }

  async payAs(email) {
    await this.browser.write('email', email);
    await this.browser.write('one-time-code', '123456');
    await this.browser.press('pay');
  }

  /** Shows the outcome of what the consumer does. */
  async outcome(tag, action, { cart = cartOf(tag), body, ...rest } = {}) {
    const link = await this.shop.link(cart, rest);
    await this.shop.act(link.session, action, body);
    await this.browser.visit(`${link.url}/outcome`);
  }
}

const UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true })";

/** The address of a shop that no page opens by itself. */
const SHOP = 'https://shop.example/failure';

const PAY_STATES = [
  { name: 'pay', title: 'Pay page', seen: 'pay', show: (stage, tag) => stage.open(tag) },
  { name: 'pay-unfolded', title: 'Pay page, unfolded', seen: 'sandbox', async show(stage, tag) {
    await stage.open(tag, { cart: cartOf(tag, { isLong: true }) });
    await stage.browser.run(UNFOLD);
  } },
  { name: 'pay-errors', title: 'Pay page, errors', seen: 'error-summary', async show(stage, tag) {
    await stage.open(tag);
    await stage.browser.press('pay');
  } },
  { name: 'pay-changed', title: 'Pay page, changed order', seen: 'notice', async show(stage, tag) {
    // Without scripts, the page shows the change at the next step.
    await stage.browser.devtools('Emulation.setScriptExecutionDisabled', { value: true });
    const link = await stage.open(tag);
    await stage.shop.post(`payments/v1/sessions/${link.payment}`, cartOf(tag, { mugs: 3 }));
    await stage.payAs('customer@email.se');
    await stage.browser.see('notice');
    await stage.browser.devtools('Emulation.setScriptExecutionDisabled', { value: false });
  } },
  { name: 'pay-sign-up', title: 'Pay page, sign-up', seen: 'sign-up-hint', async show(stage, tag) {
    await stage.open(tag);
    await stage.payAs('customer+new_user@email.se');
  } },
  { name: 'pay-sign-up-errors', title: 'Pay page, sign-up, errors', seen: 'field-error-family-name',
    async show(stage, tag) {
      await stage.open(tag);
      await stage.payAs('customer+new_user@email.se');
      await stage.browser.see('sign-up-hint');
      await stage.browser.press('pay');
    } },
  { name: 'pay-single', title: 'Pay page, one category', seen: 'category-pay_later', show: (stage, tag) =>
    stage.open(tag, { options: { payment_method_category: 'PAY_LATER' } }) },
  { name: 'pay-colors', title: 'Pay page, colours of the shop', seen: 'pay', show: (stage, tag) =>
    stage.open(tag, { shop: stage.colorfulShop }) },
];

const OTHER_STATES = [
  { name: 'cancel', title: 'Cancel question', seen: 'cancel-page', async show(stage, tag) {
    const link = await stage.open(tag, { cart: cartOf(tag, { channel: 'IN_STORE' }) });
    await stage.browser.visit(`${link.url}/cancel`);
  } },
  { name: 'completed', title: 'Completed', seen: 'outcome-completed', show: (stage, tag) =>
    stage.outcome(tag, 'approve') },
  { name: 'declined', title: 'Declined', seen: 'outcome-declined', show: (stage, tag) =>
    stage.outcome(tag, 'decline', { urls: { failure: SHOP } }) },
  { name: 'error', title: 'Error', seen: 'outcome-error', show: (stage, tag) => stage.outcome(tag, 'error') },
  { name: 'confirming', title: 'Confirming', seen: 'outcome-confirming', async show(stage, tag) {
    await stage.open(tag, { options: { place_order_mode: 'PLACE_ORDER' } });
    await stage.payAs('customer+order-unknown-999@email.se');
  } },
  { name: 'cancelled', title: 'Cancelled', seen: 'outcome-cancelled', show: (stage, tag) =>
    stage.outcome(tag, 'cancel', { cart: cartOf(tag, { channel: 'IN_STORE' }) }) },
  { name: 'back', title: 'Back', seen: 'outcome-back', show: (stage, tag) => stage.outcome(tag, 'back') },
  { name: 'disabled', title: 'Disabled', seen: 'outcome-disabled', async show(stage, tag) {
    const link = await stage.shop.link(cartOf(tag));
    await stage.shop.disable(link.session);
    await stage.browser.visit(link.url);
  } },
  { name: 'expired', title: 'Expired', seen: 'outcome-expired', async show(stage, tag) {
    const link = await stage.lateShop.link(cartOf(tag));
    await stage.lateShop.post('lab/v1/clock/advance', { by: 'PT48H' });
    await stage.browser.visit(link.url);
  } },
  { name: 'not-found', title: 'Not found', seen: 'outcome-not-found', async show(stage, tag) {
    await stage.browser.pretend({ languages: tag });
    await stage.browser.visit(`${stage.kassa.url}/pay/nothing`);
    await stage.browser.pretend();
  } },
  { name: 'unavailable', title: 'Unavailable', seen: 'outcome-unavailable', async show(stage, tag) {
    const link = await stage.shop.link(cartOf(tag));
    await stage.browser.pretend({ headers: { 'Sec-Purpose': 'prefetch' } });
    await stage.browser.visit(link.url);
    await stage.browser.pretend();
  } },
  { name: 'no-payments', title: 'No payments', seen: 'outcome-no-payments', show: (stage, tag) =>
    stage.browser.visit(stage.suspendedLinks[tag].url) },
  { name: 'preview', title: 'Preview', seen: 'preview-page', async show(stage, tag) {
    const link = await stage.shop.link(cartOf(tag));
    await stage.browser.pretend({ agent: 'WhatsApp/2.23' });
    await stage.browser.visit(link.url);
    await stage.browser.pretend();
  } },
];

/** A link of a shop with staff. `asks` brings it to the check of an identity document. */
async function inStore(stage, tag, { asks = false } = {}) {
  const link = await stage.shop.link(cartOf(tag, { channel: 'IN_STORE' }));
  if (asks) await stage.shop.act(link.session, 'request-id-check');
  return link;
}

const STATES_OF_A_SHOP = [
  { name: 'id-check', title: 'Identity check', seen: 'outcome-id-check', async show(stage, tag) {
    await stage.browser.visit((await inStore(stage, tag, { asks: true })).url);
  } },
  { name: 'staff', title: 'Page of the staff', seen: 'staff-page', async show(stage, tag) {
    await stage.browser.visit((await inStore(stage, tag)).staff);
  } },
  { name: 'staff-id-check', title: 'Page of the staff, identity check', seen: 'id-check', async show(stage, tag) {
    await stage.browser.visit((await inStore(stage, tag, { asks: true })).staff);
  } },
  { name: 'display', title: 'Screen for the customer', seen: 'qr', async show(stage, tag) {
    await stage.browser.visit(`${(await inStore(stage, tag)).staff}/display`);
  } },
  { name: 'display-completed', title: 'Screen for the customer, paid', seen: 'display', async show(stage, tag) {
    const link = await inStore(stage, tag, { asks: true });
    await stage.shop.act(link.session, 'pass-id-check');
    await stage.browser.visit(`${link.staff}/display`);
  } },
];

/** Every state: its name, its title, the test id by which it is known, and how to reach it in a language. */
export const STATES = [...PAY_STATES, ...OTHER_STATES, ...STATES_OF_A_SHOP];

/** Shows a state, and waits for it. */
export async function show(state, stage, tag) {
  await state.show(stage, tag);
  await stage.browser.see(state.seen);
  const lang = await stage.browser.run('return document.documentElement.lang');
  if (lang.split('-')[0] !== tag) throw new Error(`${state.name} is in ${lang}, not in ${tag}`);
}
