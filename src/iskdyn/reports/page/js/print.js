/** The scenario on paper: its own markup, with words, numbers, pictures, code and sources. */

import { capital, make } from "./format.js";
import { LEXICON } from "./lexicon.js";
import { monthWords } from "./months.js";
import { outcomesTable } from "./table.js";

/**
 * @param {any} data @param {any} shown what the page shows: state, result, words, changed, code
 * @param {SVGElement[]} pictures of the charts
 * @returns {HTMLElement[]}
 */
export const printed = (data, { state, result, words, changed, code, ready }, pictures) => {
  const list = (/** @type {string[]} */ lines) => make("ul", {}, ...lines.map((line) => make("li", {}, line)));
  const charts = data.outcomes.map((/** @type {any} */ outcome, /** @type {number} */ i) => {
    pictures[i].querySelectorAll("[tabindex]").forEach((one) => one.removeAttribute("tabindex"));
    return make("figure", { class: outcome.human ? "human" : null }, make("figcaption", {}, make("strong", {}, capital(outcome.label)), ` ${outcome.rate}`), pictures[i]);
  });
  const sources = data.outcomes.flatMap((/** @type {any} */ outcome) => data.reported[outcome.name].map((/** @type {any} */ one) => `${one.says} (${one.source}; ${one.leaning}; ${one.place})`));
  return [
    make("h1", {}, data.title), make("p", {}, make("strong", {}, "A counterfactual, not a forecast."), ` Run to ${monthWords(data.clock.start, state.until - 0.5)}. Model ${data.model}.`),
    ...standing(data).map((line) => make("p", { class: "warning" }, line)),
    make("h2", {}, "What was changed"), ready && changed.length ? make("p", {}, make("strong", {}, ready.title), `: ${ready.says}`) : null, changed.length ? list(changed) : make("p", {}, "Nothing: this is history as it was."),
    make("h2", {}, "What the model expects"), make("p", {}, words.opening), list([...words.human, ...words.others]),
    outcomesTable(data, result), make("h2", {}, "Over time"),
    make("p", {}, `Dark line: middle version${state.view === "difference" ? " of the difference from history" : "; dashed: history"}. Dark band: ${LEXICON.words.half} of the versions; pale band: ${LEXICON.words.range}. Framed bars: what sources report.`),
    make("div", { class: "charts" }, ...charts), make("h2", {}, "What is compared with"), make("p", { class: "sources" }, sources.join(" \u00b7 ")), make("p", {}, `All from: ${data.source}.`),
    make("h2", {}, "Limits"), list(data.limits), make("h2", {}, "Scenario code"), make("p", { class: "code" }, code),
  ].filter((one) => one !== null);
};

/** What speaks against the numbers, in words. @param {any} data @returns {string[]} */
export const standing = (data) => [
  ...(data.kind === "posterior" ? [] : ["The versions approximate what is known; they are not those of an accepted posterior."]),
  ...(data.stale.length ? ["The numbers behind this page were computed from an earlier state of the model or its evidence. They are shown for trial, not for citing."] : []),
  ...(data.banner ? [data.banner] : []),
];
