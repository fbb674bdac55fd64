/** The draws that one worker holds, what it says of its share of the outputs, and what all workers say together. */

import { halves, joined } from "./packed.js";
import { heldBy, ownPaths, runKernel } from "./kernel.js";
import { LEVELS, agreed, bandsOver, less, measuresOf, spreadOf } from "./statistics.js";

const N_LINES = 12;

/** Outputs go round the workers, so that each has as many. @param {number} n @param {number} which @param {number} of @returns {number[]} */
const shareOf = (n, which, of) => Array.from({ length: Math.ceil((n - which) / of) }, (_, i) => which + i * of);
/** The model's outputs: outcomes, then paths. @param {any} data */
const countOf = (data) => data.outcomes.length + data.paths.length;

/**
 * Draw m belongs to part m % of, so that the first draws are shared out evenly.
 * @param {any} data the page's
 * @param {Function} kernel
 * @param {number} which this part
 * @param {number} of number of parts
 */
export const makePart = (data, kernel, which, of) => {
  const all = halves(data.draws, data.powers), width = data.parameters.length;
  const mine = new Float64Array(width * Math.ceil((data.n - which) / of));
  for (let m = which, at = 0; m < data.n; m += of, at += width) mine.set(all.subarray(m * width, (m + 1) * width), at);
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
   * @returns {import("./types.js").Runs}
   */
  const answer = (request) => {
    const key = JSON.stringify([request.base, request.until]);
    const fresh = key !== kept.key || kept.n < request.n;
    if (fresh) kept = { key, n: request.n, values: run(request.base, request.until, request.n).values };
    const same = JSON.stringify(request.changes) === JSON.stringify(request.base) && kept.n === request.n;
    return { values: same ? kept.values : run(request.changes, request.until, request.n).values, base: fresh ? kept.values : null };
  };
  return { answer };
};

/** @param {number} until @param {number} every @param {number} start */
const savedTimes = (until, every, start) => Array.from({ length: Math.floor((until - start) / every + 1e-9) + 1 }, (_, i) => start + i * every);

/**
 * What a worker needs of another's runs: its share of the outputs, output by output, each time by time.
 * @param {any} data the page's @param {Float64Array | null} values of runs, draw by draw @param {number} which the worker that needs them @param {number} of
 * @param {number} until @returns {Float64Array | null}
 */
const packedFor = (data, values, which, of, until) => {
  if (!values) return null;
  const nTimes = savedTimes(until, data.clock.every, 0).length, nOutputs = countOf(data), n = values.length / nOutputs / nTimes;
  const outputs = shareOf(nOutputs, which, of), packed = new Float64Array(outputs.length * nTimes * n);
  for (let place = 0; place < outputs.length; place++) {
    for (let m = 0; m < n; m++) {
      for (let t = 0, from = (m * nOutputs + outputs[place]) * nTimes, to = place * nTimes * n + m; t < nTimes; t++, to += n) packed[to] = values[from + t];
    }
  }
  return packed;
};

/** Runs as a worker needs them. @param {any} data @param {import("./types.js").Runs} runs @param {number} which @param {number} of @param {number} until */
export const partFor = (data, runs, which, of, until) =>
  ({ values: packedFor(data, runs.values, which, of, until), base: packedFor(data, runs.base, which, of, until) });

/** Outputs in all draws, time by time. @param {Float64Array[]} parts of the workers @param {number} n @param {number} nRows outputs at their times @param {Float64Array} tables where they go */
const fillTables = (parts, n, nRows, tables) => {
  for (let which = 0; which < parts.length; which++) {
    const part = parts[which], own = part.length / nRows, of = parts.length; // a base may have more draws than are asked for
    for (let row = 0; row < nRows; row++) {
      for (let from = row * own, to = row * n + which; to < (row + 1) * n; to += of) tables[to] = part[from++];
    }
  }
  return tables;
};

/**
 * What one worker says of its share of the outputs, of all draws.
 * @param {any} data the page's @param {number} which @param {number} of number of workers
 */
