/** What stays beside the finger: the first human cost, one chosen outcome, and the sentence that tells both. */

import { makeChart } from "./chart.js";
import { capital, make } from "./format.js";
import { costOf, effectSentence, movedMost, othersOf, verdictOf } from "./words.js";

/**
 * @param {any} data
 * @returns {any} `element`, `show`, `size`, `cursor` and `tell`
 */
export const makeFocus = (data) => {
  const cost = costOf(data), others = othersOf(data);
  const chartOf = (/** @type {number} */ i) => {
    const found = makeChart(data.outcomes[i], data.reported[data.outcomes[i].name], data.clock);
    found.element.querySelector(".panel").setAttribute("aria-label", `reports on ${data.outcomes[i].label}, beside the levers`); // each chart stands below too
    return found;
  };
  const costs = chartOf(cost), holder = make("div", { class: "holder" });
  const verdict = make("div", { id: "verdict" });
  /** The outcome that a reader chose; null: the one that moves most. @type {number | null} */
  let wanted = null;
  let chosen = others[0], chart = chartOf(chosen);
  /** @type {any[] | null} */
  let last = null;
  const put = (/** @type {number} */ i) => {
    if (i !== chosen) { chosen = i; chart = chartOf(i); }
    holder.replaceChildren(chart.element);
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(Number(button.dataset.outcome) === chosen)));
    follow.setAttribute("aria-pressed", String(wanted === null));
    chart.size();
    if (last) chart.show(last[0], chosen, last[1], last[2]);
  };
  const buttons = others.map((/** @type {number} */ i) => make("button", { type: "button", "data-outcome": i, onclick: () => { wanted = i; put(i); if (told) tell(...told); } }, capital(data.outcomes[i].label)));
  const follow = make("button", { type: "button", id: "follow", title: "Show the outcome that the change moves most", onclick: () => { wanted = null; if (last) put(movedMost(data, last[0].effects) ?? chosen); if (told) tell(...told); } }, "What moves most");
  const element = make("section", { id: "focus", "aria-label": "What it does" }, costs.element, make("div", { class: "tabs", role: "group", "aria-label": "Outcome shown" }, follow, ...buttons), holder, verdict);
  /** @type {any[] | null} */
  let told = null;

  /** The sentence: what was changed, its human cost, the outcome shown. @param {string[]} changed @param {any} result @param {HTMLElement | null} notice */
  const tell = (changed, result, notice) => {
    told = [changed, result, notice];
    const lines = changed.length ? [effectSentence(data.outcomes[cost], result.effects[cost]), effectSentence(data.outcomes[chosen], result.effects[chosen])] : [];
    const also = changed.length ? data.outcomes.flatMap((/** @type {any} */ one, /** @type {number} */ i) => (one.human && i !== cost && ["fewer", "more"].includes(verdictOf(one, result.effects[i])) ? [effectSentence(one, result.effects[i])] : [])) : [];
    verdict.replaceChildren(...[
      make("p", { class: "changed" }, result.seen ? make("b", {}, `${capital(result.seen)}. `) : null, changed.length ? `${changed.join("; ")}${result.n < data.n ? ` (${result.n} of ${data.n} versions while it moves)` : ""}` : "As it was. Bend a curve to ask what would have been different."),
      lines.length ? make("p", { class: "cost" }, lines[0]) : null, lines.length ? make("p", { class: "effect" }, lines[1]) : null,
      also.length ? make("p", { class: "also" }, also.join(" ")) : null, notice].filter((one) => one !== null));
  };

  put(chosen);
  return {
    element,
    tell,
    /** @param {import("./types.js").Result} result @param {boolean} difference @param {number} from @param {boolean} final */
    show: (result, difference, from, final) => {
      last = [result, difference, from];
      costs.show(result, cost, difference, from);
      const next = final && wanted === null ? movedMost(data, result.effects) ?? chosen : chosen;
      if (next === chosen) chart.show(result, chosen, difference, from);
      else put(next);
    },
    size: () => { costs.size(); chart.size(); },
    cursor: (/** @type {number} */ time) => { costs.cursor(time); chart.cursor(time); },
  };
};
