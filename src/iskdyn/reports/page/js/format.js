/** Numbers and small pieces of the page. */

/** @type {Map<number, Intl.NumberFormat>} */
const formats = new Map();

/** @param {number} value @param {number} digits after the point; never "minus nothing" */
export const numberText = (value, digits) => {
  let format = formats.get(digits);
  if (!format) formats.set(digits, (format = new Intl.NumberFormat("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits })));
  const text = format.format(value);
  return /[1-9]/.test(text) ? text.replace("-", "\u2212") : text.replace("-", "");
};

/** @param {number} value @param {number} digits */
export const signedText = (value, digits) => {
  const text = numberText(value, digits);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
};

/** To the nearest whole number, a half to the even one, as the command line does. @param {number} value */
const whole = (value) => (Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));

/** @param {number} share */
export const shareText = (share) => `${whole(share * 100)} %`;

/** A short number without needless digits. @param {number} value */
export const shortText = (value) => {
  const size = Math.abs(value);
  if (size >= 1000) return numberText(value, 0);
  return String(Number(value.toPrecision(3))).replace("-", "\u2212");
};

/** @param {string} text */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * An element with attributes and content; text is never read as markup.
 * @param {string} tag
 * @param {Record<string, any>} [attributes] on… are listeners; false and null are left out
 * @param {...(Node | string | null | undefined)} content
 * @returns {any}
 */
export const make = (tag, attributes = {}, ...content) => fill(document.createElement(tag), attributes, content);

/**
 * A table with a heading over every column; over a column without one stands an empty cell.
 * @param {string | null} caption @param {string[]} head @param {Node[]} rows @param {Record<string, any>} [attributes]
 * @returns {HTMLTableElement}
 */
export const tableOf = (caption, head, rows, attributes = {}) => make("table", attributes, caption === null ? null : make("caption", {}, caption),
  make("thead", {}, make("tr", {}, ...head.map((text) => (text ? make("th", { scope: "col" }, text) : make("td", {}))))), make("tbody", {}, ...rows));

/** A part that is scrolled by itself, with keys too. @param {string} label @param {...Node} content @returns {HTMLElement} */
export const scrolled = (label, ...content) => make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, ...content);

/** As `make`, for SVG. @param {string} tag @param {Record<string, any>} [attributes] @param {...(Node | string)} content @returns {any} */
export const draw = (tag, attributes = {}, ...content) => fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, content);

/** @param {Element} element @param {Record<string, any>} attributes @param {any[]} content */
const fill = (element, attributes, content) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...content.filter((one) => one !== null && one !== undefined));
  return element;
};
