// The browser SDK of Kassa as a test double of Klarna Payments (docs/double.md). It runs in the page of a shop. It
// shows frames of the address that is in the client token, and exchanges messages with them only. It decides nothing.
(() => {
  'use strict';

  const CATEGORIES = [
    'card', 'direct_bank_transfer', 'direct_debit', 'klarna', 'pay_in_parts', 'pay_later', 'pay_now', 'pay_over_time',
  ];
  const OPTIONS = [
    'auto_finalize', 'container', 'instance_id', 'payment_method_categories', 'payment_method_category',
  ];
  const DEFAULT_INSTANCE = 'klarna-payments-instance';
  const SANDBOX = 'allow-forms allow-modals allow-popups allow-same-origin allow-scripts';

  /** Milliseconds after which a frame that says nothing counts as broken. */
  const SILENT_AFTER_MS = 30000;

  /** The answer to a decline, and to a technical error. */
  const REFUSED = { approved: false, show_form: false };

  let client;
  const instances = new Map();
  const listeners = new Map();

  function named(name, message) {
    return Object.assign(new Error(message), { name });
  }

  /** Calls the page's callback first, and then throws: pages use the one or the other. */
  function refusal(callback, answer) {
    return (name, message) => {
      callback({ ...answer });
      throw named(name, message);
    };
  }

  /**
   * Sorts the arguments of a page: (options, data, callback), (options, callback) and (callback). Old pages give the
   * data before the options.
   */
  function argumentsOf(given) {
    const callback = given.find((one) => typeof one === 'function') ?? (() => {});
    const [first = {}, second = {}] = given.filter((one) => one !== null && typeof one === 'object');
    const hasOptions = (one) => OPTIONS.some((name) => name in one);
    const isSwapped = hasOptions(second) && !hasOptions(first);
    return { options: isSwapped ? second : first, data: isSwapped ? first : second, callback };
  }

  /** The payload of a client token. Nobody checks its signature here: the server does. */
  function payloadOf(token) {
    try {
      const encoded = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
      const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
      const payload = JSON.parse(new TextDecoder().decode(bytes));
      const { base_url: base, version } = payload;
      return /^[\w.-]+$/.test(version) ? { base, version, origin: new URL(base).origin } : undefined;
    } catch {
      return undefined;
    }
  }

  function init(options) {
    const token = options?.client_token;
    const payload = typeof token === 'string' ? payloadOf(token) : undefined;
    if (!payload) throw named('InvalidClientTokenError', 'The client token cannot be read');
    if (client?.token === token) return;
    instances.forEach(remove);
    instances.clear();
    client = { token, ...payload };
  }

  function requireInit(refuse) {
    if (!client) refuse('ApplicationNotInitializedError', 'Call Klarna.Payments.init first');
  }

  /** The instance and the categories that the options name. */
  function namesOf(options, refuse) {
    const { instance_id: id, payment_method_category: one, payment_method_categories: several } = options;
    if (id !== undefined && !/^[\w-]+$/.test(id)) {
      refuse('InvalidInstanceIDError', 'An instance_id has letters, digits, _ and - only');
    }
    if (several !== undefined && id === undefined) {
      refuse('InstanceIDNotProvidedError', 'payment_method_categories needs an instance_id');
    }
    const categories = one === undefined ? several ?? [] : [one];
    const unknown = categories.find((category) => !CATEGORIES.includes(category));
    if (unknown !== undefined) {
      refuse('PaymentMethodCategoryNotSupportedError', `The category ${unknown} is unknown`);
    }
    return { name: id ?? one?.replaceAll('_', '-'), categories };
  }

  function containerOf(container, refuse) {
    let found = container instanceof Element ? container : undefined;
    try {
      found ??= typeof container === 'string' ? document.querySelector(container) : undefined;
    } catch {
      found = undefined;
    }
    return found ?? refuse('InvalidContainerSelectorError', 'The container is not on the page');
  }

  /** Shows a page of the frames' server in a frame. Resolves calls with the frame's answers. */
  function openFrame(id, title, file, parent, heard) {
    const frame = document.createElement('iframe');
    const { origin } = client;
    const answers = new Map();
    let announce;
    const ready = new Promise((resolve, reject) => {
      announce = resolve;
      setTimeout(() => reject(named('FrameSilentError', `${file} does not answer`)), SILENT_AFTER_MS);
    });
    ready.catch(() => {});

    const send = (message) => frame.contentWindow?.postMessage({ instance: id, ...message }, origin);

    function receive({ source, origin: sender, data }) {
      if (source !== frame.contentWindow || sender !== origin || data?.instance !== id) return;
      const { kind, number, value } = data;
      if (kind === 'SYN-ACK') announce();
      else if (kind === 'answer') answers.get(number)?.(value);
      else heard(kind, value);
    }

    async function call(name, value) {
      await ready;
      const number = answers.size + 1;
      return new Promise((resolve) => {
        answers.set(number, resolve);
        send({ kind: 'call', number, name, value });
      });
    }

    window.addEventListener('message', receive);
    frame.addEventListener('load', () => send({ kind: 'SYN' }));
    Object.assign(frame, { id, name: id, title, src: `${client.base}/${client.version}/${file}` });
    frame.setAttribute('sandbox', SANDBOX);
    Object.assign(frame.style, { border: '0', width: '100%', colorScheme: 'light dark' });
    parent.append(frame);
    const close = () => {
      window.removeEventListener('message', receive);
      frame.remove();
    };
    return { frame, call, close };
  }

  function remove(instance) {
    instance.main.close();
    hide(instance);
    instance.fullscreen?.close();
  }

  function load(...given) {
    const { options, data, callback } = argumentsOf(given);
    const refuse = refusal(callback, { show_form: false });
    requireInit(refuse);
    const { name = DEFAULT_INSTANCE, categories } = namesOf(options, refuse);
    const container = containerOf(options.container, refuse);
    if (instances.has(name)) remove(instances.get(name));
    const instance = { name, category: categories[0], isBusy: false };
    instance.main = openFrame(`klarna-${name}-main`, 'Ways to pay', 'main.html', container, (kind, value) => {
      if (kind === 'category') instance.category = value;
      if (kind === 'height') grow(instance, value);
    });
    instance.main.frame.style.height = '0';
    instances.set(name, instance);
    showWidget(instance, { payment_method_categories: categories, data }).then((answer) => later(callback, answer));
  }

  async function showWidget(instance, value) {
    const payment = await instance.main.call('load', { client_token: client.token, ...value }).catch(() => null);
    const invalid = payment?.invalid_fields ?? [];
    const isShown = payment?.show_form === true;
    instance.main.frame.style.display = isShown ? 'block' : 'none';
    instance.isLoaded = payment !== null;
    instance.isPopupBlocked = payment?.popup_blocked === true;
    return { show_form: isShown, ...(invalid.length > 0 && { error: { invalid_fields: invalid } }) };
  }

  function grow(instance, height) {
    instance.main.frame.style.height = `${height}px`;
    emit('heightChanged', height);
  }

  /** The loaded instance that the options name. Without a name, the only one. */
  function loaded(options, refuse) {
    const { name } = namesOf(options, refuse);
    if (name === undefined && instances.size > 1 && !instances.has(DEFAULT_INSTANCE)) {
      refuse('PaymentMethodCategoryNotProvidedError', 'Several categories are loaded: name one of them');
    }
    const only = () => instances.get(DEFAULT_INSTANCE) ?? [...instances.values()][0];
    const instance = name === undefined ? only() : instances.get(name);
    if (!instance?.isLoaded) refuse('ApplicationNotLoadedError', 'Call Klarna.Payments.load first');
    return instance;
  }

  /** Asks the full-screen frame. A call of an instance that has one under way is dropped, as at the vendor. */
  function ask(name, given) {
    const { options, data, callback } = argumentsOf(given);
    const refuse = refusal(callback, REFUSED);
    requireInit(refuse);
    const instance = loaded(options, refuse);
    if (instance.isBusy) return;
    instance.isBusy = true;
    const value = {
      client_token: client.token,
      payment_method_category: options.payment_method_category ?? instance.category,
      auto_finalize: options.auto_finalize,
      data,
      may_open: mayOpen(instance, data),
    };
    answered(instance, name, value).then((answer) => {
      // The page is never called, as if it had lost the SDK. The call stays under way.
      if (answer.is_never) return;
      instance.isBusy = false;
      later(callback, answer);
    });
  }

  async function answered(instance, name, value) {
    instance.fullscreen ??= openFullscreen(instance);
    const answer = await instance.fullscreen.call(name, value).catch(() => null);
    hide(instance);
    if (answer === null) {
      instance.fullscreen.close();
      instance.fullscreen = undefined;
    }
    return answer ?? { ...REFUSED };
  }

  /** Browsers open a window only inside a click of the person. */
  function mayOpen(instance, data) {
    const isClicked = navigator.userActivation?.isActive ?? true;
    const email = data?.billing_address?.email;
    const isBlocked = typeof email === 'string' ? /\+popup-blocked@/i.test(email) : instance.isPopupBlocked;
    return isClicked && !isBlocked;
  }

  function openFullscreen(instance) {
    const id = `klarna-${instance.name}-fullscreen`;
    const opened = openFrame(id, 'Payment', 'fullscreen.html', document.body, (kind) => {
      if (kind === 'show') show(instance);
    });
    const { style } = opened.frame;
    Object.assign(style, { display: 'none', position: 'fixed', inset: '0', height: '100%', zIndex: '2147483647' });
    return opened;
  }

  /** Shows the overlay. The rest of the page gets no focus and no clicks meanwhile. */
  function show(instance) {
    const { frame } = instance.fullscreen;
    const others = [...document.body.children].filter((one) => one !== frame && !one.inert);
    const scroll = document.documentElement.style.overflow;
    instance.overlay = { others, scroll, focused: document.activeElement };
    for (const one of others) one.inert = true;
    document.documentElement.style.overflow = 'hidden';
    frame.style.display = 'block';
    frame.focus();
    emit('fullscreenOverlayShown');
  }

  function hide(instance) {
    if (!instance.overlay) return;
    const { others, scroll, focused } = instance.overlay;
    instance.overlay = undefined;
    instance.fullscreen.frame.style.display = 'none';
    document.documentElement.style.overflow = scroll;
    for (const one of others) one.inert = false;
    focused?.focus?.();
    emit('fullscreenOverlayHidden');
  }

  /** Calls the page outside our promises, so that its errors are reported as its own. */
  function later(callback, answer) {
    setTimeout(() => callback(answer));
  }

  function emit(event, value) {
    for (const listener of listeners.get(event) ?? []) later(listener, value);
  }

  function on(event, listener) {
    listeners.set(event, new Set(listeners.get(event)).add(listener));
  }

  function off(event, listener) {
    if (listener) listeners.get(event)?.delete(listener);
    else listeners.delete(event);
  }

  const Payments = Object.freeze({
    init,
    load,
    authorize: (...given) => ask('authorize', given),
    reauthorize: (...given) => ask('reauthorize', given),
    finalize: (...given) => ask('finalize', given),
    on,
    off,
  });
  if (window.Klarna?.Payments) return;
  window.Klarna = Object.assign(window.Klarna ?? {}, { Payments });
  setTimeout(() => window.klarnaAsyncCallback?.());
})();
