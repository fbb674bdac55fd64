/** The draws that one worker holds, and what all of them together say. */

import { halves } from "./packed.js";
import { heldBy, ownPaths, runKernel } from "./kernel.js";
import { LEVELS, agreed, bandsOver, less, measuredOver, spreadOf } from "./statistics.js";

const N_LINES = 12;

/**
 * Draw m belongs to part m % of, so that the first draws are shared out evenly.
 * @param {any} data the page's
 * @param {Function} kernel
 * @param {number} which this part
 * @param {number} of number of parts
 */
export const makePart = (data, kernel, which, of) => {
  const all = halves(data.draws, data.powers), width = data.parameters.length;
  const own = [];
  for (let m = which; m < data.n; m += of) own.push(...all.subarray(m * width, (m + 1) * width));
  const mine = Float64Array.from(own);
  let kept = { key: "", n: 0, values: new Float64Array(0) };
  /** What the decisions did in history, for the frozen reading. @type {{ until: number, n: number, paths: any }} */
  let history = { until: 0, n: 0, paths: {} };

  /** @param {import("./types.js").Changes} changes @param {number} until @param {number} n of all parts */
  const run = (changes, until, n) => {
    const count = Math.max(0, Math.ceil((n - which) / of)), values = mine.subarray(0, count * width);
    if (heldBy(data, changes).length && (history.until !== until || history.n < n)) history = { until, n, paths: ownPaths(kernel, data, values, until) };
    return runKernel(kernel, data, values, changes, until, history.paths);
  };

  /**
   * The changed runs and, if it is not the one already kept, their base.
   * @param {import("./types.js").Request} request
   */
  const answer = (request) => {
    const key = JSON.stringify([request.base, request.until]);
    const fresh = key !== kept.key || kept.n < request.n;
    if (fresh) kept = { key, n: request.n, values: run(request.base, request.until, request.n).values };
    const same = JSON.stringify(request.changes) === JSON.stringify(request.base) && kept.n === request.n;
    const done = same ? null : run(request.changes, request.until, request.n);
    return { values: done ? done.values : kept.values.slice(), base: fresh ? kept.values.slice() : null };
  };
  return { answer };
};

/** @param {number} until @param {number} every @param {number} start */
const savedTimes = (until, every, start) => Array.from({ length: Math.floor((until - start) / every + 1e-9) + 1 }, (_, i) => start + i * every);

/**
 * What the parts say together.
 * @param {any} data the page's
 * @param {number} of number of parts
 */
export const makeAnalysis = (data, of) => {
  const nOutcomes = data.outcomes.length, nOutputs = nOutcomes + data.paths.length;
  /** @type {Float64Array[]} */
  let baseParts = [];
  let kept = { key: "", n: 0, bands: new Float64Array(0), done: new Float64Array(0) };

  /** @param {Float64Array[]} parts @param {number} i output @param {number} nTimes */
  const reader = (parts, i, nTimes) => (/** @type {number} */ m, /** @type {number} */ t) =>
    parts[m % of][(((m / of) | 0) * nOutputs + i) * nTimes + t];

  /** @param {(i: number) => (m: number, t: number) => number} read @param {number} n @param {number} nTimes */
  const allBands = (read, n, nTimes) => {
    const out = new Float64Array(nOutcomes * LEVELS.length * nTimes);
    for (let i = 0; i < nOutcomes; i++) bandsOver(read(i), n, nTimes, out, i * LEVELS.length * nTimes);
    return out;
  };

  /** The middle of what was done of each lever: path by path. */
  const middles = (/** @type {(i: number) => (m: number, t: number) => number} */ read, /** @type {number} */ n, /** @type {number} */ nTimes) => {
    const out = new Float64Array(data.paths.length * nTimes);
    for (let i = 0; i < data.paths.length; i++) bandsOver(read(nOutcomes + i), n, nTimes, out, i * nTimes, [0.5]);
    return out;
  };

  /**
   * @param {import("./types.js").Request} request
   * @param {{ values: Float64Array, base: Float64Array | null }[]} parts
   * @returns {import("./types.js").Result}
   */
  return (request, parts) => {
    const times = savedTimes(request.until, data.clock.every, 0), nTimes = times.length;
    const key = JSON.stringify([request.base, request.until]);
    if (parts.every((part) => part.base)) {
      baseParts = parts.map((part) => /** @type {Float64Array} */ (part.base));
      const read = (/** @type {number} */ i) => reader(baseParts, i, nTimes);
      kept = { key, n: request.n, bands: allBands(read, request.n, nTimes), done: middles(read, request.n, nTimes) };
    }
    const own = parts.map((part) => part.values);
    const changed = (/** @type {number} */ i) => reader(own, i, nTimes), before = (/** @type {number} */ i) => reader(baseParts, i, nTimes);
    const shown = (/** @type {number} */ i) => {
      const now = changed(i), then = before(i);
      return request.view === "difference" ? (/** @type {number} */ m, /** @type {number} */ t) => now(m, t) - then(m, t) : now;
    };
    const effects = data.outcomes.map((/** @type {any} */ outcome, /** @type {number} */ i) =>
      effectOf(outcome.measure, changed(i), before(i), request.n, times, data.parts));
    return { n: request.n, times, bands: allBands(shown, request.n, nTimes), base: kept.bands.slice(),
      done: middles(changed, request.n, nTimes), doneBefore: kept.done.slice(),
      reached: request.target ? shareReached(data, request.target, changed, before, request.n, times) : null,
      draws: request.draws === undefined ? null : differencesOf(data.outcomes[request.draws].measure, changed(request.draws), before(request.draws), request.n, times),
      fall: request.fall ? fallOf(request.fall, changed(request.fall.index), request.n, times) : null,
      lines: request.lines ? linesOf(shown, nOutcomes, Math.min(N_LINES, request.n), nTimes) : null, effects };
  };
};

