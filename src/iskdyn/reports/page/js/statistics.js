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

/** Values of a byte: the digits of a place in the range. */
const BYTE = 256;

/**
 * Sorts n numbers at a time: by their place among 65,536 between the least and the greatest, a byte after the other,
 * and then exactly. It branches on no comparison but in the last pass, which hardly finds anything out of order;
 * insertion into the order of the time before, which guesses wrong at each number, took half as long again.
 * @param {number} n
 * @returns {(values: Float64Array, from: number) => Float64Array} the n values from a place on, rising, until the next call
 */
const sorterOf = (n) => {
  const sorted = new Float64Array(n), once = new Float64Array(n), codes = new Uint16Array(n), upper = new Uint8Array(n);
  const lows = new Int32Array(BYTE), highs = new Int32Array(BYTE);
  return (values, from) => {
    let least = values[from], most = least;
    for (let i = from + 1; i < from + n; i++) {
      const value = values[i];
      if (value < least) least = value;
      if (value > most) most = value;
    }
    if (least === most) return sorted.fill(least);
    const scale = (BYTE * BYTE - 1) / (most - least);
    lows.fill(0);
    highs.fill(0);
    for (let i = 0; i < n; i++) {
      const code = ((values[from + i] - least) * scale) | 0;
      codes[i] = code;
      lows[code & (BYTE - 1)]++;
      highs[code >> 8]++;
    }
    for (let i = 0, low = 0, high = 0; i < BYTE; i++) {
      const inLow = lows[i], inHigh = highs[i];
      lows[i] = low;
      highs[i] = high;
      low += inLow;
      high += inHigh;
    }
    for (let i = 0; i < n; i++) {
      const to = lows[codes[i] & (BYTE - 1)]++;
      once[to] = values[from + i];
      upper[to] = codes[i] >> 8;
    }
    for (let i = 0; i < n; i++) sorted[highs[upper[i]]++] = once[i];
    for (let i = 1; i < n; i++) {
      const value = sorted[i];
      let j = i - 1;
      for (; j >= 0 && sorted[j] > value; j--) sorted[j + 1] = sorted[j];
      sorted[j + 1] = value;
    }
    return sorted;
  };
};

/** One sorter for each number of draws: a function that is made once is compiled with its arrays at hand, twice as fast. @type {Map<number, ReturnType<typeof sorterOf>>} */
const sorters = new Map();
const sorterFor = (/** @type {number} */ n) => {
  const known = sorters.get(n) ?? sorterOf(n);
  sorters.set(n, known);
  return known;
};

/**
 * Bands over time.
 * @param {Float64Array} table n * nTimes, time by time
 * @param {number} n draws
 * @param {number[]} levels
 * @param {{ table: Float64Array, bands: Float64Array } | null} like a table whose bands are known: they hold wherever it is the same
 * @returns {Float64Array} levels.length * nTimes, level by level
 */
export const bandsOver = (table, n, levels = LEVELS, like = null) => {
  const nTimes = table.length / n, out = new Float64Array(levels.length * nTimes), sort = sorterFor(n);
  for (let t = 0; t < nTimes; t++) {
    let same = like ? t * n : -1;
    if (like) while (same < (t + 1) * n && table[same] === like.table[same]) same++;
    const known = like && same === (t + 1) * n ? like.bands : null, sorted = known ? null : sort(table, t * n);
    for (let q = 0; q < levels.length; q++) out[q * nTimes + t] = known ? known[q * nTimes + t] : quantileOf(/** @type {any} */ (sorted), levels[q]);
  }
  return out;
};

/** @param {Float64Array} values @returns {number[]} at LEVELS */
export const spreadOf = (values) => {
  const sorted = sorterFor(values.length)(values, 0);
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
