/** A scenario as one line of text, for a link, an e-mail or a saved copy; and back, whatever came. */

import { choiceOf, cleanChange, initialState } from "./state.js";

const LONGEST = 40_000;

/** @param {string} text */
const toBase64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** @param {string} text */
const fromBase64 = (text) =>
  new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0)));

/** @param {import("./types.js").State} state @param {any} data */
export const encode = (state, data) => `${data.model}.${toBase64(JSON.stringify({ c: state.changes, u: state.until, w: state.view, ...(state.of ? { o: state.of } : {}) }))}`;

/**
 * The scenario in a code; what cannot be used is left out and said. Never throws.
 * @param {unknown} code
 * @param {any} data
 * @returns {{ state: import("./types.js").State | null, notes: string[] }}
 */
export const decode = (code, data) => {
  const none = (/** @type {string} */ why) => ({ state: null, notes: [why] });
  if (typeof code !== "string" || !code.trim()) return none("There is no scenario code.");
  if (code.length > LONGEST) return none("This is too long to be a scenario code.");
  const [model, body] = code.trim().replace(/^.*#/, "").split(".");
  let found;
  try {
    found = JSON.parse(fromBase64(body ?? ""));
  } catch {
    return none("This is not a scenario code of this page.");
  }
  if (typeof found !== "object" || found === null || Array.isArray(found)) return none("This is not a scenario code of this page.");
  const notes = model === data.model ? [] : ["This scenario was made with another version of the model: the same settings may give other results."];
  return { state: stateOf(found, data, notes), notes };
};

/** @param {any} found @param {any} data @param {string[]} notes */
const stateOf = (found, data, notes) => {
  const state = initialState(data), wanted = typeof found.c === "object" && found.c !== null ? found.c : {};
  for (const [name, raw] of Object.entries(wanted).slice(0, 200)) {
    const lever = data.levers.find((/** @type {any} */ one) => one.name === name);
    if (!lever) {
      notes.push("A setting that this page does not know was left out.");
      continue;
    }
    const change = cleanChange(lever, raw, data.clock.last);
    if (change !== undefined) state.changes[lever.name] = change;
    if (JSON.stringify(change) !== JSON.stringify(raw)) notes.push(`The setting of ${lever.title} was brought into its range.`);
  }
  if (data.clock.ends.some((/** @type {any} */ end) => end.time === found.u)) state.until = found.u;
  if (found.w === "difference") state.view = "difference";
  if (choiceOf(data, found.o)) state.of = found.o;
  else if (found.o) notes.push("The versions that it looks at are not on this page: all are shown.");
  return state;
};
