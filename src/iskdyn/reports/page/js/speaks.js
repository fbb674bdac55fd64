/** Who decides the directions of a comparison: the equations, a judgement, the facts. Asked of each tactic's absence only. */

import { verdictOf } from "./words.js";

/** Whether two sets of changes are one. @param {any} a @param {any} b */
const alike = (a, b) => Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, value]) => JSON.stringify(b[name]) === JSON.stringify(value));

/**
 * Who decides each outcome's direction; "" where it is open, hardly moves, or was not asked: of another window,
 * baseline or choice of versions it would be another answer.
 * @param {any} data the page's @param {any} column what a scenario comes to: changes, effects and `seen` @param {boolean} history whether it is compared with history @param {number} until
 * @returns {string[]} per outcome
 */
export const speaksOf = (data, column, history, until) => {
  const known = history && until === data.clock.history && !column.seen ? data.marks.find((/** @type {any} */ one) => alike(one.changes, column.changes)) : null;
  return data.outcomes.map((/** @type {any} */ outcome, /** @type {number} */ i) => (known && ["fewer", "more"].includes(verdictOf(outcome, column.effects[i])) ? known.speaks[i] : ""));
};

/** The same in a sentence. @param {any} data @param {any} column with `speaks` and `effects` @returns {string} */
export const whoWords = (data, column) => {
  const labels = (/** @type {(i: number) => boolean} */ chosen) => data.outcomes.flatMap((/** @type {any} */ one, /** @type {number} */ i) => (chosen(i) ? [one.label] : [])).join(", ");
  const asked = [...new Set(column.speaks.filter(Boolean))].map((who) => `${who} (${labels((i) => column.speaks[i] === who)})`);
  if (asked.length) return `Who decides the direction: ${asked.join("; ")}.`;
  const told = column.effects.some((/** @type {any} */ effect, /** @type {number} */ i) => ["fewer", "more"].includes(verdictOf(data.outcomes[i], effect)));
  return told ? "Whether facts, judgement or equations decide these directions was not asked." : "";
};
