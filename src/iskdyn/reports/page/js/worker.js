/**
 * The model's side: in the page it only offers what it can do; in a worker it answers requests.
 * Two workers share the draws, and then the outputs: each sends the other its runs, and the
 * helper sends what it says of its own to the lead, which alone answers the page.
 */

import { makeAnalysis, makePart, makeShare, partFor, together } from "./ensemble.js";
import { eitherKernel, runKernel } from "./kernel.js";

/* global DATA, compiled, explain */

const simulate = eitherKernel(compiled, explain, [...DATA.outcomes.map((/** @type {any} */ one) => one.name), ...DATA.paths], DATA.clock.every);
Object.assign(globalThis, { MODEL: { makeAnalysis, makePart, runKernel, simulate, explain } });

/** The arrays of a message that need not be copied. @param {any} value @returns {ArrayBuffer[]} */
const buffers = (value) => (value instanceof Float64Array ? [value.buffer] : value && typeof value === "object" ? Object.values(value).flatMap(buffers) : []);

/** @param {any} message @param {MessagePort} [port] */
const begin = (message, port) => {
  const { which, of } = message, part = makePart(DATA, simulate, which, of), share = makeShare(DATA, which, of);
  /** @type {Map<number, { request: any, runs: any[], told: any[] }>} */
  const waiting = new Map();
  const entryOf = (/** @type {number} */ id) => {
    const entry = waiting.get(id) ?? { request: null, runs: [], told: [] };
    waiting.set(id, entry);
    return entry;
  };
  const finish = (/** @type {number} */ id, /** @type {any[]} */ told) => {
    const entry = entryOf(id);
    entry.told.push(told);
    if (entry.told.length < of) return;
    waiting.delete(id);
    const result = together(DATA, entry.request, entry.told.flat());
    postMessage({ id, result }, /** @type {any} */ (buffers(result)));
  };
  const take = (/** @type {number} */ id, /** @type {number} */ from, /** @type {any} */ runs, /** @type {any} */ request) => {
    const entry = entryOf(id);
    entry.runs[from] = runs;
    entry.request = request ?? entry.request;
    if (!entry.request || entry.runs.filter(Boolean).length < of) return;
    const told = share(entry.request, entry.runs);
    if (which === 0) return finish(id, told);
    waiting.delete(id);
    if (port) port.postMessage({ id, told });
  };
  if (port) port.onmessage = ({ data }) => (data.told ? finish(data.id, data.told) : take(data.id, data.which, data.runs, null));

  return (/** @type {any} */ { id, request }) => {
    const runs = part.answer(request), partOf = (/** @type {number} */ who) => partFor(DATA, runs, who, of, request.until);
    if (port) {
      const sent = partOf(1 - which);
      port.postMessage({ id, which, runs: sent }, buffers(sent));
    }
    take(id, which, partOf(which), request);
  };
};

if (typeof document === "undefined" && typeof self !== "undefined") {
  /** @type {((data: any) => void) | null} */
  let answer = null;
  self.onmessage = ({ data, ports }) => {
    if (answer) answer(data);
    else answer = begin(data, ports[0]);
  };
}
