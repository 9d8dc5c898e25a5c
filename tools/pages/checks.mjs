// Scripts that run in a page and return its problems, one text each.

/** Parts that react to the consumer. */
export const CONTROLS = 'a[href], button, input:not([type="hidden"]), select, textarea, summary';

/** Helpers of the scripts: names of elements, and the contrast of two colours (WCAG 2.2, 1.4.3). */
const HELPERS = `
  const nameOf = (one) => one.dataset.testid ?? one.outerHTML.replace(/\\s+/g, ' ').slice(0, 80);
  const rgbOf = (colour) => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) => {
    const [r, g, b] = rgbOf(colour).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const groundOf = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (rgbOf(colour)[3] === 255) return colour;
    }
    return 'white';
  };`;

/** Runs axe-core with its default settings. */
export const AXE = `
  const done = arguments[arguments.length - 1];
  axe.run().then(
    (result) => done(result.violations.flatMap((one) => one.nodes.map((node) => one.id + ': ' + node.html))),
    (error) => done(['axe failed: ' + error]));`;

/**
 * Nothing scrolls sideways, and no text is cut off. The width of the screen is an argument, because the window of a
 * phone grows with a page that is too wide.
 */
export const OVERFLOW = `${HELPERS}
  const width = arguments[0];
  const root = document.documentElement;
  const sideways = root.scrollWidth > width ? ['the page is ' + root.scrollWidth + ' pixels wide'] : [];
  const isHidden = (one) => one.closest('.visually-hidden');
  const wide = [...document.body.querySelectorAll('*')].filter((one) => {
    const box = one.getBoundingClientRect();
    return !isHidden(one) && box.width > 1 && (box.right > width + 1 || box.left < -1);
  });
  const cut = [...document.querySelectorAll('button, a, label, h1, h2, dd, dt, p, summary, .shop-name')]
    .filter((one) => !isHidden(one) && getComputedStyle(one).display !== 'inline'
      && (one.scrollWidth > one.clientWidth + 1 || (one.scrollHeight > one.clientHeight + 1
        && getComputedStyle(one).overflow !== 'visible')));
  return [...sideways, ...[...wide, ...cut].map((one) => 'does not fit: ' + nameOf(one))];`;

/** Doubles the size of text, as a browser's setting does. An empty argument ends that. */
export const TEXT_SIZE = 'document.documentElement.style.fontSize = arguments[0]';

/** Sets the text spacing of WCAG 2.2, 1.4.12, or ends that. */
export const TEXT_SPACING = `
  for (const one of document.body.querySelectorAll('*')) {
    one.style.lineHeight = arguments[0] ? '1.5' : '';
    one.style.letterSpacing = arguments[0] ? '0.12em' : '';
    one.style.wordSpacing = arguments[0] ? '0.16em' : '';
    if (one.matches('p')) one.style.marginBottom = arguments[0] ? '2em' : '';
  }`;

/** Every target is 24 by 24 pixels or larger. The label of a field is part of its target. */
export const TARGETS = `${HELPERS}
  const sizeOf = (one) => {
    const boxes = [one, ...(one.labels ?? [])].map((part) => part.getBoundingClientRect());
    return [Math.max(...boxes.map((box) => box.width)), Math.max(...boxes.map((box) => box.height))];
  };
  return [...document.querySelectorAll(${JSON.stringify(CONTROLS)})].filter((one) => one.checkVisibility())
    .filter((one) => Math.min(...sizeOf(one)) < 24)
    .map((one) => nameOf(one) + ' has ' + sizeOf(one).map(Math.round).join(' by ') + ' pixels');`;

/** The language and the direction of the page, its title, and the language of each name of a language. */
export const LANGUAGE = `
  const [tag, direction] = arguments;
  const { lang, dir } = document.documentElement;
  const problems = [];
  if (lang.split('-')[0] !== tag) problems.push('the page says that its language is ' + lang);
  if (dir !== direction) problems.push('the page says that its direction is ' + dir);
  if (!document.title.trim()) problems.push('the page has no title');
  for (const one of document.querySelectorAll('.language')) {
    if (!one.lang) problems.push('the language of ' + one.textContent + ' is not marked');
  }
  return problems;`;

