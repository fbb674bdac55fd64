/** One outcome over time as SVG: bands, middle, history dashed, and what the sources report. */

import { LEVELS } from "./statistics.js";
import { ticks } from "./scale.js";
import { TOP, drawGrid, makeFrame, px } from "./frame.js";
import { capital, draw, make, numberText, shareText, signedText } from "./format.js";
import { drawMarks } from "./marks.js";
import { monthWords } from "./months.js";
import { reportsPanel } from "./reported.js";

const GROUPS = ["grid", "marks"], PATHS = ["wide", "narrow", "lines", "history", "middle", "split", "cursor"];

/** The elements of a chart. @param {any} outcome @param {HTMLElement} panel of its reports */
const makeElements = (outcome, panel) => {
  const layer = Object.fromEntries([...GROUPS, ...PATHS].map((name) => [name, draw(GROUPS.includes(name) ? "g" : "path", { class: name })]));
  const shapes = draw("g", { "aria-hidden": "true" }, layer.grid, ...PATHS.map((name) => layer[name]));
  const svg = draw("svg", { role: "group", "aria-label": outcome.label }, shapes, layer.marks);
  const words = make("p", { class: "read" }), title = make("strong", {}, capital(outcome.label));
  const caption = make("figcaption", {}, title, " ", make("span", { class: "unit" }, outcome.rate));
  const element = make("figure", { class: outcome.human ? "chart human" : "chart" }, caption, svg, words, panel);
  return { layer, svg, words, element };
};

/**
 * Round values that hold everything a chart shows.
 * @param {any} shown @param {import("./types.js").Report[]} reports @param {number} until @param {number} wanted how many
 */
const levelsOf = (shown, reports, until, wanted) => {
  const { bands, base, offset, difference } = shown, n = shown.times.length;
  let least = 0, most = 0;
  for (let t = 0; t < n; t++) {
    least = Math.min(least, bands[offset + t], difference ? 0 : base[offset + t]);
    most = Math.max(most, bands[offset + 4 * n + t], difference ? 0 : base[offset + 2 * n + t]);
  }
  if (!difference) for (const one of reports) if (one.start < until) most = Math.max(most, one.high ?? one.low ?? 0);
  return ticks(least, most === least ? least + 1 : most, wanted);
};

/**
 * What a chart says at one time, in words.
 * @param {any} outcome @param {any} shown @param {number} t index of the time @param {boolean} last @param {string} start
 */
const readWords = (outcome, shown, t, last, start) => {
  const { bands, base, offset, difference, times } = shown, n = times.length;
  const text = (/** @type {number} */ v) => (difference ? signedText : numberText)(v, outcome.digits);
  const [low, middle, high] = [0, 2, 4].map((q) => text(bands[offset + q * n + t]));
  const then = numberText(base[offset + 2 * n + t], outcome.digits);
  const history = difference || then === middle ? "" : `; was ${then}`;
  const agreed = difference && last ? `; whole run lower in ${shareText(shown.effects[shown.index].lower)} of versions` : "";
  return `${monthWords(start, Math.max(0, times[t] - 0.01))}: ${middle} (${low} to ${high})${history}${agreed}`;
};

/**
 * @param {any} outcome @param {import("./types.js").Report[]} reports @param {any} clock
 * @returns {any} with `element`, `show`, `size`, `picture` and `cursor`
 */
export const makeChart = (outcome, reports, clock) => {
  const panel = reportsPanel(outcome, reports, clock), { layer, svg, words, element } = makeElements(outcome, panel.element);
  let width = 240, height = 90, at = Infinity, drawn = "", changed = Infinity;
  /** @type {any} */
  let shown = null, frame = null;

  const put = (/** @type {string} */ name, /** @type {string} */ path) => layer[name].setAttribute("d", path);
  const upright = (/** @type {number} */ time) => `M${px(frame.x(time))} ${TOP}V${frame.floor}`;

  const read = () => {
    if (!shown) return;
    const { times } = shown, last = at === Infinity;
    const t = last ? times.length - 1 : times.findIndex((/** @type {number} */ one) => one >= Math.min(at, frame.until) - 1e-9);
    words.textContent = readWords(outcome, shown, t, last, clock.start);
    put("cursor", last ? "" : upright(times[t]));
  };
  const still = (/** @type {number[]} */ levels) => {
    const key = [width, height, levels, frame.until, shown.difference, changed].join();
    if (key === drawn) return;
    drawn = key;
    const tell = (/** @type {string | null} */ said) => { if (said === null) read(); else words.textContent = said; };
    layer.grid.replaceChildren(...drawGrid(frame, levels, clock.start));
    layer.marks.replaceChildren(...(shown.difference ? [] : drawMarks(reports, frame, clock, changed, tell)));
    put("split", clock.split && clock.split < frame.until ? upright(clock.split) : "");
  };
  const paint = () => {
    if (!shown) return;
    const { times, bands, base, offset, difference } = shown, n = times.length, until = times[n - 1];
    const levels = levelsOf(shown, reports, until, height > 130 ? 4 : 2);
    frame = makeFrame({ width, height, low: levels[0], high: levels[levels.length - 1], until });
    still(levels);
    put("wide", frame.band(times, bands, offset, offset + 4 * n));
    put("narrow", frame.band(times, bands, offset + n, offset + 3 * n));
    put("middle", frame.path(times, bands, offset + 2 * n));
    put("history", difference ? "" : frame.path(times, base, offset + 2 * n));
    let lines = "";
    for (let i = 0; i < shown.nLines; i++) lines += frame.path(times, shown.lines, (shown.index * shown.nLines + i) * n);
    put("lines", lines);
    read();
  };
  const fit = (/** @type {number} */ wide, /** @type {number} */ tall) => {
    [width, height] = [Math.round(wide), Math.round(tall)];
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    paint();
  };

  return {
    element,
    /** To the room that the page gives it. */
    size: () => {
      const box = svg.getBoundingClientRect();
      if (box.width >= 20) fit(box.width, box.height);
    },
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
      const offset = index * LEVELS.length * result.times.length;
      const nLines = result.lines ? (result.lines.length / result.bands.length) * LEVELS.length : 0;
      shown = { ...result, index, offset, difference, nLines };
      changed = from;
      panel.fade(from);
      paint();
    },
    cursor: (/** @type {number} */ time) => { at = time; read(); },
  };
};
