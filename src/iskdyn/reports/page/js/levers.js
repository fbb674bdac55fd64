/** The lever panel: each tactic as its own curve with stops in words, its months, and what it means and rests on. */

import { capital, make, shortText } from "./format.js";
import { bendOf, bendWords, monthLevels, readBend, stopsOf } from "./bend.js";
import { makeCurve } from "./curve.js";
import { monthWords } from "./months.js";
import { valueAt } from "./state.js";

/** @param {import("./types.js").Lever} lever */
const stepOf = (lever) => (lever.high - lever.low > 20 || ((lever.high - lever.low) % 1 === 0 && lever.unit === "Month") ? 1 : 0.05);

/**
 * @param {import("./types.js").Lever} lever
 * @param {any} data
 * @param {{ drag: (change: unknown) => void, set: (change: unknown) => void, timeline: () => void }} on
 */
export const makeLever = (lever, data, on) => {
  const id = `lever-${data.levers.indexOf(lever)}`, stops = stopsOf(lever), given = lever.group === "decision";
  const span = { from: 0, last: Infinity };
  let nMonths = 0;
  /** A level over the chosen months, and history outside of them. @param {number} level */
  const spanned = (level) => (lever.default === null ? level
    : bendOf(monthLevels(undefined, lever, nMonths).map((was, month) => (month >= span.from && month <= span.last ? level : was)), lever));
  const clear = () => { Object.assign(span, { from: 0, last: Infinity }); on.set(lever.default); };
  const curve = stops.length ? makeCurve(lever, `${id}-curve`, data, { drag: (levels) => on.drag(bendOf(levels, lever)), set: (levels) => on.set(bendOf(levels, lever)), clear }) : null;
  const buttons = stops.map((stop) => make("button", { type: "button", class: "stop", "data-level": stop.level, "aria-label": `${lever.title}: ${stop.text}`, onclick: () => on.set(spanned(stop.level)) }, stop.text));
  const reset = make("button", { type: "button", class: "reset", "aria-label": `Reset ${lever.title}`, title: "Back to history", onclick: clear }, "\u21ba");
  const said = make("span", { class: "said" }), exact = makeExact(lever, id, on, spanned), months = makeMonths(lever, id, data.clock);
  const level = () => exact.value();
  months.from.addEventListener("change", () => { span.from = Number(months.from.value); span.last = Math.max(span.last, span.from); on.set(spanned(level())); });
  months.last.addEventListener("change", () => { span.last = Number(months.last.value); span.from = Math.min(span.from, span.last); on.set(spanned(level())); });
  const more = make("details", { class: "words" }, make("summary", { "aria-label": `About ${lever.title}` }, "What it means, and who says so"), ...about(lever, curve ? exact.element : null, data.clock.unit, given ? null : on.timeline));
  const element = make("div", { class: "lever", role: "group", "aria-label": lever.title },
    make("div", { class: "head" }, make("span", { class: "name" }, lever.title), said, make("span", { class: "stops", role: "group", "aria-label": `${lever.title}: how much` }, ...buttons), reset),
    curve?.element, curve || given ? null : exact.element, make("div", { class: "foot" }, curve ? months.element : null, more));

  /** @param {import("./types.js").Change | undefined} change @param {number} until */
  const show = (change, until) => {
    nMonths = until;
    const bend = stops.length ? readBend(change, lever, until) : null;
    if (bend && change !== undefined) Object.assign(span, { from: bend.from, last: bend.last >= until - 1 ? Infinity : bend.last });
    months.show(span, until);
    curve?.show(change, until);
    said.textContent = change === undefined ? "" : bendWords(change, lever, data.clock, until);
    exact.show(change, bend, until, said.textContent);
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(Boolean(bend) && Math.abs(/** @type {any} */ (bend).level - stops[i].level) < 1e-9)));
    element.classList.toggle("moved", change !== undefined);
    reset.disabled = change === undefined;
  };
  return { element, show, lever, curve, forget: () => { Object.assign(span, { from: 0, last: Infinity }); } };
};

/** The exact level, as a slider and a number. @param {any} lever @param {string} id @param {any} on @param {(level: number) => any} spanned */
const makeExact = (lever, id, on, spanned) => {
  const bounds = { min: lever.low, max: lever.high }, rest = lever.default ?? lever.off;
  const slider = make("input", { type: "range", id: `${id}-slider`, ...bounds, step: stepOf(lever), "aria-label": lever.title });
  const number = make("input", { type: "number", id: `${id}-number`, ...bounds, step: "any", "aria-label": `${lever.title}, exact value` });
  slider.addEventListener("input", () => { number.value = slider.value; on.drag(spanned(Number(slider.value))); });
  slider.addEventListener("change", () => on.set(spanned(Number(slider.value))));
  number.addEventListener("change", () => {
    const level = Number(number.value);
    on.set(number.value === "" || !Number.isFinite(level) ? lever.default : spanned(Math.min(lever.high, Math.max(lever.low, level))));
  });
  const element = make("div", { class: "exact" }, slider, number);
  const show = (/** @type {any} */ change, /** @type {any} */ bend, /** @type {number} */ until, /** @type {string} */ said) => {
    const level = bend ? bend.level : change === undefined ? lever.default : valueAt(change, until);
    if (document.activeElement !== slider || Number(slider.value) !== level) slider.value = String(level ?? rest);
    number.value = level === null ? "" : String(Number(level.toPrecision(12)));
    number.placeholder = lever.points ? "as it was" : lever.default === null ? "drawn" : "";
    slider.setAttribute("aria-valuetext", `${level === null ? "" : `${shortText(level)}, `}${said || (lever.default === null && !lever.points ? "as each version has it" : "as it was")}`);
  };
  return { element, show, value: () => Number(slider.value) };
};

