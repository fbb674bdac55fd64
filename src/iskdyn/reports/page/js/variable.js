/** One variable laid open: what it is, its equation, what is known of it, and how the scenario moved it. */

import { capital, make, shortText, tableOf } from "./format.js";
import { monthWords } from "./months.js";

/**
 * @param {string} start @param {Record<string, string>} evidence @param {any} variable @param {any} before @param {any} after runs of all variables
 * @returns {HTMLElement}
 */
export const variableCard = (start, evidence, variable, before, after) => {
  const i = before.outputs.indexOf(variable.name), n = before.times.length, last = n - 1;
  const rows = i < 0 ? [] : [0, Math.floor(last / 2), last].map((t) => make("tr", {}, make("th", { scope: "row" }, monthWords(start, Math.max(0, before.times[t] - 0.01))),
    make("td", {}, shortText(before.values[i * n + t])), make("td", {}, shortText(after.values[i * n + t]))));
  const runs = rows.length ? tableOf("One run at the fitted values", ["", "as it was", "this scenario"], rows) : null;
  const facts = variable.evidence.map((/** @type {string} */ id) => make("li", {}, evidence[id]));
  return make("div", { class: "card" }, make("h3", {}, capital(variable.name)), make("p", {}, variable.says),
    make("p", { class: "equation" }, make("code", {}, `${variable.name} = ${variable.equation}`)), make("p", {}, `Unit: ${variable.unit || "none"}; ${kindWords(variable)}`),
    variable.number ? make("p", {}, numberWords(variable.number)) : null, runs, facts.length ? make("h4", {}, "What it rests on") : null, make("ul", {}, ...facts));
};

/** @param {any} variable */
const kindWords = (variable) => ({ stock: "a stock: it fills and drains.", constant: "a number that stays the same.", table: "a table of given values.", control: "a setting of the run." })[/** @type {"stock"} */ (variable.kind)] ?? "computed anew at every step.";

/** @param {any} number */
const numberWords = ({ prior, posterior, informed }) =>
  `Before the evidence ${shortText(prior[1])} (${shortText(prior[0])} to ${shortText(prior[2])}), after it ${shortText(posterior[1])} (${shortText(posterior[0])} to ${shortText(posterior[2])}). ` +
  (informed ? "The evidence informs this number." : "The evidence hardly informs this number: it rests on judgement.");
