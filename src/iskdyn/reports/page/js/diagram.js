/** The model's own sketch: links thick where the scenario changed most what flows along them. */

import { draw } from "./format.js";

const LEADING = 12.5;

/** @param {number} change relative @returns {number} 0 to 3 */
export const thickness = (change) => (change >= 0.5 ? 3 : change >= 0.15 ? 2 : change >= 0.03 ? 1 : 0);

/**
 * How much each variable differs between two runs: the largest difference over the largest value.
 * @param {{ outputs: string[], times: number[], values: Float64Array }} before
 * @param {{ values: Float64Array }} after
 * @returns {Record<string, number>}
 */
export const changeOf = (before, after) => {
  /** @type {Record<string, number>} */
  const found = {}, n = before.times.length;
  before.outputs.forEach((name, i) => {
    let size = 0, difference = 0;
    for (let t = 0; t < n; t++) {
      const a = before.values[i * n + t], b = after.values[i * n + t];
      size = Math.max(size, Math.abs(a), Math.abs(b));
      difference = Math.max(difference, Math.abs(a - b));
    }
    found[name] = size > 1e-9 ? difference / size : 0;
  });
  return found;
};

/** @param {string} text @param {number} letters @returns {string[]} */
const wrapped = (text, letters) => {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last && last.length + word.length + 1 > letters) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines;
};

/**
 * @param {any} view @param {Record<string, number>} changes @param {(name: string) => void} choose
 * @param {(name: string) => boolean} known
 * @returns {SVGElement}
 */
export const drawDiagram = (view, changes, choose, known) => {
  /** @type {Map<number, any[]>} */
  const places = new Map(view.symbols.map((/** @type {any[]} */ one) => [one[0], one]));
  const flowAt = (/** @type {any[]} */ valve) => view.symbols.find((/** @type {any[]} */ one) => one[1] === "variable" && Math.abs(one[3] - valve[3]) <= 4 && one[4] > valve[4] && one[4] - valve[4] < 45);
  const changeAt = (/** @type {any[] | undefined} */ symbol) => {
    const flow = symbol && symbol[1] === "valve" ? flowAt(symbol) : symbol;
    return flow ? changes[flow[2]] ?? 0 : 0;
  };
  const arrows = view.arrows.map((/** @type {any[]} */ arrow) => drawArrow(arrow, places, changeAt));
  const xs = view.symbols.flatMap((/** @type {any[]} */ one) => [one[3] - one[5], one[3] + one[5]]), ys = view.symbols.flatMap((/** @type {any[]} */ one) => [one[4] - one[6], one[4] + one[6]]);
  const left = Math.min(...xs) - 20, top = Math.min(...ys) - 20, width = Math.max(...xs) + 20 - left, height = Math.max(...ys) + 20 - top;
  return draw("svg", { viewBox: `${left} ${top} ${width} ${height}`, width, height, class: "diagram", role: "group", "aria-label": `Structure: ${view.name}` },
    draw("defs", {}, draw("marker", { id: "head", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse", markerUnits: "userSpaceOnUse" }, draw("path", { d: "M0 0L8 4L0 8z" }))),
    ...arrows, ...view.symbols.map((/** @type {any[]} */ one) => drawSymbol(one, changes, choose, known)));
};

/** @param {any[]} arrow @param {Map<number, any[]>} places @param {(symbol: any) => number} changeAt */
const drawArrow = ([from, to, hx, hy, pipe, polarity, head], places, changeAt) => {
  const a = /** @type {any[]} */ (places.get(from)), b = /** @type {any[]} */ (places.get(to));
  const middle = [(a[3] + b[3]) / 2, (a[4] + b[4]) / 2], handle = hx || hy ? [hx, hy] : middle;
  const bend = pipe ? handle : [2 * handle[0] - middle[0], 2 * handle[1] - middle[1]];
  const tail = edge(a, bend), tip = edge(b, bend), level = thickness(changeAt(a));
  const path = draw("path", { d: `M${tail[0]} ${tail[1]}Q${bend[0]} ${bend[1]} ${tip[0]} ${tip[1]}`, class: `${pipe ? "pipe" : "link"} t${level}`, "marker-end": head ? "url(#head)" : null });
  const sign = polarity ? draw("text", { x: tip[0] + (bend[0] - tip[0]) * 0.12 + 7, y: tip[1] + (bend[1] - tip[1]) * 0.12 - 4, class: "sign" }, polarity === "-" ? "\u2212" : "+") : null;
  return sign ? draw("g", {}, path, sign) : path;
};

/** Where the line from a symbol's middle to a point leaves its box. @param {any[]} symbol @param {number[]} towards */
const edge = (symbol, towards) => {
  const dx = towards[0] - symbol[3], dy = towards[1] - symbol[4], w = symbol[5] + 3, h = symbol[6] + 3;
  const scale = Math.min(dx ? w / Math.abs(dx) : Infinity, dy ? h / Math.abs(dy) : Infinity, 1);
  return [Math.round(symbol[3] + dx * scale), Math.round(symbol[4] + dy * scale)];
};

/** @param {any[]} symbol @param {Record<string, number>} changes @param {(name: string) => void} choose @param {(name: string) => boolean} known */
const drawSymbol = ([, kind, name, x, y, w, h, ghost], changes, choose, known) => {
  if (kind === "valve") return draw("path", { d: `M${x - 6} ${y - 8}h12l-12 16h12z`, class: "valve" });
  if (kind === "cloud") return draw("circle", { cx: x, cy: y, r: 8, class: "cloud" });
  const lines = wrapped(ghost && kind === "variable" ? `\u2039${name}\u203a` : name, Math.max(8, Math.floor((2 * w) / 5.2)));
  const tall = Math.max(24, lines.length * LEADING + 6), wide = Math.max(24, 2 * w);
  const text = draw("text", { "text-anchor": "middle" }, ...lines.map((line, i) => draw("tspan", { x, y: y + 4 + (i - (lines.length - 1) / 2) * LEADING }, line)));
  const box = draw("rect", { x: x - wide / 2, y: y - Math.max(tall, 2 * h * (kind === "stock" ? 1 : 0)) / 2, width: wide, height: Math.max(tall, kind === "stock" ? 2 * h : 0), rx: 2 });
  if (!known(name)) return draw("g", { class: "note" }, text);
  const level = thickness(changes[name] ?? 0), go = () => choose(name);
  return draw("g", { class: `variable ${kind}${ghost ? " ghost" : ""} c${level}`, role: "button", tabindex: 0, "aria-label": `${name}${level ? ", changed" : ""}`,
    onclick: go, onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); go(); } } }, box, text);
};
