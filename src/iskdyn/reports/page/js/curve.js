/** A lever as the tactic's own curve: what was done, what is ordered instead, and what comes of it. */

import { bendWords, monthLevels, stopsOf } from "./bend.js";
import { draw, make } from "./format.js";
import { monthWords } from "./months.js";

const HEADROOM = 1.06, NEAR = 0.04, KEY_STEP = 0.1, NOTHING = 0.02;
const LAYERS = ["was", "came", "ordered", "month"];

/** Sampled values as means of their months. @param {number[]} times @param {ArrayLike<number>} values @param {number} at @param {number} nMonths */
const monthMeans = (times, values, at, nMonths) => {
  const per = Math.round(1 / (times[1] - times[0]));
  return Array.from({ length: nMonths }, (_, month) => {
    let total = 0;
    for (let k = 0; k < per; k++) total += (values[at + month * per + k] + values[at + month * per + k + 1]) / 2;
    return total / per;
  });
};

/** Months as steps, in hundredths of the picture. @param {number[]} heights 0 to 1 */
const steps = (heights) => {
  const wide = 100 / heights.length;
  return heights.map((height, month) => `${month ? "V" : "M0 "}${(100 * (1 - height)).toFixed(2)}H${((month + 1) * wide).toFixed(2)}`).join("");
};

/** To the nearest stop if it is near, else to a twentieth. @param {import("./types.js").Lever} lever @param {number} level */
const snapped = (lever, level) => {
  const inside = Math.min(lever.high, Math.max(lever.low, level)), stop = stopsOf(lever).find((one) => Math.abs(one.level - inside) < NEAR);
  return stop ? stop.level : Math.round(inside * 20) / 20;
};

/**
 * @param {import("./types.js").Lever} lever @param {string} id @param {any} data
 * @param {{ drag: (levels: number[]) => void, set: (levels: number[]) => void, clear: () => void }} on
 */
