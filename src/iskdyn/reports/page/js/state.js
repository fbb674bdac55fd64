/** What a reader has chosen, as plain data, and what may be chosen. */

/** @param {any} data @returns {import("./types.js").State} */
export const initialState = (data) => ({ changes: {}, until: data.clock.history, view: "level", lines: false, of: "" });

/**
 * The choice of versions of this key; null for all of them, and for a key that the page cannot show.
 * @param {any} data @param {unknown} key
 */
export const choiceOf = (data, key) => data.choices.find((/** @type {any} */ one) => one.key === key && one.counts) ?? null;

/** @param {import("./types.js").Lever} lever @param {number} value */
export const clamp = (lever, value) => Math.min(lever.high, Math.max(lever.low, value));

/**
 * A change made fit for its lever: every value in range, times rising and within the horizon.
 * @param {import("./types.js").Lever} lever
 * @param {unknown} raw anything
 * @param {number} last latest model time
 * @returns {import("./types.js").Change | undefined} undefined where it is none, or leaves the history as it was
 */
export const cleanChange = (lever, raw, last) => {
  if (typeof raw === "number") return Number.isFinite(raw) && clamp(lever, raw) !== lever.default ? clamp(lever, raw) : undefined;
  if (!Array.isArray(raw) || (lever.default === null && !lever.points && lever.group !== "decision")) return undefined;
  /** @type {Map<number, number>} */
  const points = new Map();
  for (const point of raw.slice(0, 400)) {
    if (!Array.isArray(point)) continue;
    const [time, value] = point;
    if (typeof time !== "number" || typeof value !== "number" || !Number.isFinite(time) || !Number.isFinite(value)) continue;
    if (time >= 0 && time <= last) points.set(time, clamp(lever, value));
  }
  const found = [...points].sort((a, b) => a[0] - b[0]);
  return found.some((point) => point[1] !== lever.default) ? found : undefined;
};

/**
 * @param {import("./types.js").State} state
 * @param {import("./types.js").Lever} lever
 * @param {unknown} raw
 * @param {number} last
 * @returns {import("./types.js").State}
 */
export const withChange = (state, lever, raw, last) => {
  const changes = { ...state.changes }, change = cleanChange(lever, raw, last);
  if (change === undefined) delete changes[lever.name];
  else changes[lever.name] = change;
  return { ...state, changes };
};

/**
 * What is changed in the model: not whether others hold still, which is how it is read.
 * @param {import("./types.js").Lever[]} levers @param {import("./types.js").Changes} changes
 */
export const movesIn = (levers, changes) =>
  Object.fromEntries(levers.filter((one) => one.group !== "reading" && one.name in changes).map((one) => [one.name, changes[one.name]]));

/**
 * The ready scenario that these changes are, if they are one.
 * @param {any} data @param {import("./types.js").Changes} changes
 */
export const readyScenario = (data, changes) => {
  const written = (/** @type {any} */ one) => JSON.stringify(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)));
  const moves = movesIn(data.levers, changes);
  return data.scenarios.find((/** @type {any} */ one) => Object.keys(moves).length && written(one.changes) === written(moves));
};

/**
 * Only what is assumed about others: the history that a policy is compared with.
 * @param {import("./types.js").Lever[]} levers
 * @param {import("./types.js").Changes} changes
 */
export const assumptionsOf = (levers, changes) =>
  Object.fromEntries(levers.filter((one) => one.group === "assumption" && one.name in changes).map((one) => [one.name, changes[one.name]]));

/**
 * The model time from which a scenario differs from history; Infinity where it does not.
 * @param {import("./types.js").Lever[]} levers
 * @param {import("./types.js").Changes} changes
 */
export const changedFrom = (levers, changes) => {
  let first = Infinity;
  for (const lever of levers) {
    const change = changes[lever.name];
    if (change === undefined || lever.group === "reading") continue;
    first = Math.min(first, departure(change, lever.points ?? /** @type {number} */ (lever.default ?? NaN)));
  }
  return first;
};

/**
 * The last time up to which a change follows the history; 0 where it never does, Infinity where it always does.
 * @param {import("./types.js").Change} change @param {import("./types.js").Change} history
 */
const departure = (change, history) => {
  const times = [0, ...[change, history].flatMap((one) => (Array.isArray(one) ? one.map((point) => point[0]) : []))].sort((a, b) => a - b);
  const i = times.findIndex((time) => Math.abs(valueAt(change, time) - valueAt(history, time)) > 1e-12 || Number.isNaN(valueAt(history, time)));
  return i < 0 ? Infinity : times[Math.max(0, i - 1)];
};

/**
 * The value of a change at a time, as the model reads it.
 * @param {import("./types.js").Change} change @param {number} time
 */
export const valueAt = (change, time) => {
  if (typeof change === "number") return change;
  const next = change.findIndex((point) => point[0] > time);
  if (next === 0) return change[0][1];
  if (next < 0) return change[change.length - 1][1];
  const [a, b] = [change[next - 1], change[next]];
  return a[1] + (time - a[0]) * ((b[1] - a[1]) / (b[0] - a[0]));
};
