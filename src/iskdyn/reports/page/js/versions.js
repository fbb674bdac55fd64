/** Which versions are looked at: all, those of one structure, or all weighed as if a source had said nothing. */

import { makeClient, makeLocal } from "./client.js";
import { make } from "./format.js";
import { bytesOf } from "./packed.js";
import { choiceOf } from "./state.js";

/** @param {string} digit of base 36; "-" for none */
const digitOf = (digit) => (digit === "-" ? -1 : parseInt(digit, 36));

/**
 * The page's draws with each version as often as it counts.
 * @param {{ draws: string, n: number, tried: number }} all @param {{ counts: string, parts: string }} choice
 */
export const chosenDraws = (all, choice) => {
  const bytes = new Uint8Array(bytesOf(all.draws)), width = bytes.length / all.n, parts = [...choice.parts].map(digitOf);
  let text = "";
  [...choice.counts].forEach((count, m) => { text += String.fromCharCode(...bytes.subarray(m * width, (m + 1) * width)).repeat(digitOf(count)); });
  return { draws: btoa(text), n: parts.length, parts, tried: Math.min(all.tried, parts.length) };
};

/**
 * The versions that are seen stand in `data` itself, whose readers need not know of the choice: draws, how many and of
 * which parts, and the `banner` above what they say. Each choice has workers of its own from its first use.
 * @param {any} data the page's @param {() => string[]} texts of the scripts that a worker needs
 */
export const makeVersions = (data, texts) => {
  const all = { draws: data.draws, n: data.n, parts: data.parts, tried: data.tried };
  /** @type {Map<string, { local: any, client: any, started: number, chosen: any }>} */
  const known = new Map();
  /** @type {any} */
  let now = null;
  /** A result says of which versions it is. @param {any} one @param {any} result */
  const told = (one, result) => Object.assign(result, { seen: one.chosen.seen });
  const open = (/** @type {string} */ key) => {
    const choice = choiceOf(data, key), chosen = { ...(choice ? chosenDraws(all, choice) : all), seen: choice?.seen ?? "", banner: choice?.says ?? "" };
    Object.assign(data, chosen);
    const local = makeLocal(), client = makeClient(local), { seen, banner, ...draws } = chosen;
    const started = client.start([...texts(), ...(choice ? [`\nObject.assign(DATA, ${JSON.stringify(draws)});`] : [])]);
    return { local, client, started, chosen };
  };
  return {
    /** See these versions from now on. @param {string} key @returns {boolean} whether others were seen before */
    use: (key) => {
      const next = known.get(key) ?? open(key), changed = next !== now;
      known.set(key, next);
      Object.assign(data, next.chosen);
      now = next;
      return changed;
    },
    started: () => now.started,
    local: (/** @type {any} */ request) => told(now, now.local(request)),
    ask: async (/** @type {any} */ request) => { const asked = now; return told(asked, await asked.client.ask(request)); },
    /** What comes too late for the versions that are seen is dropped. @param {any} request @param {(result: any) => void} done */
    show: (request, done) => { const asked = now; asked.client.show(request, (/** @type {any} */ result) => { if (asked === now) done(told(asked, result)); }); },
  };
};

/** A list of what may be seen. @param {any} data @param {(key: string) => void} choose */
export const makeChooser = (data, choose) => {
  const groups = [...new Set(data.choices.map((/** @type {any} */ one) => one.group))];
  const select = make("select", { id: "seen-versions", disabled: !groups.length, onchange: () => choose(select.value) }, make("option", { value: "" }, `all ${data.n} versions`),
    ...groups.map((group) => make("optgroup", { label: group }, ...data.choices.flatMap((/** @type {any} */ one) => (one.group === group ? [make("option", { value: one.key, title: one.says, disabled: !one.counts }, one.counts ? one.title : `${one.title}: too much rests on it`)] : [])))));
  return select;
};
