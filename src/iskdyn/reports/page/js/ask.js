/** "What would bring recruits below 100 a month?": every lever and pair at its stops, never more of what is never asked more of. */

import { levelWords, stopsOf } from "./bend.js";
import { capital, make, numberText, scrolled, tableOf } from "./format.js";
import { monthWords } from "./months.js";
import { costOf, differenceText, othersOf, verdictOf } from "./words.js";

const SHOWN = 5, OF = 10, AGAIN = 10;

/**
 * The moves that may be tried: each lever of a policy at each stop that is not history, but no more of what
 * is never asked more of.
 * @param {any} data
 * @returns {{ lever: any, level: number }[]}
 */
export const movesOf = (data) => data.levers.filter((/** @type {any} */ lever) => lever.group === "tactic" || lever.group === "sub-lever")
  .flatMap((/** @type {any} */ lever) => stopsOf(lever).filter((stop) => stop.level !== lever.default && !(stop.level > lever.default && data.never_more.includes(lever.tactic)))
    .map((stop) => ({ lever, level: stop.level })));

/** @param {{ lever: any, level: number }[]} moves */
const changesOf = (moves) => Object.fromEntries(moves.map(({ lever, level }) => [lever.name, level]));

/** @param {{ lever: any, level: number }[]} moves */
export const movesWords = (moves) => (moves.length ? moves.map(({ lever, level }) => `${capital(lever.title)}: ${levelWords(lever, level)}`).join(" and ") : "As it was");

/** Whether two moves turn the same screw twice: a tactic and a part that multiplies it. @param {any} a @param {any} b */
const doubled = (a, b) => a.lever.tactic === b.lever.tactic && a.lever.default !== a.lever.off && b.lever.default !== b.lever.off;

/**
 * History, each move alone, then the best move of each lever in pairs.
 * @param {any} data @param {(changes: any) => Promise<any>} ask @param {(done: number, all: number) => boolean} go on, after each
 * @returns {Promise<{ moves: any[], result: any }[]>}
 */
export const search = async (data, ask, go) => {
  const moves = movesOf(data), levers = [...new Set(moves.map((one) => one.lever))];
  const all = 1 + moves.length + (levers.length * (levers.length - 1)) / 2, found = /** @type {{ moves: any[], result: any }[]} */ ([]);
  const run = async (/** @type {any[]} */ some) => { found.push({ moves: some, result: await ask(changesOf(some)) }); return go(found.length, all); };
  if (!(await run([]))) return found;
  for (const one of moves) if (!(await run([one]))) return found;
  const best = levers.map((lever) => found.filter((one) => one.moves[0]?.lever === lever).reduce((a, b) => (b.result.reached > a.result.reached ? b : a)).moves[0]);
  for (let i = 0; i < best.length; i++) for (let j = i + 1; j < best.length; j++) if (!doubled(best[i], best[j]) && !(await run([best[i], best[j]]))) return found;
  return found;
};

/** Most versions first; of as many, fewer moves, then less human cost. @param {any[]} found @param {number} cost */
export const ranked = (found, cost) => [...found].sort((a, b) => b.result.reached - a.result.reached || a.moves.length - b.moves.length || a.result.effects[cost].difference[2] - b.result.effects[cost].difference[2]);

/** "8 of 10", rounded down. @param {number} share */
const ofTen = (share) => `${Math.floor(share * OF + 1e-9)} of ${OF}`;

/**
 * @param {any} data
 * @param {{ ask: (request: any) => Promise<any>, open: (changes: any, until: number) => void, keep: (name: string, changes: any) => string, say: (text: string) => void }} page
 */