export const makeCurve = (lever, id, data, on) => {
  const layer = Object.fromEntries(LAYERS.map((name) => [name, draw("path", { class: name, "vector-effect": "non-scaling-stroke" })]));
  const grip = make("span", { class: "grip", "aria-hidden": "true" }, "\u2195");
  const element = make("div", { class: "curve", id, role: "slider", tabindex: 0, "aria-orientation": "vertical", "aria-label": `${lever.title}, ${data.clock.unit} by ${data.clock.unit}`, "aria-valuemin": Math.round(100 * lever.low), "aria-valuemax": Math.round(100 * lever.high) },
    draw("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" }, ...Object.values(layer)), grip);
  const start = data.clock.start;
  /** @type {number[]} */
  let levels = [], was = [];
  /** @type {import("./types.js").Change | undefined} */
  let change;
  /** @type {number | null} */
  let month = null;
  let held = "", from = 0, origin = 0, before = /** @type {number[]} */ ([]);

  /** As high as the highest stop would reach, so that no bend moves the axis. */
  const top = () => HEADROOM * (lever.path ? Math.max(1e-9, ...was) * Math.max(1, lever.high / (lever.default || 1)) : lever.high);
  const ordered = () => levels.map((level, m) => (lever.path ? (level / (lever.default || 1)) * was[m] : level) / top());
  const paint = () => {
    if (!was.length) return;
    const heights = ordered(), whole = Array.from(was, (value, m) => (lever.path ? value : monthLevels(undefined, lever, m + 1)[m]) / top());
    layer.ordered.setAttribute("d", steps(heights));
    layer.was.setAttribute("d", steps(whole));
    layer.month.setAttribute("d", month === null ? "" : `M${(100 * month) / levels.length} 100V0H${(100 * (month + 1)) / levels.length}V100Z`);
    grip.style.top = `${100 * (1 - heights[heights.length - 1])}%`;
    const level = levels[month ?? levels.length - 1];
    element.setAttribute("aria-valuenow", String(Math.round(100 * level)));
    element.setAttribute("aria-valuetext", month === null ? bendWords(change, lever, data.clock, levels.length) : `${monthWords(start, month)}: ${bendWords(level, lever, data.clock, levels.length)}`);
  };

  const spot = (/** @type {PointerEvent} */ event) => {
    const box = element.getBoundingClientRect();
    const m = Math.min(levels.length - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * levels.length)));
    return { m, height: 1 - (event.clientY - box.top) / box.height, tall: box.height };
  };
  /** What a height asks of a month; where next to nothing was ordered, the height itself. */
  const levelAt = (/** @type {number} */ m, /** @type {number} */ height) => {
    const value = height * top(), most = Math.max(...was), unit = was[m] > NOTHING * most ? was[m] : most;
    return snapped(lever, lever.path ? (value / unit) * (lever.default || 1) : value);
  };
  const moved = (/** @type {PointerEvent} */ event) => {
    const { m, height, tall } = spot(event);
    if (held === "grip") {
      const by = ((origin - event.clientY) / tall) * lever.high;
      levels = before.map((level) => snapped(lever, level + by));
    } else {
      const level = levelAt(m, height);
      levels = levels.slice();
      for (let k = Math.min(m, from); k <= Math.max(m, from); k++) levels[k] = k === from && m !== from ? levels[k] : level;
      from = m;
    }
    change = undefined;
    paint();
    on.drag(levels);
  };
  element.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    if (event.button || !was.length) return;
    held = event.target === grip ? "grip" : "month";
    origin = event.clientY;
    before = levels.slice();
    from = spot(event).m;
    month = null;
    element.setPointerCapture(event.pointerId);
    if (held === "month") moved(event);
  });
  element.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => { if (held) moved(event); });
  element.addEventListener("pointerup", () => { if (held) { held = ""; on.set(levels); } });
  element.addEventListener("pointercancel", () => { if (held) { held = ""; levels = before; on.set(levels); } });
  element.addEventListener("blur", () => { month = null; paint(); });

  const bent = (/** @type {(level: number) => number} */ by) => {
    levels = levels.map((level, m) => (month === null || m === month ? snapped(lever, by(level)) : level));
    on.set(levels);
  };
  element.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const last = levels.length - 1, stops = stopsOf(lever).map((one) => one.level);
    const keys = /** @type {Record<string, () => void>} */ ({
      ArrowUp: () => bent((level) => level + KEY_STEP), ArrowDown: () => bent((level) => level - KEY_STEP),
      PageUp: () => bent((level) => stops.find((one) => one > level + NEAR) ?? level), PageDown: () => bent((level) => stops.findLast((one) => one < level - NEAR) ?? level),
      ArrowLeft: () => { month = month === null ? last : Math.max(0, month - 1); paint(); }, ArrowRight: () => { month = month === null ? 0 : Math.min(last, month + 1); paint(); },
      Home: () => on.clear(), Escape: () => { month = null; paint(); },
    });
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  });

  return {
    element,
    /** @param {import("./types.js").Change | undefined} next @param {number} until */
    show: (next, until) => {
      if (held) return;
      change = next;
      levels = monthLevels(next, lever, until);
      if (month !== null && month >= until) month = null;
      if (was.length === until) paint();
    },
    /** What was done and what comes of it, in the middle of the draws. @param {import("./types.js").Result} result */
    done: (result) => {
      const { times, doneBefore, done } = result, nMonths = Math.round(times[times.length - 1]), at = data.paths.indexOf(lever.path) * times.length;
      was = lever.path ? monthMeans(times, doneBefore, at, nMonths) : new Array(nMonths).fill(0);
      const x = (/** @type {number} */ t) => ((100 * t) / (times.length - 1)).toFixed(2), y = (/** @type {number} */ t) => (100 * (1 - Math.min(1, done[at + t] / top()))).toFixed(2);
      layer.came.setAttribute("d", lever.path ? `M0 100${times.map((_, t) => `L${x(t)} ${y(t)}`).join("")}V100Z` : `${steps(ordered())}V100H0Z`);
      if (levels.length === nMonths) paint();
    },
  };
};
