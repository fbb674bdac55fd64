/** What the generated model needs to run a set of changes. */

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

/**
 * One run of a kernel over some members.
 * @param {Function} kernel made by the compiler
 * @param {any} data the page's
 * @param {Float64Array} values members' drawn numbers
 * @param {import("./types.js").Changes} changes
 * @param {number} until model time
 * @returns {{ times: number[], values: Float64Array, outputs: string[] }}
 */
export const runKernel = (kernel, data, values, changes, until) =>
  kernel(withFixed(values, data.parameters, changes), values.length / data.parameters.length, {
    finalTime: until,
    series: seriesOf(data.levers, changes),
  });
