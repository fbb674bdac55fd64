/** Saved scenarios as points: human cost along, another outcome up, both with their intervals. */

import { capital, draw, make, numberText, shortText } from "./format.js";
import { ticks } from "./scale.js";

const W = 560, H = 300, L = 64, R = 150, T = 12, B = 44;

/**
 * @param {any} data @param {{ name: string, effects: any[] }[]} saved @param {number} i human cost @param {number} j outcome
 * @returns {HTMLElement}
 */
export const tradeoff = (data, saved, i, j) => {
  const [across, up] = [data.outcomes[i], data.outcomes[j]];
  const axis = (/** @type {number} */ k) => {
    const values = saved.flatMap((one) => [one.effects[k].scenario[0], one.effects[k].scenario[4]]);
    return ticks(Math.min(0, ...values), Math.max(1e-9, ...values), 4);
  };
  const xs = axis(i), ys = axis(j), span = (/** @type {number[]} */ v) => v[v.length - 1] - v[0];
  const x = (/** @type {number} */ v) => L + ((v - xs[0]) / span(xs)) * (W - L - R), y = (/** @type {number} */ v) => H - B - ((v - ys[0]) / span(ys)) * (H - B - T);
  const picture = draw("svg", { viewBox: `0 0 ${W} ${H}`, class: "tradeoff", role: "img", "aria-label": `${capital(across.label)} against ${up.label} for ${saved.length} scenarios; the numbers follow in the table` },
    ...xs.map((v) => draw("text", { x: x(v), y: H - B + 16, "text-anchor": "middle" }, shortText(v))), ...ys.map((v) => draw("text", { x: L - 6, y: y(v) + 4, "text-anchor": "end" }, shortText(v))),
    draw("path", { class: "rule", d: `M${L} ${T}V${H - B}H${W - R}` }), draw("text", { x: (L + W - R) / 2, y: H - 8, "text-anchor": "middle" }, `${capital(across.label)} (${across.unit})`),
    draw("text", { x: 14, y: (T + H - B) / 2, "text-anchor": "middle", transform: `rotate(-90 14 ${(T + H - B) / 2})` }, capital(up.label)),
    ...saved.map((one, k) => {
      const a = one.effects[i].scenario, b = one.effects[j].scenario;
      return draw("g", { class: `point p${k % 4}` }, draw("path", { d: `M${x(a[0])} ${y(b[2])}H${x(a[4])}M${x(a[2])} ${y(b[0])}V${y(b[4])}` }), draw("circle", { cx: x(a[2]), cy: y(b[2]), r: 4 }),
        draw("text", { x: W - R + 12, y: T + 16 + k * 18 }, `${k + 1} ${one.name}`.slice(0, 26)), draw("text", { x: x(a[2]) + 6, y: y(b[2]) - 6 }, String(k + 1)));
    }));
  const cell = (/** @type {any} */ outcome, /** @type {number[]} */ five) => make("td", {}, `${numberText(five[2], outcome.digits)} (${numberText(five[0], outcome.digits)} to ${numberText(five[4], outcome.digits)})`);
  const table = make("table", {}, make("thead", {}, make("tr", {}, ...["Scenario", capital(across.label), capital(up.label)].map((text) => make("th", { scope: "col" }, text)))),
    make("tbody", {}, ...saved.map((one, k) => make("tr", {}, make("th", { scope: "row" }, `${k + 1} ${one.name}`), cell(across, one.effects[i].scenario), cell(up, one.effects[j].scenario)))));
  return make("div", {}, picture, table);
};
