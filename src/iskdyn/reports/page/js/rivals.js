/** Why something fell: rival causes switched off in every version, alone and together. */

import { make, shareText, tableOf } from "./format.js";
import { LEXICON } from "./lexicon.js";

/**
 * As in the report: each cause alone absent, each alone present, none present.
 * @param {Record<string, string>} switches words of a cause, and the number that turns it off at 0
 * @returns {[string, Record<string, number>][]}
 */
export const rivalArms = (switches) => {
  const causes = Object.entries(switches), off = (/** @type {string[]} */ names) => Object.fromEntries(names.map((name) => [name, 0]));
  const arms = /** @type {[string, Record<string, number>][]} */ ([["all at work", {}], ...causes.map(([words, name]) => [`without ${words}`, off([name])])]);
  if (causes.length < 2) return arms;
  return [...arms, ...causes.map(([words, name]) => /** @type {[string, Record<string, number>]} */ ([`with ${words} alone`, off(Object.values(switches).filter((one) => one !== name))])), ["with none of them", off(Object.values(switches))]];
};

/**
 * @param {any} data @param {{ ask: (request: any) => Promise<any>, say: (text: string) => void }} model
 * @returns {HTMLElement[]} a section for each decline
 */
export const rivalTools = (data, model) => data.rivals.map((/** @type {any} */ rivals, /** @type {number} */ k) => {
  const out = make("div", { class: "result" }), index = data.outcomes.findIndex((/** @type {any} */ one) => one.name === rivals.outcome);
  const run = async () => {
    const rows = [];
    out.textContent = "Running\u2026";
    for (const [words, changes] of rivalArms(rivals.switches)) {
      const { fall } = await model.ask({ changes, base: {}, until: data.clock.history, fall: { index, before: rivals.before, after: rivals.after } });
      rows.push(make("tr", {}, make("th", { scope: "row" }, words), make("td", {}, shareText(fall[2])), make("td", {}, `${shareText(fall[0])} to ${shareText(fall[4])}`)));
    }
    out.replaceChildren(tableOf(null, ["Causes at work in the model", "Fall", `${LEXICON.words.range} versions`], rows));
    model.say("The causes are tried.");
  };
  return make("section", { "aria-labelledby": `rivals-${k}` }, make("h2", { id: `rivals-${k}` }, rivals.title), make("p", {}, rivals.words), make("p", { class: "row" }, make("button", { type: "button", id: `rivals-${k}-run`, onclick: run }, "Try each cause")), out);
});
