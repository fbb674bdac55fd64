/** Quantiles of draws, at one time and over time, as numpy's default has them (linear between ranks). */

export const LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95];
/** From this share of the versions, of all and of each part of the structures, a direction is told; below it, it is open. */
export const AGREE = 0.9;

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
 * insertion sort is several times faster than sorting anew.
 * @param {(draw: number, time: number) => number} read
 * @param {number} n draws
 * @param {number} nTimes
 * @param {Float64Array} out levels.length * nTimes, level by level
 * @param {number} at where in `out` to begin
 * @param {number[]} levels
 */
export const bandsOver = (read, n, nTimes, out, at, levels = LEVELS) => {
  const order = Int32Array.from({ length: n }, (_, i) => i), keys = new Float64Array(n);
  for (let t = 0; t < nTimes; t++) {
    for (let i = 0; i < n; i++) keys[i] = read(order[i], t);
    for (let i = 1; i < n; i++) {
      const key = keys[i], draw = order[i];
      let j = i - 1;
      while (j >= 0 && keys[j] > key) {
        keys[j + 1] = keys[j];
        order[j + 1] = order[j];
        j--;
      }
      keys[j + 1] = key;
      order[j + 1] = draw;
    }
    for (let q = 0; q < levels.length; q++) out[at + q * nTimes + t] = quantileOf(keys, levels[q]);
  }
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
 * The last value, the mean over time or the sum of a rate.
 * @param {string} measure
 * @param {(time: number) => number} read
 * @param {number[]} times
 */
export const measuredOver = (measure, read, times) => {
  const last = times.length - 1;
  if (measure === "at_end") return read(last);
  let total = 0;
  for (let t = 0; t < last; t++) total += ((read(t) + read(t + 1)) / 2) * (times[t + 1] - times[t]);
  return measure === "mean" ? total / (times[last] - times[0]) : total;
};

/** Whether nearly all versions have one sign: of all, and of each part of the structures. @param {ArrayLike<number>} difference @param {number[]} parts */
export const agreed = (difference, parts) => [-1, 1].some((side) => [null, ...new Set(parts)].every((part) => {
  let n = 0, on = 0;
  for (let m = 0; m < difference.length; m++) {
    if (part === null || (part >= 0 && parts[m] === part)) { n += 1; on += Math.sign(difference[m]) === side ? 1 : 0; }
  }
  return n === 0 || on / n >= AGREE;
}));