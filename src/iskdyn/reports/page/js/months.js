/** Periods of the study's clock as model time: period m covers [m, m + 1) and stands at m + 0.5. */

import { LEXICON } from "./lexicon.js";

const NAMES = LEXICON.months;
const DAY = 86_400_000, WEEK = 7 * DAY;
/** Midnight of Monday 29 December 1969, from which weeks are counted. */
const MONDAY = -3 * DAY;

/** @param {number} number @param {number} width */
const padded = (number, width) => String(number).padStart(width, "0");

/** @param {number} parts of a year @param {(year: string, part: number) => string} label @param {RegExp} written */
const partsOfYear = (parts, label, written) => ({
  number: (/** @type {string} */ text) => { const found = written.exec(text); return found ? Number(found[1]) * parts + Number(found[2]) - 1 : null; },
  label: (/** @type {number} */ number) => label(padded(Math.floor(number / parts), 4), (number % parts) + 1),
});

/** @param {number} number of the week @returns {string} year and week as ISO 8601 counts them, by its Thursday */
const weekLabel = (number) => {
  const thursday = new Date(MONDAY + number * WEEK + 3 * DAY), year = thursday.getUTCFullYear();
  return `${padded(year, 4)}-W${padded(1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / WEEK), 2)}`;
};

/** @param {string} text */
const weekNumber = (text) => {
  const found = /^(\d{4})-W(\d\d)$/.exec(text);
  if (!found) return null;
  const first = Math.floor((Date.UTC(Number(found[1]), 0, 4) - MONDAY) / WEEK);
  return first + Number(found[2]) - 1;
};

/**
 * How the periods of each clock are written, the more special first; plain numbers come with the clock's name, "day 0".
 * @type {{ number: (text: string) => number | null, label: (number: number) => string, words: (text: string) => string }[]}
 */
const FORMS = [
  { number: (text) => (/^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) / DAY : null), label: (number) => new Date(number * DAY).toISOString().slice(0, 10),
    words: (text) => `${Number(text.slice(8))} ${NAMES[Number(text.slice(5, 7)) - 1]} ${text.slice(0, 4)}` },
  { number: weekNumber, label: weekLabel, words: (text) => `week ${Number(text.slice(6))} of ${text.slice(0, 4)}` },
  { ...partsOfYear(4, (year, part) => `${year}-Q${part}`, /^(\d{4})-Q([1-4])$/), words: (text) => `quarter ${text.slice(6)} of ${text.slice(0, 4)}` },
  { ...partsOfYear(12, (year, part) => `${year}-${padded(part, 2)}`, /^(\d{4})-(0[1-9]|1[0-2])$/), words: (text) => `${NAMES[Number(text.slice(5)) - 1]} ${text.slice(0, 4)}` },
  { number: (text) => (/^\d{4}$/.test(text) ? Number(text) : null), label: (number) => padded(number, 4), words: (text) => text },
];

/** @param {string} start the first period, which says the clock by its form */
const formOf = (start) => FORMS.find((form) => form.number(start) !== null) ?? plain(start.split(" ")[0]);

/** @param {string} unit what a plain number counts */
const plain = (unit) => ({
  number: (/** @type {string} */ text) => { const found = /^(?:\w+ )?(-?\d+)$/.exec(text); return found ? Number(found[1]) : null; },
  label: (/** @type {number} */ number) => String(number), words: (/** @type {string} */ text) => `${unit} ${text}`,
});

/** @param {string} start @param {number} time @returns {string} such as 2023-04 */
export const monthAt = (start, time) => {
  const form = formOf(start);
  return form.label(/** @type {number} */ (form.number(start)) + Math.floor(time + 1e-9));
};

/** @param {string} start @param {number} time @returns {string} such as Apr 2023 */
export const monthWords = (start, time) => formOf(start).words(monthAt(start, time));

/** @param {string} start @param {string} text such as 2023-04 @returns {number | null} counted from the start */
export const monthNumber = (start, text) => {
  const form = formOf(start), number = form.number(text);
  return number === null ? null : number - /** @type {number} */ (form.number(start));
};
