// The rules of every page, run in the page itself; each gives a list of its breaches.

const CONTROLS = 'input:not([type=hidden]), select, textarea, button, a[href], summary';
const shown = e => e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
const start = e => e.outerHTML.slice(0, 110);

// Nothing sticks out at the right.
const wide = () => {
  const edge = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= edge) return [];
  return [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > edge + 1).map(start).slice(0, 5);
};

// WCAG 2.2, 1.4.3: every text against what is behind it.
const parse = colour => {
  const [r, g, b, a] = colour.match(/[\d.]+/g).map(Number);
  return [r, g, b, a ?? 1];
};
const over = ([r, g, b, a], [R, G, B]) =>
  [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
const light = colour => {
  const [r, g, b] = colour.map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = e => {
  const layers = [];
  for (; e; e = e.parentElement) {
    const colour = parse(getComputedStyle(e).backgroundColor);
    if (colour[3] > 0) layers.push(colour);
    if (colour[3] === 1) break;
  }
  return layers.reverse().reduce((ground, layer) => over(layer, ground), [255, 255, 255, 1]);
};
const contrast = () => {
  const low = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const e = node.parentElement, text = node.textContent.trim();
    if (!text || /^(script|style|title|option)$/i.test(e.tagName) || !shown(e)) continue;
    const style = getComputedStyle(e), ground = behind(e), size = parseFloat(style.fontSize);
    const ink = over(parse(e.closest('svg') ? style.fill : style.color), ground);
    const [bright, dark] = [light(ink), light(ground)].sort((x, y) => y - x);
    const ratio = (bright + 0.05) / (dark + 0.05);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) low.push(`${ratio.toFixed(2)}: ${text.slice(0, 30)}`);
  }
  return low;
};

// WCAG 2.2, 4.1.2 and 3.3.2: every control has a name, every picture a text.
const labelled = e => [...(e.labels || [])].some(label => label.textContent.trim());
const named = e => labelled(e) || (e.getAttribute('aria-label') || '').trim()
  || e.getAttribute('aria-labelledby')
  || (/^(A|BUTTON|SUMMARY)$/i.test(e.tagName) && e.textContent.trim());
const nameless = () => [
  ...[...document.querySelectorAll(CONTROLS)].filter(e => !named(e)),
  ...document.querySelectorAll('img:not([alt])'),
  ...[...document.querySelectorAll('svg')]
    .filter(e => e.getAttribute('aria-hidden') !== 'true' && !e.querySelector('title')),
].map(start);

// WCAG 2.2, 2.5.8: targets of at least 24 by 24 pixels, other than links in running text.
const target = e => {
  const ticks = /^(checkbox|radio)$/.test(e.type) && e.labels.length;
  return (ticks ? e.labels[0] : e).getBoundingClientRect();
};
const small = () => [...document.querySelectorAll(CONTROLS)]
  .filter(e => shown(e) && !e.classList.contains('skip-link'))
  .filter(e => !(e.tagName === 'A' && getComputedStyle(e).display === 'inline'))
  .filter(e => target(e).height < 24 || target(e).width < 24)
  .map(e => `${Math.round(target(e).width)}x${Math.round(target(e).height)} ${start(e)}`);

// An id stands once, and what refers to an id finds it.
const ids = () => {
  const all = [...document.querySelectorAll('[id]')].map(e => e.id);
  const twice = all.filter((id, n) => all.indexOf(id) !== n).map(id => `twice: ${id}`);
  const refer = ['for', 'aria-describedby', 'aria-labelledby', 'popovertarget', 'form'];
  const lost = refer.flatMap(name => [...document.querySelectorAll(`[${name}]`)]
    .flatMap(e => e.getAttribute(name).split(/\s+/).filter(Boolean))
    .filter(id => !document.getElementById(id)).map(id => `${name} leads nowhere: ${id}`));
  return [...twice, ...lost];
};

// One heading of the first rank, and no rank left out.
const headings = () => {
  const ranks = [...document.querySelectorAll('h1, h2, h3, h4')].filter(shown)
    .map(e => Number(e.tagName[1]));
  const firsts = ranks.filter(rank => rank === 1).length;
  const skipped = ranks.filter((rank, n) => n && rank > ranks[n - 1] + 1);
  return [...(firsts === 1 ? [] : [`${firsts} headings h1`]),
    ...skipped.map(rank => `h${rank} comes too early`)];
};

return {
  wide: wide(), contrast: contrast(), nameless: nameless(), small: small(), ids: ids(),
  headings: headings(),
};
