/**
 * The model's side: in the page it only offers what it can do; in a worker it answers requests.
 * Two workers share the draws: the helper sends its runs to the lead, which alone answers the page.
 */

import { makeAnalysis, makePart } from "./ensemble.js";
import { runKernel } from "./kernel.js";

/* global DATA, simulate, explain */

Object.assign(globalThis, { MODEL: { makeAnalysis, makePart, runKernel, simulate, explain } });

/** @param {any} message @param {MessagePort} [port] */
const begin = (message, port) => {
  const { which, of } = message, part = makePart(DATA, simulate, which, of);
  /** @type {Map<number, any>} */
  const waiting = new Map();
  const analysis = which === 0 ? makeAnalysis(DATA, of) : null;

  const settle = (/** @type {number} */ id) => {
    const { request, parts } = waiting.get(id);
    if (!request || parts.filter(Boolean).length < of) return;
    waiting.delete(id);
    const result = /** @type {any} */ (analysis)(request, parts);
    const moved = [result.bands.buffer, result.base.buffer, result.done.buffer, result.doneBefore.buffer, ...(result.lines ? [result.lines.buffer] : [])];
    postMessage({ id, result }, /** @type {any} */ (moved));
  };
  const take = (/** @type {number} */ id, /** @type {number} */ from, /** @type {any} */ found, /** @type {any} */ request) => {
    const entry = waiting.get(id) ?? { request: null, parts: new Array(of).fill(null) };
    entry.parts[from] = found;
    entry.request = request ?? entry.request;
    waiting.set(id, entry);
    settle(id);
  };
  if (port && which === 0) port.onmessage = ({ data }) => take(data.id, data.which, data.found, null);

  return (/** @type {any} */ data) => {
    const found = part.answer(data.request);
    if (which === 0) return take(data.id, 0, found, data.request);
    const moved = [found.values.buffer, ...(found.base ? [found.base.buffer] : [])];
    return /** @type {MessagePort} */ (port).postMessage({ id: data.id, which, found }, moved);
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
