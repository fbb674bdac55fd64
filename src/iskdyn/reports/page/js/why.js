/** "Why did it move?": the sketch with what changed, a list of it, and any variable laid open. */

import { make, scrolled, shareText } from "./format.js";
import { changeOf, drawDiagram } from "./diagram.js";
import { unsqueezed } from "./packed.js";
import { variableCard } from "./variable.js";

/**
 * @param {any} data
 * @param {(changes: any) => any} explain runs all variables at the fitted values
 * @param {{ state: () => any }} model
 */
export const whyTool = (data, explain, model) => {
  /** @type {Map<string, any>} */
  const byName = new Map(), which = make("select", { id: "why-view" });
  const picture = scrolled("structure of the model"), card = make("div", { class: "result", id: "why-card", tabindex: -1 });
  const moved = make("ol", { class: "moved-most" }), names = make("input", { id: "why-name", list: "why-names" });
  const list = make("datalist", { id: "why-names" });
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
    await open();
    before = explain({});
    after = explain(model.state().changes);
    const changes = changeOf(before, after), sorted = Object.entries(changes).filter((one) => one[1] >= 0.03).sort((a, b) => b[1] - a[1]).slice(0, 12);
    picture.replaceChildren(drawDiagram(known.views[Number(which.value)], changes, choose, (name) => byName.has(name)));
    moved.replaceChildren(...sorted.map(([name, change]) => make("li", {}, make("button", { type: "button", class: "plain", onclick: () => choose(name) }, name), ` by up to ${shareText(change)}`)));
    if (!sorted.length) moved.replaceChildren(make("li", {}, "nothing yet: move a lever"));
  };
  which.addEventListener("change", show);
  const element = make("details", { id: "why", ontoggle: show }, make("summary", {}, make("h2", {}, "Why did it move?")),
    make("p", {}, "The model's own drawing. The thicker and darker a link, the more the scenario changed what flows along it (over 3, 15 and 50 % of its size), in one run at the fitted values. Choose any name for its equation, what is known of it and what it rests on."),
    make("p", { class: "row" }, make("label", {}, "Part of the model ", which), " ", make("label", {}, "or a name ", names), list), picture, card, make("h3", {}, "Moved most"), moved);
  return { element, show };
};