/**
 * One outcome over the run, paired draw by draw.
 * @param {string} measure
 * @param {(m: number, t: number) => number} now
 * @param {(m: number, t: number) => number} then
 * @param {number} n
 * @param {number[]} times
 * @param {number[]} parts of each version the number of its part of the structures
 * @returns {import("./types.js").Effect}
 */
const effectOf = (measure, now, then, n, times, parts) => {
  const after = new Float64Array(n), before = new Float64Array(n), difference = new Float64Array(n);
  let lower = 0, higher = 0;
  for (let m = 0; m < n; m++) {
    after[m] = measuredOver(measure, (t) => now(m, t), times);
    before[m] = measuredOver(measure, (t) => then(m, t), times);
    difference[m] = less(after[m], before[m]);
    lower += difference[m] < 0 ? 1 : 0;
    higher += difference[m] > 0 ? 1 : 0;
  }
  return { base: spreadOf(before), scenario: spreadOf(after), difference: spreadOf(difference), lower: lower / n, higher: higher / n, agreed: agreed(difference, parts) };
};

/** By which share the mean of an outcome fell from one window to another, over the draws. */
const fallOf = (/** @type {import("./types.js").Fall} */ { before, after }, /** @type {any} */ read, /** @type {number} */ n, /** @type {number[]} */ times) => {
  const mean = (/** @type {number} */ m, /** @type {number[]} */ [first, last]) => {
    const from = times.findIndex((time) => time >= first - 1e-9), to = times.findIndex((time) => time >= last - 1e-9);
    return measuredOver("mean", (t) => read(m, from + t), times.slice(from, to + 1));
  };
  return spreadOf(Float64Array.from({ length: n }, (_, m) => { const was = mean(m, before); return was > 0 ? 1 - mean(m, after) / was : 0; }));
};

/** Draw by draw, the change of one outcome over the run. */
const differencesOf = (/** @type {any} */ measure, /** @type {any} */ now, /** @type {any} */ then, /** @type {number} */ n, /** @type {number[]} */ times) =>
  Array.from({ length: n }, (_, m) => less(measuredOver(measure, (t) => now(m, t), times), measuredOver(measure, (t) => then(m, t), times)));

/**
 * The share of draws in which an outcome is where it is wanted at the end, at no more of the first human cost than in history.
 * @param {any} data the page's @param {import("./types.js").Target} target
 * @param {(i: number) => (m: number, t: number) => number} now @param {(i: number) => (m: number, t: number) => number} then
 * @param {number} n @param {number[]} times
 */
const shareReached = (data, target, now, then, n, times) => {
  const cost = Math.max(0, data.outcomes.findIndex((/** @type {any} */ one) => one.human)), { measure, digits } = data.outcomes[cost];
  const least = 0.5 * 10 ** -digits, last = times.length - 1, more = differencesOf(measure, now(cost), then(cost), n, times);
  let count = 0;
  for (let m = 0; m < n; m++) {
    const value = now(target.index)(m, last);
    if ((target.below ? value < target.value : value > target.value) && more[m] < least) count += 1;
  }
  return count / n;
};

/** The first draws one by one: (output, line, time). */
const linesOf = (/** @type {(i: number) => (m: number, t: number) => number} */ shown, /** @type {number} */ nOutputs, /** @type {number} */ nLines, /** @type {number} */ nTimes) => {
  const out = new Float64Array(nOutputs * nLines * nTimes);
  for (let i = 0, at = 0; i < nOutputs; i++) {
    const read = shown(i);
    for (let m = 0; m < nLines; m++) for (let t = 0; t < nTimes; t++) out[at++] = read(m, t);
  }
  return out;
};