export const makeShare = (data, which, of) => {
  const nOutcomes = data.outcomes.length, outputs = shareOf(countOf(data), which, of);
  /** The base as it came, and of each output of the share, for n draws: table, bands, what it comes to. */
  let bases = /** @type {any[]} */ ([]), before = { n: 0, outputs: /** @type {any[]} */ ([]) };
  /** Room for the tables of a run: pages that are new to the process cost as much as what is written to them. */
  let room = new Float64Array(0);

  const bandsOf = (/** @type {number} */ i, /** @type {Float64Array} */ table, /** @type {number} */ n, /** @type {any} */ like = null) => bandsOver(table, n, i < nOutcomes ? LEVELS : [0.5], like);
  const comesTo = (/** @type {number} */ i, /** @type {Float64Array} */ table, /** @type {number} */ n, /** @type {number[]} */ times) => {
    const sizes = i < nOutcomes ? measuresOf(data.outcomes[i].measure, table, n, times) : null;
    return { sizes, spread: sizes && spreadOf(sizes) };
  };

  /**
   * @param {import("./types.js").Request} request
   * @param {import("./types.js").Runs[]} parts of each worker, for this one
   * @returns {import("./types.js").Told[]}
   */
  return (request, parts) => {
    const { n } = request, times = savedTimes(request.until, data.clock.every, 0), nTimes = times.length;
    const size = n * nTimes, tables = (/** @type {any[]} */ values, /** @type {Float64Array} */ all) => {
      fillTables(values, n, outputs.length * nTimes, all);
      return outputs.map((_, place) => all.subarray(place * size, (place + 1) * size));
    };
    const fresh = parts.every((part) => part.base);
    if (fresh) bases = parts.map((part) => part.base);
    if (fresh || before.n !== n) {
      before = { n, outputs: tables(bases, new Float64Array(outputs.length * size)).map((table, place) =>
        ({ table, bands: bandsOf(outputs[place], table, n), ...comesTo(outputs[place], table, n, times) })) };
    }
    if (room.length !== outputs.length * size) room = new Float64Array(outputs.length * size);
    const now = tables(parts.map((part) => part.values), room);
    return outputs.map((i, place) => {
      const table = now[place], then = before.outputs[place];
      if (i >= nOutcomes) return { i, bands: bandsOf(i, table, n, then), base: then.bands };
      const shown = request.view === "difference" ? table.map((value, at) => value - then.table[at]) : table;
      const { sizes, spread } = comesTo(i, table, n, times), difference = sizes.map((/** @type {number} */ value, /** @type {number} */ m) => less(value, then.sizes[m]));
      return { i, bands: bandsOf(i, shown, n, then), base: then.bands, difference,
        ends: table.slice((nTimes - 1) * n), effect: effectOf(then.spread, spread, difference, data.parts),
        fall: request.fall?.index === i ? fallOf(request.fall, table, n, times) : null,
        lines: request.lines ? linesOf(shown, n, Math.min(N_LINES, n), nTimes) : null };
    });
  };
};

/**
 * What all shares say together.
 * @param {any} data the page's
 * @param {import("./types.js").Request} request
 * @param {import("./types.js").Told[]} told of every output
 * @returns {import("./types.js").Result}
 */
export const together = (data, request, told) => {
  const sorted = told.slice().sort((a, b) => a.i - b.i), outcomes = sorted.slice(0, data.outcomes.length), paths = sorted.slice(data.outcomes.length);
  const times = savedTimes(request.until, data.clock.every, 0);
  return { n: request.n, times, bands: joined(outcomes.map((one) => one.bands)), base: joined(outcomes.map((one) => one.base)),
    done: joined(paths.map((one) => one.bands)), doneBefore: joined(paths.map((one) => one.base)),
    reached: request.target ? shareReached(data, request.target, outcomes, request.n) : null,
    draws: request.draws === undefined ? null : Array.from(outcomes[request.draws].difference),
    fall: request.fall ? outcomes[request.fall.index].fall : null,
    lines: request.lines ? joined(outcomes.map((one) => one.lines)) : null, effects: outcomes.map((one) => one.effect) };
};

/**
 * What the parts say together, in one thread.
 * @param {any} data the page's
 * @param {number} of number of parts
 */
export const makeAnalysis = (data, of) => {
  const shares = Array.from({ length: of }, (_, which) => makeShare(data, which, of));
  return (/** @type {import("./types.js").Request} */ request, /** @type {import("./types.js").Runs[]} */ answers) =>
    together(data, request, shares.flatMap((share, which) => share(request, answers.map((runs) => partFor(data, runs, which, of, request.until)))));
};

/**
 * One outcome over the run, paired draw by draw.
 * @param {number[]} base @param {number[]} scenario @param {Float64Array} difference
 * @param {number[]} parts of each version the number of its part of the structures
 * @returns {import("./types.js").Effect}
 */
const effectOf = (base, scenario, difference, parts) => {
  const share = (/** @type {number} */ side) => difference.reduce((total, one) => total + (Math.sign(one) === side ? 1 : 0), 0) / difference.length;
  return { base, scenario, difference: spreadOf(difference), lower: share(-1), higher: share(1), agreed: agreed(difference, parts) };
};

/** By which share the mean of an outcome fell from one window to another, over the draws. @param {import("./types.js").Fall} fall @param {Float64Array} table @param {number} n @param {number[]} times */
const fallOf = ({ before, after }, table, n, times) => {
  const means = (/** @type {number[]} */ [first, last]) => {
    const from = times.findIndex((time) => time >= first - 1e-9), to = times.findIndex((time) => time >= last - 1e-9) + 1;
    return measuresOf("mean", table.subarray(from * n, to * n), n, times.slice(from, to));
  };
  const now = means(after);
  return spreadOf(means(before).map((was, m) => (was > 0 ? 1 - now[m] / was : 0)));
};

/**
 * The share of draws in which an outcome is where it is wanted at the end, at no more of the first human cost than in history.
 * @param {any} data the page's @param {import("./types.js").Target} target @param {any[]} outcomes @param {number} n
 */
const shareReached = (data, target, outcomes, n) => {
  const cost = Math.max(0, data.outcomes.findIndex((/** @type {any} */ one) => one.human)), least = 0.5 * 10 ** -data.outcomes[cost].digits;
  const { ends } = outcomes[target.index], more = outcomes[cost].difference;
  let count = 0;
  for (let m = 0; m < n; m++) if ((target.below ? ends[m] < target.value : ends[m] > target.value) && more[m] < least) count += 1;
  return count / n;
};

/** The first draws one by one: (line, time). @param {Float64Array} table @param {number} n @param {number} nLines @param {number} nTimes */
const linesOf = (table, n, nLines, nTimes) => Float64Array.from({ length: nLines * nTimes }, (_, at) => table[(at % nTimes) * n + ((at / nTimes) | 0)]);
