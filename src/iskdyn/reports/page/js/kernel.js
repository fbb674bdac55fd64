/** What the generated model needs to run a set of changes. */

import { joined } from "./packed.js";

/**
 * The levers as series over model time: what is changed, else the history; nan where a rule decides.
 * @param {import("./types.js").Lever[]} levers
 * @param {import("./types.js").Changes} changes
 * @returns {Record<string, [number[], number[]]>}
 */
export const seriesOf = (levers, changes) => {
  /** @type {Record<string, [number[], number[]]>} */
  const found = {};
  for (const lever of levers) {
    if (lever.group === "reading") continue;
    const rule = lever.group === "decision" ? NaN : lever.default, change = changes[lever.name] ?? lever.points ?? rule;
    if (change === null || (rule === null && !lever.points)) continue;
    found[lever.name] = Array.isArray(change) ? [change.map((p) => p[0]), change.map((p) => p[1])] : [[0], [change]];
  }
  return found;
};

/**
 * The drawn numbers with those replaced that the changes fix for all draws.
 * @param {Float64Array} values draw by draw
 * @param {string[]} parameters
 * @param {import("./types.js").Changes} changes
 */
export const withFixed = (values, parameters, changes) => {
  const fixed = parameters.map((name, i) => /** @type {const} */ ([i, changes[name]])).filter((one) => typeof one[1] === "number");
  if (!fixed.length) return values;
  const copy = values.slice();
  for (let at = 0; at < copy.length; at += parameters.length) {
    for (const [i, value] of fixed) copy[at + i] = /** @type {number} */ (value);
  }
  return copy;
};

/** The lever of the frozen reading. @param {any} data @param {import("./types.js").Changes} changes */
export const heldStill = (data, changes) => data.levers.some((/** @type {any} */ lever) => lever.group === "reading" && changes[lever.name]);

/**
 * The decisions that keep their own paths: where others hold still, all but those of a tactic that is moved,
 * and those that are given a course.
 * @param {any} data @param {import("./types.js").Changes} changes @returns {string[]}
 */
export const heldBy = (data, changes) => {
  if (!heldStill(data, changes)) return [];
  const free = new Set(Object.keys(changes));
  for (const lever of data.levers) if (lever.name in changes) for (const name of data.own_decisions[lever.tactic] ?? []) free.add(name);
  return data.decisions.filter((/** @type {string} */ name) => !free.has(name));
};

/** @param {Function} kernel @param {any} data @param {Float64Array} values @param {number} until @param {any} series @param {boolean} keep */
const call = (kernel, data, values, until, series, keep) => kernel(values, values.length / data.parameters.length, { finalTime: until, series: { ...rulesOf(data), ...series }, keep });

/** Every decision left to its rule, and every step of a chain. @param {any} data @returns {Record<string, [number[], number[]]>} */
const rulesOf = (data) => Object.fromEntries([...data.decisions, ...data.links.flatMap((/** @type {any} */ link) => link.of)].map((/** @type {string} */ name) => [name, [[0], [NaN]]]));

/**
 * The path of each decision in each member's history, at every step.
 * @param {Function} kernel @param {any} data @param {Float64Array} values @param {number} until @returns {Record<string, Float64Array>}
 */
export const ownPaths = (kernel, data, values, until) => call(kernel, data, values, until, seriesOf(data.levers, {}), true).paths;

/**
 * One run of a kernel over some members.
 * @param {Function} kernel made by the compiler
 * @param {any} data the page's
 * @param {Float64Array} values members' drawn numbers
 * @param {import("./types.js").Changes} changes
 * @param {number} until model time
 * @param {Record<string, Float64Array>} [paths] of the decisions, where they are known already
 * @returns {{ times: number[], values: Float64Array, outputs: string[] }}
 */
export const runKernel = (kernel, data, values, changes, until, paths) => {
  const held = heldBy(data, changes), known = held.length ? paths ?? ownPaths(kernel, data, values, until) : {};
  const series = { ...seriesOf(data.levers, changes), ...Object.fromEntries(held.map((name) => [name, known[name]])) };
  return call(kernel, data, withFixed(values, data.parameters, changes), until, series, false);
};

/** Draws that the written-out kernel runs at a time: it gives every variable of the model, some megabytes a draw. */
const SLICE = 20;

/**
 * Some outputs of a kernel that gives all, as the compiled one gives them.
 * @param {Function} written @param {string[]} outputs @param {number} saveEvery
 */
const chosenOf = (written, outputs, saveEvery) => (/** @type {Float64Array} */ values, /** @type {number} */ n, /** @type {any} */ options) => {
  const width = values.length / n, found = [];
  for (let first = 0; first < n; first += SLICE) {
    const count = Math.min(SLICE, n - first), part = (/** @type {any} */ path) => (path instanceof Float64Array ? path.subarray((path.length / n) * first, (path.length / n) * (first + count)) : path);
    const series = Object.fromEntries(Object.entries(options.series).map(([name, path]) => [name, part(path)]));
    const all = written(values.subarray(width * first, width * (first + count)), count, { ...options, saveEvery, series });
    const places = outputs.map((name) => all.outputs.indexOf(name)), nTimes = all.times.length;
    const rows = Array.from({ length: count }, (_, m) => places.map((i) => all.values.slice((m * all.outputs.length + i) * nTimes, (m * all.outputs.length + i + 1) * nTimes))).flat();
    found.push({ times: all.times, values: joined(rows), paths: all.paths });
  }
  const names = Object.keys(found[0].paths ?? {});
  return { times: found[0].times, values: joined(found.map((one) => one.values)), outputs,
    paths: Object.fromEntries(names.map((name) => [name, joined(found.map((one) => one.paths[name]))])) };
};

/**
 * The compiled kernel; from its first refusal on the written-out one, which gives the same numbers, slowly.
 * A browser may have no WebAssembly, or forbid it, as hardened ones do.
 * @param {Function} compiled @param {Function} written @param {string[]} outputs @param {number} saveEvery
 */
export const eitherKernel = (compiled, written, outputs, saveEvery) => {
  let kernel = compiled;
  return (/** @type {Float64Array} */ values, /** @type {number} */ n, /** @type {any} */ options) => {
    try {
      return kernel(values, n, options);
    } catch (problem) {
      if (kernel !== compiled) throw problem;
      console.warn(`The model runs slowly: this browser refused its compiled code (${problem}).`);
      kernel = chosenOf(written, outputs, saveEvery);
      return kernel(values, n, options);
    }
  };
};
