/** Which lever moves an outcome most, one at a time from history. */

import { capital, draw, make, shareText, shortText, tableOf } from "./format.js";
import { LEXICON } from "./lexicon.js";
import { differenceText } from "./words.js";

/** What "used differently" means for a lever: absent where history has it, else fully used. @param {any} lever */
const opposite = (lever) => (lever.default === lever.off ? lever.high : lever.off);

/**
 * @param {any} data @param {(changes: any) => Promise<any>} ask
 * @returns {Promise<{ lever: any, value: number, effects: any[] }[]>}
 */
export const rankLevers = async (data, ask) => {
  const levers = data.levers.filter((/** @type {any} */ lever) => ["tactic", "sub-lever"].includes(lever.group)), found = [];
  for (const lever of levers) {
    const value = opposite(lever), result = await ask({ [lever.name]: value });
    found.push({ lever, value, effects: result.effects });
  }
  return found;
};

/** @param {any} data @param {any[]} found @param {number} i outcome @returns {HTMLElement} */
export const rankingTable = (data, found, i) => {
  const outcome = data.outcomes[i], harm = data.outcomes.findIndex((/** @type {any} */ one) => one.human);
  const sorted = [...found].sort((a, b) => Math.abs(b.effects[i].difference[2]) - Math.abs(a.effects[i].difference[2]));
  const most = Math.max(1e-12, ...sorted.flatMap((one) => [Math.abs(one.effects[i].difference[0]), Math.abs(one.effects[i].difference[4])]));
  const rows = sorted.map(({ lever, value, effects }) => {
    const five = effects[i].difference, x = (/** @type {number} */ v) => 60 + (v / most) * 56;
    const bar = draw("svg", { viewBox: "0 0 120 16", class: "whisker", "aria-hidden": "true" }, draw("path", { d: "M60 0V16", class: "rule" }),
      draw("path", { d: `M${x(five[0])} 8H${x(five[4])}`, class: "thin" }), draw("path", { d: `M${x(five[1])} 8H${x(five[3])}`, class: "thick" }), draw("circle", { cx: x(five[2]), cy: 8, r: 3 }));
    const told = (/** @type {number} */ k) => { const { text, range } = differenceText(data.outcomes[k], effects[k]); return make("td", {}, range ? `${text} (${range})` : text); };
    return make("tr", {}, make("th", { scope: "row" }, capital(lever.title), make("small", {}, value === lever.off ? "absent" : `at ${shortText(value)}`)),
      told(harm), told(i), make("td", {}, bar), make("td", {}, shareText(effects[i].lower)));
  });
  const head = ["One lever at a time", capital(data.outcomes[harm].label), capital(outcome.label), "", "lower in"];
  return tableOf(`Difference from history in ${outcome.unit}; middle version, and where ${LEXICON.words.range} lie.`, head, rows);
};
