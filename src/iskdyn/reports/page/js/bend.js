/** A lever month by month: levels, the stops in words, and the change that a bend is for the model. */

import { valueAt } from "./state.js";
import { shortText } from "./format.js";
import { monthWords } from "./months.js";

/** One step of the model: an edge takes that long, as in a scenario file. */
const STEP = 0.0625;
const SAME = 1e-9;

/** Whether a lever multiplies what its rule orders; else it is a share that was nothing. @param {any} lever */
const multiplies = (lever) => lever.default !== lever.off;

/**
 * The stops of a lever, from none upwards, each with its word; none where levels have no word.
 * What no search may ask more of has none above history.
 * @param {import("./types.js").Lever} lever
 * @returns {{ level: number, text: string }[]}
 */
export const stopsOf = (lever) => {
  const { low, high, default: was, off } = lever;
  if (was === null || off !== 0 || low > off || (was !== 1 && high !== 1)) return [];
  const words = multiplies(lever)
    ? [[0, "none"], [was / 2, "half"], [was, "as it was"], [2 * was, "double"]]
    : [[0, "none, as it was"], [high / 2, "half"], [high, "in full"]];
  return words.filter(([level]) => /** @type {number} */ (level) <= high).map(([level, text]) => ({ level: Number(level), text: String(text) }));
};

/** A level in words. @param {import("./types.js").Lever} lever @param {number} level */
export const levelWords = (lever, level) => {
  const stop = stopsOf(lever).find((one) => Math.abs(one.level - level) < SAME);
  if (stop) return stop.text;
  if (stopsOf(lever).length) return multiplies(lever) ? `${Math.round(100 * level)} % of what it was` : `${Math.round(100 * level)} %`;
  return shortText(level);
};

/**
 * The level in the middle of each month.
 * @param {import("./types.js").Change | undefined} change @param {import("./types.js").Lever} lever @param {number} nMonths
 */
export const monthLevels = (change, lever, nMonths) => {
  const history = lever.points ?? lever.default ?? lever.off;
  return Array.from({ length: nMonths }, (_, month) => valueAt(change ?? /** @type {any} */ (history), month + 0.5));
};

/**
 * The change that gives these levels, each from the start of its month to its end; the last one goes on.
 * @param {number[]} levels @param {import("./types.js").Lever} lever
 * @returns {import("./types.js").Change} one number where all are the same
 */
export const bendOf = (levels, lever) => {
  if (levels.every((level) => Math.abs(level - levels[0]) < SAME)) return levels[0];
  /** @type {[number, number][]} */
  const points = [[0, levels[0]]];
  levels.forEach((level, month) => {
    const before = levels[month - 1];
    if (!month || Math.abs(level - before) < SAME) return;
    points.push([month - STEP, before], [month, level]);
  });
  return points;
};

/**
 * Runs of months at one level.
 * @param {number[]} levels
 * @returns {{ from: number, last: number, level: number }[]}
 */
export const runsOf = (levels) => {
  /** @type {{ from: number, last: number, level: number }[]} */
  const runs = [];
  levels.forEach((level, month) => {
    const run = runs[runs.length - 1];
    if (run && Math.abs(run.level - level) < SAME) run.last = month;
    else runs.push({ from: month, last: month, level });
  });
  return runs;
};

/**
 * A bend that is one level over one run of months, else as it was; null where it is none of that.
 * @param {import("./types.js").Change | undefined} change @param {import("./types.js").Lever} lever @param {number} nMonths
 * @returns {{ level: number, from: number, last: number } | null} the level of history where nothing is bent
 */
export const readBend = (change, lever, nMonths) => {
  if (lever.default === null) return null;
  const whole = { level: lever.default, from: 0, last: nMonths - 1 }, levels = monthLevels(change, lever, nMonths);
  const bent = runsOf(levels).filter((run) => Math.abs(run.level - /** @type {number} */ (lever.default)) > SAME);
  if (change === undefined || typeof change === "number") return { ...whole, level: change ?? lever.default };
  return bent.length === 1 ? bent[0] : bent.length ? null : whole;
};

/** @param {string} start @param {number} from @param {number} last @param {number} nMonths */
export const spanWords = (start, from, last, nMonths) => {
  if (from <= 0 && last >= nMonths - 1) return "";
  if (last >= nMonths - 1) return `from ${monthWords(start, from)}`;
  if (from <= 0) return `until ${monthWords(start, last)}`;
  return from === last ? `in ${monthWords(start, from)}` : `${monthWords(start, from)} to ${monthWords(start, last)}`;
};

/**
 * What is ordered of a lever, in words: "half, Sep 2021 to Dec 2021".
 * @param {import("./types.js").Change | undefined} change @param {import("./types.js").Lever} lever
 * @param {{ start: string, unit: string }} clock @param {number} nMonths
 */
export const bendWords = (change, lever, { start, unit }, nMonths) => {
  if (change === undefined) return lever.default === null && !lever.points ? "as each version has it" : "as it was";
  if (lever.points || lever.group === "decision") return typeof change === "number" ? `${shortText(change)} all through` : "changed over time";
  const bend = readBend(change, lever, nMonths);
  if (!bend) return typeof change === "number" ? shortText(change) : `bent ${unit} by ${unit}`;
  const span = spanWords(start, bend.from, bend.last, nMonths);
  return `${levelWords(lever, bend.level)}${span ? `, ${span}` : ""}`;
};
