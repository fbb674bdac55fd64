/** The tools below the charts: ranking, threshold, trade-off. Each runs only when asked. */

import { capital, make, shareText } from "./format.js";
import { findThreshold, rankLevers, rankingTable, searchEnds, thresholdWords } from "./ranking.js";
import { tradeoff } from "./tradeoff.js";

/** @param {any[]} items @param {(one: any) => string} text @param {Record<string, any>} attributes */
const chooser = (items, text, attributes) => make("select", attributes, ...items.map((one, i) => make("option", { value: i }, text(one))));

/** A label and its control. @param {string} text @param {any} control */
const labelled = (text, control) => make("label", {}, `${text} `, control);

/** The first outcome that is not a human cost. @param {any} data */
const firstOther = (data) => data.outcomes.findIndex((/** @type {any} */ one) => !one.human);

/** @typedef {{ ask: (changes: any) => Promise<any>, assumed: () => any, state: () => any, say: (text: string) => void }} Model */

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
    found = await rankLevers(data, { base: model.assumed(), until: model.state().until, ask: model.ask });
    button.disabled = false;
    show();
    model.say("The ranking is ready.");
  } }, "Rank the levers");
  of.addEventListener("change", show);
  return make("section", { "aria-labelledby": "ranking-title" }, make("h2", { id: "ranking-title" }, "Which lever moves it most?"),
    make("p", {}, "Each tactic and each part alone, from history: absent where history has it, fully used where history has it not. Human cost stands first."), make("p", { class: "row" }, labelled("Outcome", of), " ", button), out);
};

/** @param {any} data @param {Model} model @returns {HTMLElement} */
export const thresholdTool = (data, model) => {
  const levers = data.levers.filter((/** @type {any} */ one) => one.group !== "assumption" && one.default !== null && searchEnds(data, one).length);
  const which = chooser(levers, (one) => one.title, { id: "threshold-lever" }), of = chooser(data.outcomes, (one) => capital(one.label), { id: "threshold-outcome" });
  const way = make("select", { id: "threshold-way" }), sign = make("select", { id: "threshold-sign" }, make("option", { value: "lower" }, "lower"), make("option", { value: "higher" }, "higher"));
  const share = chooser([0.66, 0.8, 0.9, 0.99], shareText, { id: "threshold-share" }), out = make("p", { class: "result" });
  share.value = "1";
  const ends = () => way.replaceChildren(...searchEnds(data, levers[Number(which.value)]).map((one) => make("option", { value: one.end }, one.text)));
  which.addEventListener("change", ends);
  ends();
  const button = make("button", { type: "button", id: "threshold-run", onclick: async () => {
    const lever = levers[Number(which.value)], i = Number(of.value), wanted = [0.66, 0.8, 0.9, 0.99][Number(share.value)];
    const question = `${data.outcomes[i].label} ${sign.value} than in history in at least ${shareText(wanted)} of the draws`;
    button.disabled = true;
    out.textContent = "Running\u2026";
    const found = await findThreshold(lever, Number(way.value), (effects) => effects[i][sign.value], wanted, (value) => model.ask({ ...model.assumed(), [lever.name]: value }));
    button.disabled = false;
    out.textContent = thresholdWords(data, lever, found, question, i);
    model.say(out.textContent);
  } }, "Find the level");
  return make("section", { "aria-labelledby": "threshold-title" }, make("h2", { id: "threshold-title" }, "How much is enough?"),
    make("p", {}, "Ten levels are tried from history towards the end you choose, and the first that does it is named; often none does.", data.never_more.length ? ` Only ever searched downwards: ${data.never_more.join(", ")}.` : ""),
    make("p", { class: "row" }, labelled("Lever", which), " ", labelled("moved to", way), " ", labelled("until", of), " ", labelled("is", sign), " ", labelled("in at least", share), " of the draws. ", button), out);
};

/** @param {any} data @param {Model} model @returns {{ element: HTMLElement, saved: () => any[] }} */
export const tradeoffTool = (data, model) => {
  /** @type {{ name: string, changes: any }[]} */
  const saved = [{ name: "History as it was", changes: {} }];
  const human = data.outcomes.flatMap((/** @type {any} */ one, /** @type {number} */ i) => (one.human ? [i] : [])), others = data.outcomes.map((/** @type {any} */ _, /** @type {number} */ i) => i).filter((/** @type {number} */ i) => !human.includes(i));
  const across = chooser(human, (i) => capital(data.outcomes[i].label), { id: "tradeoff-across" }), up = chooser(others, (i) => capital(data.outcomes[i].label), { id: "tradeoff-up" });
  const name = make("input", { id: "tradeoff-name", type: "text", maxlength: 40, placeholder: "name of this scenario" }), out = make("div", { class: "result" });
  const draw = async () => {
    const points = [];
    for (const one of saved) points.push({ name: one.name, effects: (await model.ask({ ...model.assumed(), ...one.changes })).effects });
    out.replaceChildren(tradeoff(data, points, human[Number(across.value)], others[Number(up.value)]));
  };
  const keep = make("button", { type: "button", id: "tradeoff-keep", onclick: async () => {
    saved.push({ name: name.value.trim() || `Scenario ${saved.length}`, changes: { ...model.state().changes } });
    if (saved.length > 8) saved.splice(1, 1);
    name.value = "";
    await draw();
    model.say(`${saved[saved.length - 1].name} is kept.`);
  } }, "Keep this scenario");
  [across, up].forEach((one) => one.addEventListener("change", draw));
  const element = make("section", { "aria-labelledby": "tradeoff-title" }, make("h2", { id: "tradeoff-title" }, "Scenarios side by side"),
    make("p", {}, "Keep up to seven scenarios and see each against its human cost, with the range of nine draws in ten. No point is best: the page ranks none."),
    make("p", { class: "row" }, labelled("Name", name), " ", keep, " ", labelled("Human cost", across), " ", labelled("against", up)), out);
  return { element, saved: () => saved };
};
