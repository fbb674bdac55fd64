/** One outcome over time as SVG: bands, middle, history dashed, and what the sources report. */

import { LEVELS } from "./statistics.js";
import { monthTicks, ticks } from "./scale.js";
import { capital, draw, make, numberText, shareText, shortText, signedText } from "./format.js";
import { monthWords } from "./months.js";
import { isPast, reportWords, reportsPanel } from "./reported.js";

const LEFT = 40, RIGHT = 8, TOP = 6, BOTTOM = 18;

/** @param {number} value */
const px = (value) => Math.round(value * 10) / 10;

/**
 * @param {any} outcome @param {import("./types.js").Report[]} reports @param {any} clock
 * @returns {any} with `element`, `show`, `size` and `cursor`
 */
export const makeChart = (outcome, reports, clock) => {
  const layer = Object.fromEntries(["grid", "marks", "wide", "narrow", "lines", "history", "middle", "split", "cursor"].map((name) =>
    [name, draw(["grid", "marks"].includes(name) ? "g" : "path", { class: name })]));
  const shapes = draw("g", { "aria-hidden": "true" }, layer.grid, layer.wide, layer.narrow, layer.lines, layer.history, layer.middle, layer.split, layer.cursor);
  const svg = draw("svg", { role: "group", "aria-label": outcome.label }, shapes, layer.marks);
  const words = make("p", { class: "read" }), title = make("strong", {}, capital(outcome.label));
  const unit = make("span", { class: "unit" }, outcome.rate), panel = reportsPanel(outcome, reports, clock);
  const element = make("figure", { class: outcome.human ? "chart human" : "chart" },
    make("figcaption", {}, title, " ", unit), svg, words, panel.element);
  let width = 240, height = 90, low = 0, high = 1, until = clock.history, at = Infinity;
  /** @type {any} */
  let shown = null;
  let axis = "", faded = Infinity, levels = [0, 1];

  const x = (/** @type {number} */ time) => LEFT + (time / until) * (width - LEFT - RIGHT);
  const y = (/** @type {number} */ value) => height - BOTTOM - ((value - low) / (high - low)) * (height - BOTTOM - TOP);
  const path = (/** @type {ArrayLike<number>} */ values, /** @type {number} */ from) => {
    let text = "";
    for (let t = 0; t < shown.times.length; t++) text += `${t ? "L" : "M"}${px(x(shown.times[t]))} ${px(y(values[from + t]))}`;
    return text;
  };
  const band = (/** @type {Float64Array} */ values, /** @type {number} */ below, /** @type {number} */ above) => {
    let text = path(values, above);
    for (let t = shown.times.length - 1; t >= 0; t--) text += `L${px(x(shown.times[t]))} ${px(y(values[below + t]))}`;
    return text + "Z";
  };

  const drawAxes = () => {
    const key = [width, height, low, high, until, shown.difference].join();
    if (key === axis) return;
    axis = key;
    layer.grid.replaceChildren(
      ...levels.flatMap((value) => [
        draw("path", { d: `M${LEFT} ${px(y(value))}H${width - RIGHT}`, class: value === 0 ? "zero" : "rule" }),
        draw("text", { x: LEFT - 4, y: px(y(value) + 3.5), "text-anchor": "end" }, shortText(value)),
      ]),
      ...monthTicks(clock.start, until, width).flatMap(({ time, text }, i) => [
        draw("path", { d: `M${px(x(time))} ${height - BOTTOM}v3`, class: "rule" }),
        draw("text", { x: px(x(time)), y: height - 4, "text-anchor": i ? "middle" : "start" }, text),
      ]),
    );
    layer.split.setAttribute("d", clock.split && clock.split < until ? `M${px(x(clock.split))} ${TOP}V${height - BOTTOM}` : "");
    drawMarks();
  };

  const drawMarks = () => {
    const marks = shown.difference ? [] : reports.filter((one) => one.start < until);
    layer.marks.replaceChildren(...marks.map((one) => {
      const top = y(Math.min(one.high ?? high, high)), bottom = y(Math.max(one.low ?? low, low));
      const left = x(one.start), right = Math.max(x(Math.min(one.end, until)), left + 3);
      const said = reportWords(one, clock, isPast(one, faded));
      return draw("g", { class: `mark${one.held ? " held" : ""}${isPast(one, faded) ? " past" : ""}`, role: "img", "aria-label": said, tabindex: 0,
        onfocus: () => { words.textContent = said; }, onmouseenter: () => { words.textContent = said; },
        onblur: read, onmouseleave: read, onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && read() },
      draw("rect", { x: px(left), y: px(top), width: px(right - left), height: px(Math.max(bottom - top, 1.5)) }),
      ...[[one.high, top], [one.low, bottom]].filter((edge) => edge[0] !== null).map((edge) =>
        draw("path", { d: `M${px(left)} ${px(/** @type {number} */ (edge[1]))}H${px(right)}` })));
    }));
  };

  const read = () => {
    if (!shown) return;
    const n = shown.times.length, t = at === Infinity ? n - 1 : shown.times.findIndex((/** @type {number} */ one) => one >= Math.min(at, until) - 1e-9);
    const value = (/** @type {number} */ q) => shown.bands[shown.offset + q * n + t];
    const text = shown.difference ? (/** @type {number} */ v) => signedText(v, outcome.digits) : (/** @type {number} */ v) => numberText(v, outcome.digits);
    const then = numberText(shown.base[shown.offset + 2 * n + t], outcome.digits);
    const agreed = shown.difference && at === Infinity ? `; whole run lower in ${shareText(shown.effects[shown.index].lower)} of draws` : "";
    const history = shown.difference || then === text(value(2)) ? "" : `; was ${then}`;
    words.textContent = `${monthWords(clock.start, Math.max(0, shown.times[t] - 0.01))}: ${text(value(2))} (${text(value(0))} to ${text(value(4))})${history}${agreed}`;
    layer.cursor.setAttribute("d", at === Infinity ? "" : `M${px(x(shown.times[t]))} ${TOP}V${height - BOTTOM}`);
  };

  const extent = () => {
    const n = shown.times.length, from = shown.offset;
    let least = 0, most = 0;
    for (let t = 0; t < n; t++) {
      least = Math.min(least, shown.bands[from + t], shown.difference ? 0 : shown.base[from + t]);
      most = Math.max(most, shown.bands[from + 4 * n + t], shown.difference ? 0 : shown.base[from + 2 * n + t]);
    }
    if (!shown.difference) for (const one of reports) if (one.start < until) most = Math.max(most, one.high ?? one.low ?? 0);
    levels = ticks(least, most === least ? least + 1 : most, height > 130 ? 4 : 2);
    low = levels[0];
    high = levels[levels.length - 1];
  };

  const paint = () => {
    if (!shown) return;
    const n = shown.times.length, from = shown.offset;
    until = shown.times[n - 1];
    extent();
    drawAxes();
    layer.wide.setAttribute("d", band(shown.bands, from, from + 4 * n));
    layer.narrow.setAttribute("d", band(shown.bands, from + n, from + 3 * n));
    layer.middle.setAttribute("d", path(shown.bands, from + 2 * n));
    layer.history.setAttribute("d", shown.difference ? "" : path(shown.base, from + 2 * n));
    let lines = "";
    for (let i = 0; i < shown.nLines; i++) lines += path(shown.lines, (shown.index * shown.nLines + i) * n);
    layer.lines.setAttribute("d", lines);
    read();
  };

  /** @param {number} wide @param {number} tall in pixels */
  const fit = (wide, tall) => {
    [width, height, axis] = [Math.round(wide), Math.round(tall), ""];
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    paint();
  };
  const size = () => {
    const box = svg.getBoundingClientRect();
    if (box.width >= 20) fit(box.width, box.height);
  };

  return {
    element,
    size,
    /** A picture of its own size, for paper. @param {number} wide @param {number} tall @returns {SVGElement} */
    picture: (wide, tall) => {
      const before = [width, height];
      fit(wide, tall);
      const copy = svg.cloneNode(true);
      fit(before[0], before[1]);
      return copy;
    },
    /** @param {import("./types.js").Result} result @param {number} index @param {boolean} difference @param {number} from */
    show: (result, index, difference, from) => {
      const n = result.times.length;
      const nLines = result.lines ? result.lines.length / result.bands.length * LEVELS.length : 0;
      shown = { ...result, index, offset: index * LEVELS.length * n, difference, nLines };
      if (from !== faded) axis = "";
      faded = from;
      panel.fade(from);
      paint();
    },
    cursor: (/** @type {number} */ time) => { at = time; read(); },
  };
};
