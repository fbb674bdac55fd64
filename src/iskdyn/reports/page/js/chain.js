/** Which chain of causes carries a change: each step held as it was, one after another, in one version. */

import { capital, shareText } from "./format.js";
import { ownPaths, runKernel } from "./kernel.js";
import { halves } from "./packed.js";
import { measuresOf } from "./statistics.js";
import { SMALL, verdictOf } from "./words.js";

/** A step, and a chain, is told where at least so much of what follows is lost when it is held as it was. */
export const CARRIED = 0.5;
/** Steps between what was changed and the outcome. */
const MOST_STEPS = 3;
/** Words of a sentence, at most; a sign for per cent is one. */
const MOST_WORDS = 25;

/**
 * The version whose relative change of an outcome is nearest to the one that is told of all.
 * @param {Function} simulate @param {any} data the page's @param {any} changes @param {number} until @param {any} outcome @param {number} told
 * @returns {{ version: number, values: Float64Array }} its number and its drawn numbers
 */
export const typicalOf = (simulate, data, changes, until, outcome, told) => {
  const all = halves(data.draws, data.powers), width = data.parameters.length;
  const [was, is] = [{}, changes].map((one) => {
    const run = runKernel(simulate, data, all, one, until), nTimes = run.times.length, nOutputs = run.outputs.length, i = run.outputs.indexOf(outcome.name);
    return Array.from({ length: data.n }, (_, m) => measuresOf(outcome.measure, run.values.subarray((m * nOutputs + i) * nTimes, (m * nOutputs + i + 1) * nTimes), 1, run.times)[0]);
  });
  const far = (/** @type {number} */ m) => (was[m] ? Math.abs((is[m] - was[m]) / was[m] - told) : Infinity);
  const version = was.reduce((best, _, m) => (far(m) < far(best) ? m : best), 0);
  return { version, values: all.slice(version * width, (version + 1) * width) };
};

/** @param {Function} explain @param {any} data the page's @param {Record<string, Float64Array>} paths what is held */
const holding = (explain, data, paths) => (/** @type {Float64Array} */ values, /** @type {number} */ n, /** @type {any} */ options) =>
  explain(values, n, { ...options, saveEvery: data.clock.every, series: { ...options.series, ...paths } });

/** The sum of some variables over the saved times. @param {any} run @param {string[]} names */
const summed = (run, names) => {
  const n = run.times.length, total = new Float64Array(n);
  for (const name of names) {
    const from = run.outputs.indexOf(name) * n;
    for (let t = 0; t < n; t++) total[t] += run.values[from + t];
  }
  return total;
};

/**
 * How far each step moves and how much of each other step's move goes through it, in one version.
 * @param {Function} explain the kernel that gives every variable @param {any} data the page's
 * @param {Float64Array} values of the version @param {any} changes @param {number} until @param {any} outcome
 * @returns {{ sizes: number[], carried: number[][] }} relative changes of the steps, then of the outcome; carried[i][j] of what i carries of j
 */
export const measured = (explain, data, values, changes, until, outcome) => {
  const free = holding(explain, data, {}), own = ownPaths(free, data, values, until), links = data.links;
  const before = runKernel(free, data, values, {}, until, own), after = runKernel(free, data, values, changes, until, own);
  const outcomeOf = (/** @type {any} */ run) => measuresOf(outcome.measure, summed(run, [outcome.name]), 1, run.times)[0];
  const told = (/** @type {any} */ run) => [...links.map((/** @type {any} */ link) => measuresOf("mean", summed(run, link.of), 1, run.times)[0]), outcomeOf(run)];
  const was = told(before), is = told(after), moved = is.map((value, i) => value - was[i]);
  const sizes = moved.map((value, i) => (Math.abs(was[i]) > 1e-9 ? value / Math.abs(was[i]) : value ? Infinity * Math.sign(value) : 0));
  const same = (/** @type {any} */ link) => link.of.includes(outcome.name) || link.words === outcome.label; // no step to itself
  const carried = links.map((/** @type {any} */ link, /** @type {number} */ i) => {
    if (Math.abs(sizes[i]) < SMALL || same(link)) return moved.map(() => 0);
    const kept = Object.fromEntries(link.of.map((/** @type {string} */ name) => [name, own[name]]));
    const held = told(runKernel(holding(explain, data, kept), data, values, changes, until, own));
    return moved.map((value, j) => (Math.abs(sizes[j]) < SMALL ? 0 : 1 - (held[j] - was[j]) / value));
  });
  return { sizes, carried };
};

