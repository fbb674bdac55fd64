/** The tool below the charts that ranks the levers; it runs only when asked. */

import { capital, make } from "./format.js";
import { rankLevers, rankingTable } from "./ranking.js";

/** @param {any[]} items @param {(one: any) => string} text @param {Record<string, any>} attributes */
const chooser = (items, text, attributes) => make("select", attributes, ...items.map((one, i) => make("option", { value: i }, text(one))));

/** A label and its control. @param {string} text @param {any} control */
const labelled = (text, control) => make("label", {}, `${text} `, control);

/** The first outcome that is not a human cost. @param {any} data */
const firstOther = (data) => data.outcomes.findIndex((/** @type {any} */ one) => !one.human);

/** @typedef {{ ask: (request: any) => Promise<any>, state: () => any, say: (text: string) => void }} Model */

/** @param {any} data @param {Model} model @returns {HTMLElement} */
export const rankingTool = (data, model) => {
  const of = chooser(data.outcomes, (one) => capital(one.label), { id: "ranking-outcome" }), out = make("div", { class: "result" });
  /** @type {any[] | null} */
  let found = null;
  of.value = String(firstOther(data));
  const show = () => found && out.replaceChildren(rankingTable(data, found, Number(of.value)));
  const button = make("button", { type: "button", id: "ranking-run", onclick: async () => {
    button.disabled = true;
    out.textContent = "Running\u2026";
    found = await rankLevers(data, (changes) => model.ask({ changes, base: {} }));
    button.disabled = false;
    show();
    model.say("The ranking is ready.");
  } }, "Rank the levers");
  of.addEventListener("change", () => { if (out.childElementCount) show(); }); // not what was of other versions
  return make("section", { "aria-labelledby": "ranking-title" }, make("h2", { id: "ranking-title" }, "Which lever moves it most?"),
    make("p", {}, "Each tactic and each part alone, from history: absent where history has it, fully used where history has it not. What it does to the first human cost stands first."), make("p", { class: "row" }, labelled("Outcome", of), " ", button), out);
};
