/** Every outcome as numbers: history, scenario and their paired difference, human cost first. */

import { capital, make, numberText, shareText, signedText, tableOf } from "./format.js";
import { LEXICON } from "./lexicon.js";

/** @param {any} data @param {import("./types.js").Result} result @returns {HTMLTableElement} */
export const outcomesTable = (data, result) => {
  const head = ["Outcome", "As it was", "This scenario", "Difference", `${LEXICON.words.half} of the versions`, `${LEXICON.words.range} versions`, "lower \u00b7 same \u00b7 higher"];
  const rows = data.outcomes.map((/** @type {any} */ outcome, /** @type {number} */ i) => {
    const { base, scenario, difference, lower, higher } = result.effects[i], text = (/** @type {number} */ v) => numberText(v, outcome.digits), signed = (/** @type {number} */ v) => signedText(v, outcome.digits);
    const level = (/** @type {number[]} */ five) => `${text(five[2])} (${text(five[0])} to ${text(five[4])})`;
    const cells = [level(base), level(scenario), signed(difference[2]), `${signed(difference[1])} to ${signed(difference[3])}`, `${signed(difference[0])} to ${signed(difference[4])}`, [lower, Math.max(0, 1 - lower - higher), higher].map(shareText).join(" \u00b7 ")];
    const name = make("th", { scope: "row" }, capital(outcome.label), " ", make("small", {}, `${outcome.unit}${outcome.measure === "sum" ? ", whole run" : outcome.measure === "mean" ? ", mean" : ", at the end"}`));
    return make("tr", { class: outcome.human ? "human" : null }, name, ...cells.map((cell, c) => make("td", { class: c === 2 ? "main" : null }, cell)));
  });
  return tableOf(`Middle of ${result.n} versions, and in brackets where ${LEXICON.words.range} lie. Differences are taken version by version.`, head, rows);
};
