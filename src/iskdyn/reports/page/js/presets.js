/** The ready scenarios, in one list that names the one shown. */

import { make } from "./format.js";
import { movesIn, readyScenario } from "./state.js";

/**
 * @param {any} data @param {HTMLSelectElement} select @param {(changes: any) => void} load
 */
export const makePresets = (data, select, load) => {
  const tactics = data.levers.filter((/** @type {any} */ one) => one.group === "tactic");
  const absent = Object.fromEntries(tactics.map((/** @type {any} */ one) => [one.name, one.off]));
  select.append(make("option", { value: "" }, "your own"), make("option", { value: "history" }, "History as it was"), make("option", { value: "none" }, "Every tactic absent"),
    ...data.scenarios.flatMap((/** @type {any} */ one, /** @type {number} */ i) => (Object.keys(one.changes).length ? [make("option", { value: i, title: one.says }, one.title)] : [])));
  const choose = (/** @type {string} */ value) => {
    const chosen = value === "history" ? {} : value === "none" ? absent : data.scenarios[Number(value)]?.changes;
    if (value !== "" && chosen) load(chosen);
  };
  select.addEventListener("change", () => choose(select.value));
  return {
    choose: (/** @type {number} */ i) => choose(String(i)),
    /** Name what is shown. @param {any} changes */
    show: (changes) => {
      const names = Object.keys(movesIn(data.levers, changes)), ready = readyScenario(data, changes);
      const none = names.length === tactics.length && names.every((name) => changes[name] === absent[name]);
      select.value = !names.length ? "history" : none ? "none" : ready ? String(data.scenarios.indexOf(ready)) : "";
    },
  };
};