/**
 * The chain through the step that carries most: the longest whose steps each carry half of the outcome and of every
 * later step; of those the strongest.
 * @param {number[][]} carried as `measured` gives it
 * @returns {number[]} numbers of the steps, in order; empty where no step carries half
 */
export const chainOf = (carried) => {
  const last = carried.length, steps = [...carried.keys()].filter((i) => carried[i][last] >= CARRIED);
  const part = (/** @type {number} */ i, /** @type {number} */ j) => Math.min(1, carried[i][j]), strongest = strongestOf(carried);
  const follows = (/** @type {number} */ i, /** @type {number} */ j) => carried[i][j] >= CARRIED && carried[i][j] > carried[j][i];
  const strength = (/** @type {number[]} */ chain) => chain.reduce((product, i, at) => product * part(i, chain[at + 1] ?? last), 1);
  /** @type {number[]} */
  let best = [];
  const grow = (/** @type {number[]} */ chain) => {
    const longer = chain.length - best.length;
    if (chain.includes(strongest) && (longer > 0 || (longer === 0 && strength(chain) > strength(best)))) best = chain;
    if (chain.length < MOST_STEPS) for (const i of steps) if (!chain.includes(i) && chain.every((earlier) => follows(earlier, i))) grow([...chain, i]);
  };
  grow([]);
  return best;
};

/** The step that carries most of the outcome: the whole counts as the whole, and the first such step is the nearest to what was changed. @param {number[][]} carried */
export const strongestOf = (carried) => {
  const last = carried.length, share = (/** @type {number} */ i) => Math.min(1, carried[i][last]);
  return carried.reduce((best, _, i) => (share(i) > share(best) ? i : best), 0);
};

/** Such as "12 % less" of it. @param {number} size relative @param {string} words @param {boolean} counted */
const sized = (size, words, counted) => {
  if (!Number.isFinite(size)) return `some ${words}`;
  if (size <= -0.995) return `no ${words}`;
  return `${shareText(Math.abs(size))} ${size > 0 ? "more" : counted ? "fewer" : "less"} ${words}`;
};

/**
 * Why one outcome moved, in sentences; the outcome itself as the verdict has it.
 * @param {any} data the page's @param {any} outcome @param {import("./types.js").Effect} effect
 * @param {(told: number) => { sizes: number[], carried: number[][] }} measure of the version that changes the outcome so much
 * @returns {string[]} the chain, then how much of the change it carries
 */
export const chainWords = (data, outcome, effect, measure) => {
  const verdict = verdictOf(outcome, effect), told = effect.difference[2] / Math.abs(effect.base[2]);
  if (verdict === "open") return [`Which way it moves is open, so that no chain of causes is told.`];
  if (verdict === "hardly any") return [`It hardly moves: there is nothing to explain.`];
  const { sizes, carried } = measure(told), last = carried.length, chain = chainOf(carried), end = sized(told, outcome.label, outcome.counted);
  const step = (/** @type {number} */ i) => sized(sizes[i], data.links[i].words, data.links[i].counted), part = (/** @type {number} */ i) => shareText(Math.min(1, carried[i][last]));
  if (!chain.length) {
    const most = strongestOf(carried), some = carried[most]?.[last] >= SMALL;
    return [`${capital(end)}: by many small links, or directly.`, `No step carries half of it${some ? `; most, ${part(most)}, goes through this: ${step(most)}` : ""}.`];
  }
  const least = chain.reduce((a, b) => (carried[b][last] < carried[a][last] ? b : a));
  const steps = chain.map(step).join(", so "), whole = `${steps}, so ${end}.`;
  return [capital(whole.split(" ").length > MOST_WORDS ? `${steps}. That comes to ${end}.` : whole),
    `Held as it was, ${chain.length > 1 ? "each step" : "this step"} takes away ${carried[least][last] >= 0.995 ? "all" : `${chain.length > 1 ? "at least " : ""}${part(least)}`} of the change.`];
};