export const makeAsk = (data, page) => {
  const choice = (/** @type {string} */ id, /** @type {string} */ label, /** @type {[any, string][]} */ options) => make("select", { id, "aria-label": label }, ...options.map(([value, text]) => make("option", { value }, text)));
  const cost = costOf(data), spared = data.outcomes[cost].label, others = /** @type {[any, string][]} */ (othersOf(data).map((i) => [i, capital(data.outcomes[i].label)]));
  const outcome = choice("ask-outcome", "Outcome", others), below = choice("ask-way", "Way", [["below", "below"], ["above", "above"]]);
  const value = make("input", { type: "number", id: "ask-value", step: "any", min: 0, "aria-label": "Level" }), unit = make("span", {});
  const until = choice("ask-until", "Month", data.clock.ends.map((/** @type {any} */ end) => [end.time, monthWords(data.clock.start, end.time - 0.5)]));
  const share = choice("ask-share", "Share of the versions", [5, 6, 7, 8, 9].map((n) => [n / OF, `${n} of ${OF}`]));
  const progress = make("progress", { id: "ask-progress", max: 1, value: 0, hidden: true, "aria-label": "search" }), out = make("div", { id: "asked", "aria-live": "polite" });
  let stopped = false;
  const units = () => { unit.textContent = data.outcomes[Number(outcome.value)].rate || data.outcomes[Number(outcome.value)].unit; };
  outcome.addEventListener("change", () => { value.value = ""; units(); });
  until.value = String(data.clock.ends[Math.min(1, data.clock.ends.length - 1)].time);
  share.value = "0.8";
  units();
  /** The level as it was, in the empty box, so that a number can be chosen. */
  const hint = async () => {
    const i = Number(outcome.value), { bands, times } = await page.ask({ changes: {}, base: {}, until: Number(until.value) });
    if (i === Number(outcome.value)) value.placeholder = `was ${numberText(bands[(i * 5 + 3) * times.length - 1], data.outcomes[i].digits)}`;
  };
  for (const one of [outcome, until]) one.addEventListener("change", hint);

  /** @param {any[]} found with all versions @param {any} target @param {string} tried */
  const answer = (found, target, tried) => {
    const order = ranked(found, cost), best = order[0], wanted = Number(share.value), does = best.result.reached >= wanted, told = data.outcomes[target.index];
    const rows = [...order.filter((one) => one.moves.length).slice(0, SHOWN), found[0]].map((one) => {
      const costText = differenceText(data.outcomes[cost], one.result.effects[cost]), i = target.index, last = one.result.times.length - 1, n = one.result.times.length;
      const end = (/** @type {number} */ q) => numberText(one.result.bands[(i * 5 + q) * n + last], told.digits), changes = changesOf(one.moves), name = movesWords(one.moves);
      const harms = data.outcomes.filter((/** @type {any} */ o, /** @type {number} */ k) => o.human && k !== cost && verdictOf(o, one.result.effects[k]) === "more").map((/** @type {any} */ o) => o.label);
      const part = make("span", { class: "lower" }), reached = make("span", { class: "share-bar", "aria-hidden": "true" }, part);
      part.style.width = `${100 * one.result.reached}%`;
      return make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, make("b", {}, ofTen(one.result.reached)), " ", reached), make("td", {}, `${end(2)} (${end(0)} to ${end(4)})`),
        make("td", {}, one.moves.length ? costText.text : `${numberText(one.result.bands[(cost * 5 + 2) * n + last], data.outcomes[cost].digits)} as it was`, one.moves.length && costText.range ? ` (${costText.range})` : "", harms.length ? make("small", {}, `but more: ${harms.join(", ")}`) : null),
        make("td", {}, ...(one.moves.length ? [make("button", { type: "button", onclick: () => page.open(changes, Number(until.value)) }, "Open"), " ", make("button", { type: "button", onclick: () => { page.say(page.keep(name.slice(0, 60), changes)); } }, "Keep")] : [])));
    });
    const line = does ? `${movesWords(best.moves)}: in ${ofTen(best.result.reached)} versions.` : `Nothing in the model does. The nearest gets there in ${ofTen(best.result.reached)} versions.`;
    out.replaceChildren(make("p", { class: "verdict" }, line),
      make("p", {}, `${data.banner ? `${data.banner} ` : ""}${tried} Never more of: ${data.never_more.join(", ")}. A version counts where the level is reached without more ${spared} than as it was.`),
      scrolled("what comes nearest", tableOf("The nearest, best first, and as it was", ["Move", "versions", `${capital(told.label)}, ${told.rate || told.unit}`, `${capital(data.outcomes[cost].label)}, against as it was`, ""], rows)));
    page.say(line);
  };
  const run = async () => {
    const target = { index: Number(outcome.value), below: below.value === "below", value: Number(value.value) }, time = Number(until.value);
    if (value.value === "" || !Number.isFinite(target.value)) { out.textContent = "Give a level: a number."; return; }
    stopped = false;
    [start.disabled, cancel.disabled, progress.hidden] = [true, false, false];
    out.textContent = "";
    const request = (/** @type {any} */ changes, /** @type {number} */ n) => page.ask({ changes, base: {}, until: time, target, n });
    const tried = await search(data, (changes) => request(changes, data.tried), (done, all) => { progress.value = done / all; return !stopped; });
    const [was, ...moved] = tried, nearest = ranked(moved, cost).slice(0, AGAIN), found = [];
    for (const one of [was, ...nearest]) found.push({ moves: one.moves, result: await request(changesOf(one.moves), data.n) });
    [start.disabled, cancel.disabled, progress.hidden] = [false, true, true];
    if (found.some((one) => one.result.seen !== found[0].result.seen)) { out.textContent = "Other versions came into sight while it searched: search again."; return; }
    answer(found, target, `Tried: each tactic and each part of one at its stops, alone and in pairs, from the start: ${moved.length} ways in ${data.tried} versions${stopped ? ", stopped before the end" : ""}, the nearest ${nearest.length} again in all ${data.n}.`);
  };
  const start = make("button", { type: "submit", id: "ask-run", class: "primary" }, "Search"), cancel = make("button", { type: "button", id: "ask-stop", disabled: true, onclick: () => { stopped = true; } }, "Stop");
  const form = make("form", { class: "sentence", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); run(); } }, "What would bring ", outcome, " ", below, " ", value, " ", unit, " by ", until, " in ", share, ` versions, without more ${spared}? `, start, " ", cancel, " ", progress);
  return { element: make("section", { "aria-labelledby": "ask-title" }, make("h2", { id: "ask-title", tabindex: -1 }, "Ask for an outcome"), form, out), show: hint };
};
