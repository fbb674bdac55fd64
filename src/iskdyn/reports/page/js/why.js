/** "Why did it move?": the chain of causes in a sentence, the sketch with what changed, and any variable laid open. */

import { chainWords, measured, typicalOf } from "./chain.js";
import { capital, make, scrolled, shareText } from "./format.js";
import { changeOf, drawDiagram } from "./diagram.js";
import { unsqueezed } from "./packed.js";
import { variableCard } from "./variable.js";
import { movedMost } from "./words.js";

/* global MODEL */

/**
 * @param {any} data
 * @param {(changes: any) => any} explain runs all variables at the fitted values
 * @param {{ state: () => any }} model
 * @param {() => any} shown what the page tells: state, result, changed and ready scenario
 */
export const whyTool = (data, explain, model, shown) => {
  /** @type {Map<string, any>} */
  const byName = new Map(), which = make("select", { id: "why-view" });
  const picture = scrolled("structure of the model"), card = make("div", { class: "result", id: "why-card", tabindex: -1 });
  const moved = make("ol", { class: "moved-most" }), names = make("input", { id: "why-name", list: "why-names" });
  const list = make("datalist", { id: "why-names" });
  const of = make("select", { id: "why-outcome" }, make("option", { value: "" }, "what moves most"), ...data.outcomes.map((/** @type {any} */ one, /** @type {number} */ i) => make("option", { value: i }, one.label)));
  const chain = make("div", { id: "why-chain", role: "status" });
  let asked = 0;
  /** The sentence, once the page has drawn what it has. */
  const explained = () => {
    const mine = ++asked, now = shown();
    if (!now?.changed.length) return chain.replaceChildren(make("p", {}, "As it was: bend a curve, then it is told here which way the change went."));
    chain.replaceChildren(make("p", {}, "computing\u2026"));
    setTimeout(() => { if (mine === asked) chain.replaceChildren(...told(now)); }, 0);
  };
  const told = (/** @type {any} */ { state, result, changed, ready }) => {
    const i = of.value === "" ? movedMost(data, result.effects) : Number(of.value), outcome = i === null ? null : data.outcomes[i];
    if (!outcome) return [make("p", {}, "No outcome moves clearly: the versions disagree, or it hardly moves.")];
    const [sentence, share] = chainWords(data, outcome, result.effects[i], (size) => {
      const { version, values } = typicalOf(MODEL.simulate, data, state.changes, state.until, outcome, size);
      chain.dataset.version = String(version);
      return measured(MODEL.explain, data, values, state.changes, state.until, outcome);
    });
    const note = "The last number is the middle of the versions; the steps are those of the version nearest to it, each tried by holding it as it was.";
    return [make("p", {}, make("b", {}, `${capital(outcome.label)}. `), `${ready?.title ?? changed.join("; ")}.`), make("p", { class: "chain" }, sentence), ...(share ? [make("p", { class: "key" }, `${share} ${note}`)] : [])];
  };
  /** @type {any} */
  let before = null, after = null, known = null;
  const open = async () => {
    if (known) return;
    known = await unsqueezed(data.why);
    for (const one of known.variables) byName.set(one.name, one);
    which.replaceChildren(...known.views.map((/** @type {any} */ one, /** @type {number} */ i) => make("option", { value: i }, one.name)));
    list.replaceChildren(...known.variables.map((/** @type {any} */ one) => make("option", { value: one.name })));
  };
  const choose = (/** @type {string} */ name) => {
    const variable = byName.get(name);
    if (!variable || !before) return;
    card.replaceChildren(variableCard(data.clock.start, known.evidence, variable, before, after));
    card.focus({ preventScroll: false });
  };
  names.addEventListener("change", () => choose(names.value));
  const show = async () => {
    if (!element.open) return;
    explained();
    await open();
    before = explain({});
    after = explain(model.state().changes);
    const changes = changeOf(before, after), sorted = Object.entries(changes).filter((one) => one[1] >= 0.03).sort((a, b) => b[1] - a[1]).slice(0, 12);
    picture.replaceChildren(drawDiagram(known.views[Number(which.value)], changes, choose, (name) => byName.has(name)));
    moved.replaceChildren(...sorted.map(([name, change]) => make("li", {}, make("button", { type: "button", class: "plain", onclick: () => choose(name) }, name), ` by up to ${shareText(change)}`)));
    if (!sorted.length) moved.replaceChildren(make("li", {}, "nothing yet: move a lever"));
  };
  which.addEventListener("change", show);
  of.addEventListener("change", explained);
  const element = make("details", { id: "why", ontoggle: show }, make("summary", {}, make("h2", {}, "Why did it move?")),
    make("p", { class: "row" }, make("label", {}, "Explain ", of)), chain, make("h3", {}, "Where in the model"),
    make("p", {}, "The model's own drawing. The thicker and darker a link, the more the scenario changed what flows along it (over 3, 15 and 50 % of its size), in one run at the fitted values. Choose any name for its equation, what is known of it and what it rests on."),
    make("p", { class: "row" }, make("label", {}, "Part of the model ", which), " ", make("label", {}, "or a name ", names), list), picture, card, make("h3", {}, "Moved most"), moved);
  return { element, show };
};