/** Nothing moves. */
export const MOTION = `${HELPERS}
  const running = document.getAnimations().map((one) => 'moves: ' + nameOf(one.effect.target));
  const seconds = (words) => Math.max(...words.split(',').map((word) => parseFloat(word)));
  const changing = [...document.querySelectorAll('*')].filter((one) => {
    const style = getComputedStyle(one);
    return seconds(style.transitionDuration) > 0 || style.animationName !== 'none';
  });
  return [...running, ...changing.map((one) => 'may move: ' + nameOf(one))];`;

/** With forced colours, each control that is a box has a border, which differs from its ground. */
export const BORDERS = `${HELPERS}
  if (!matchMedia('(forced-colors: active)').matches) return ['the browser does not force colours'];
  const boxes = document.querySelectorAll('.button, .field input, .choice, .notice, .error-summary, .sandbox');
  return [...boxes].filter((one) => one.checkVisibility()).filter((one) => {
    const style = getComputedStyle(one);
    const hasBorder = parseFloat(style.borderTopWidth) > 0 && style.borderTopStyle !== 'none';
    return !hasBorder || contrast(style.borderTopColor, groundOf(one)) < 3;
  }).map((one) => 'no visible border: ' + nameOf(one));`;

/** With forced colours, each text contrasts with its ground. axe-core reads colours that are not forced. */
export const FORCED_CONTRAST = `${HELPERS}
  const hasText = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return [...document.body.querySelectorAll('*')].filter((one) => hasText(one) && one.checkVisibility())
    .filter((one) => contrast(getComputedStyle(one).color, groundOf(one)) < 4.5)
    .map((one) => 'too little contrast: ' + nameOf(one));`;

/** Begins the walk with Tab before the first part of the page, and lists the parts that it has to reach. */
export const BEGIN_WALK = `${HELPERS}
  document.activeElement?.blur();
  scrollTo(0, 0);
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
  window.walked = { holder: undefined };
  const groups = new Set();
  return [...document.querySelectorAll(${JSON.stringify(CONTROLS)})]
    .filter((one) => one.checkVisibility() && !one.disabled)
    .filter((one) => one.type !== 'radio' || (one.checked && !groups.has(one.name) && groups.add(one.name)))
    .map(nameOf);`;

/** The part with the focus, and the problems of its mark: an outline of 2 pixels that contrasts and is in view. */
export const STEP = `${HELPERS}
  const hasOutline = (one) => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  };
  const one = document.activeElement;
  const before = window.walked.holder;
  const ends = !one || one === document.body || one === document.documentElement;
  const holder = ends ? undefined : [one, one.parentElement, one.parentElement.parentElement].find(hasOutline);
  window.walked.holder = holder;
  const problems = [];
  if (before && before !== holder && hasOutline(before)) problems.push('marked without focus: ' + nameOf(before));
  if (ends) return { problems };
  // The browser itself marks its own button in a field for a date. Then the field has no \`:focus-visible\`.
  if (one.type === 'date' && !one.matches(':focus-visible')) return { name: nameOf(one), problems };
  if (!holder) return { name: nameOf(one), problems: ['no mark of the focus: ' + nameOf(one)] };
  const ratio = contrast(getComputedStyle(holder).outlineColor, groundOf(holder.parentElement));
  if (ratio < 3) problems.push('the mark of the focus has a contrast of ' + ratio.toFixed(1) + ': ' + nameOf(one));
  const box = one.getBoundingClientRect();
  if (box.bottom <= 0 || box.top >= innerHeight) problems.push('out of view: ' + nameOf(one));
  const top = document.elementFromPoint(box.left + box.width / 2, Math.min(box.top + box.height / 2, innerHeight - 1));
  if (top && !holder.contains(top) && !top.contains(one)) problems.push('covered: ' + nameOf(one));
  return { name: nameOf(one), problems };`;
