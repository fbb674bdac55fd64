/** Quantiles of draws, at one time and over time, as numpy's default has them (linear between ranks). */

import { LEXICON } from "./lexicon.js";

/** @type {number[]} low, a quarter, middle, three quarters and high of what is told with a range */
export const LEVELS = LEXICON.levels;
/** From this share of the versions, of all and of each part of the structures, a direction is told; below it, it is open. */
export const AGREE = LEXICON.agree;

/**
 * @param {ArrayLike<number>} sorted rising
 * @param {number} level 0 to 1
 */
export const quantileOf = (sorted, level) => {
  const place = level * (sorted.length - 1), low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (place - low);
};

/**
 * Bands over time. The order of the draws is carried from one time to the next: it hardly changes, so an
 * insertion sort is faster than sorting anew, or than looking for the few ranks that are needed.
 * @param {Float64Array} table n * nTimes, time by time
 * @param {number} n draws
 * @param {number[]} levels
 * @returns {Float64Array} levels.length * nTimes, level by level
 */
export const bandsOver = (table, n, levels = LEVELS) => {
  const nTimes = table.length / n, out = new Float64Array(levels.length * nTimes);
  const order = Int32Array.from({ length: n }, (_, i) => i), keys = new Float64Array(n);
  for (let t = 0; t < nTimes; t++) {
    for (let i = 0; i < n; i++) {
      const draw = order[i], key = table[t * n + draw];
      let j = i - 1;
      while (j >= 0 && keys[j] > key) {
        keys[j + 1] = keys[j];
        order[j + 1] = order[j];
        j--;
      }
      keys[j + 1] = key;
      order[j + 1] = draw;
    }
    for (let q = 0; q < levels.length; q++) out[q * nTimes + t] = quantileOf(keys, levels[q]);
  }
  return out;
};

/** @param {Float64Array} values @returns {number[]} at LEVELS */
export const spreadOf = (values) => {
  const sorted = Float64Array.from(values).sort();
  return LEVELS.map((level) => quantileOf(sorted, level));
};

/** Differences smaller than this share of what they are between are none, as on the command line. */
const ROUNDING = 1e-9;

/** @param {number} now @param {number} then */
export const less = (now, then) => (Math.abs(now - then) <= ROUNDING * (Math.abs(now) + Math.abs(then)) ? 0 : now - then);

/**
 * Of each draw the last value, the mean over time or the sum of a rate.
 * @param {string} measure
 * @param {Float64Array} table n * times.length, time by time
 * @param {number} n draws
 * @param {number[]} times
 * @returns {Float64Array}
 */
export const measuresOf = (measure, table, n, times) => {
  const last = times.length - 1, totals = new Float64Array(n);
  if (measure === "at_end") return table.slice(last * n, (last + 1) * n);
  for (let t = 0, at = 0; t < last; t++) {
    const step = times[t + 1] - times[t];
    for (let m = 0; m < n; m++, at++) totals[m] += ((table[at] + table[at + n]) / 2) * step;
  }
  return measure === "mean" ? totals.map((total) => total / (times[last] - times[0])) : totals;
};

/** Whether nearly all versions have one sign: of all, and of each part of the structures. @param {ArrayLike<number>} difference @param {number[]} parts */
export const agreed = (difference, parts) => [-1, 1].some((side) => [null, ...new Set(parts)].every((part) => {
  let n = 0, on = 0;
  for (let m = 0; m < difference.length; m++) {
    if (part === null || (part >= 0 && parts[m] === part)) { n += 1; on += Math.sign(difference[m]) === side ? 1 : 0; }
  }
  return n === 0 || on / n >= AGREE;
}));