/** First and last month of a bend. @param {any} lever @param {string} id @param {any} clock */
const makeMonths = (lever, id, { start, unit }) => {
  const from = make("select", { id: `${id}-from`, "aria-label": `${lever.title}, from which ${unit}` }), last = make("select", { id: `${id}-last`, "aria-label": `${lever.title}, until which ${unit}` });
  const show = (/** @type {{ from: number, last: number }} */ span, /** @type {number} */ until) => {
    for (const select of from.options.length === until ? [] : [from, last]) select.replaceChildren(...Array.from({ length: until }, (_, i) => make("option", { value: i }, monthWords(start, i))));
    from.value = String(Math.min(span.from, until - 1));
    last.value = String(Math.min(span.last, until - 1));
  };
  return { from, last, show, element: make("span", { class: "months" }, "from ", from, " until ", last) };
};

/** @param {import("./types.js").Lever} lever @param {HTMLElement | null} exact @param {string} unit @param {(() => void) | null} timeline */
const about = (lever, exact, unit, timeline) => {
  const rows = [["It is", lever.says], ["Left out", lever.off_means], ["It needs", lever.needs], ["It costs", lever.costs], ["It harms", lever.harms]];
  const list = make("dl", {}, ...rows.filter((row) => row[1]).flatMap(([term, text]) => [make("dt", { class: term === "It harms" ? "harm" : null }, term), make("dd", {}, text)]));
  const said = make("ul", { class: "said-by" }, ...lever.evidence.map((one) => make("li", {}, `${one.says} `, make("small", {}, `Says: ${one.who}. In the paper: ${one.place}.`))));
  const months = timeline && (lever.points || lever.default !== null) ? make("button", { type: "button", onclick: timeline }, `${capital(unit)} by ${unit}\u2026`) : null;
  const alone = lever.group === "decision" ? "Left alone, it follows its rule; only a ready scenario gives it a course of its own."
    : lever.points ? "Left alone, it takes the course that it had." : lever.default === null ? "Left alone, each version keeps its own value." : null;
  return [list, make("p", { class: "term" }, "Who says so"), lever.evidence.length ? said : make("p", {}, "The paper does not say: an assumption of the model."),
    alone ? make("p", {}, alone) : null, exact ? make("p", {}, "Exactly:") : null, exact, months ? make("p", { class: "when" }, months) : null].filter((one) => one !== null);
};

/**
 * A fold of levers that says how many of them are changed.
 * @param {any[]} levers @param {string} text @param {Record<string, string>} attributes @param {...Node} before what stands above them
 */
const makeDrawer = (levers, text, attributes, ...before) => {
  const summary = make("summary", {}, text), element = make("details", attributes, summary, ...before, ...levers.map((one) => one.element));
  /** @param {import("./types.js").Changes} changes */
  const show = (changes) => {
    const count = levers.filter((one) => one.lever.name in changes).length;
    summary.textContent = count ? `${text}: ${count} changed` : text;
    element.classList.toggle("changed", count > 0);
  };
  return { element, show };
};

/**
 * All levers in their groups: tactics first, each with its parts, then, apart from them, what is assumed about others.
 * @param {any} data
 * @param {(lever: import("./types.js").Lever) => any} listeners
 */
export const makePanel = (data, listeners) => {
  const levers = data.levers.filter((/** @type {any} */ lever) => lever.group !== "reading").map((/** @type {any} */ lever) => makeLever(lever, data, listeners(lever)));
  const of = (/** @type {(one: any) => boolean} */ test) => levers.filter((/** @type {any} */ one) => test(one.lever));
  const assumed = makeDrawer(of((lever) => lever.group === "assumption"), "Assumptions about others", { class: "assumptions" },
    make("p", {}, "Not tactics: what others do, and how the model explains the past. They change the scenario, never what it is compared with."));
  const outside = makeDrawer(of((lever) => lever.group === "history" || lever.group === "decision"), "What comes from outside, and orders given", { class: "assumptions" },
    make("p", {}, "What the model takes from outside, and decisions to which a ready scenario gives a course. A slider replaces the whole course by one level."));
  const drawers = [assumed, outside];
  const tactics = of((lever) => lever.group === "tactic").map((/** @type {any} */ one) => {
    const parts = of((lever) => lever.group === "sub-lever" && lever.tactic === one.lever.tactic);
    if (parts.length) drawers.push(makeDrawer(parts, `Parts of ${one.lever.title} (${parts.length})`, { class: "parts" }));
    return make("div", { class: "tactic" }, one.element, parts.length ? drawers[drawers.length - 1].element : null);
  });
  return { levers, drawers, tactics, assumed: assumed.element, outside: outside.element };
};

/** @param {any} data @param {import("./types.js").Changes} changes @param {number} until @returns {string[]} what is changed, in words */
export const changeWords = (data, changes, until) =>
  data.levers.filter((/** @type {any} */ lever) => lever.name in changes)
    .map((/** @type {any} */ lever) => (lever.group === "reading" ? capital(lever.title) : `${capital(lever.title)}: ${bendWords(changes[lever.name], lever, data.clock, until)}`));
