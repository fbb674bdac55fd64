/** The lever panel: for each a slider, a number, the mark of its history, a reset and a place for its words. */

import { capital, make, shortText } from "./format.js";
import { levelFrom, readLevel, valueAt } from "./state.js";
import { monthWords } from "./months.js";

/** @param {import("./types.js").Lever} lever */
const stepOf = (lever) => (lever.high - lever.low > 20 ? 1 : (lever.high - lever.low) % 1 === 0 && lever.unit === "Month" ? 1 : 0.05);

/**
 * @param {import("./types.js").Lever} lever
 * @param {any} data
 * @param {{ drag: (change: unknown) => void, set: (change: unknown) => void, timeline: () => void }} on
 */
export const makeLever = (lever, data, on) => {
  const id = `lever-${data.levers.indexOf(lever)}`, rest = lever.default ?? lever.off, step = stepOf(lever);
  let month = 0;
  const bounds = { min: lever.low, max: lever.high };
  const slider = make("input", { type: "range", id: `${id}-slider`, ...bounds, step, "aria-label": lever.title });
  const number = make("input", { type: "number", id: `${id}-number`, ...bounds, step: "any", "aria-label": `${lever.title}, exact value` });
  const reset = make("button", { type: "button", class: "reset", "aria-label": `Reset ${lever.title}`, title: "Back to history", onclick: () => { month = 0; on.set(lever.default); } }, "\u21ba");
  const mark = make("span", { class: "default", "aria-hidden": "true" }), said = make("span", { class: "said" });
  const from = make("select", { id: `${id}-from`, "aria-label": `${lever.title}, from which ${data.clock.unit}` });
  const value = (/** @type {number} */ level) => (lever.default === null ? level : levelFrom(level, month, lever.default));
  slider.addEventListener("input", () => { number.value = slider.value; on.drag(value(Number(slider.value))); });
  slider.addEventListener("change", () => on.set(value(Number(slider.value))));
  number.addEventListener("change", () => {
    const level = Number(number.value);
    on.set(number.value === "" || !Number.isFinite(level) ? lever.default : value(level));
  });
  from.addEventListener("change", () => { month = Number(from.value); on.set(value(Number(slider.value))); });
  mark.style.left = `${((rest - lever.low) / (lever.high - lever.low)) * 100}%`;
  const more = make("details", { class: "words" }, make("summary", { "aria-label": `About ${lever.title}` }, "when, and what it means"), ...about(lever, from, data.clock.unit, on.timeline));
  mark.hidden = Boolean(lever.points);
  const element = make("div", { class: "lever", role: "group", "aria-label": lever.title },
    make("span", { class: "name" }, lever.title), said, number, reset, make("span", { class: "track" }, mark, slider), more);

  /** @param {import("./types.js").Change | undefined} change @param {number} until */
  const show = (change, until) => {
    const level = readLevel(change, lever), plain = level ?? { value: valueAt(/** @type {any} */ (change), until), month: 0 };
    month = plain.month;
    if (document.activeElement !== slider || Number(slider.value) !== plain.value) slider.value = String(plain.value ?? rest);
    number.value = plain.value === null ? "" : String(Number((plain.value).toPrecision(12)));
    number.placeholder = lever.points ? "as it was" : lever.default === null ? "drawn" : "";
    said.textContent = change === undefined ? "" : !level ? "timeline" : month ? `from ${monthWords(data.clock.start, month)}` : "";
    slider.setAttribute("aria-valuetext", valueWords(lever, plain.value, said.textContent));
    element.classList.toggle("moved", change !== undefined);
    reset.disabled = change === undefined;
    fillMonths(from, data, until, month);
  };
  return { element, show, lever, slider };
};

/** @param {import("./types.js").Lever} lever @param {number | null} value @param {string} said */
const valueWords = (lever, value, said) => {
  if (value === null) return lever.points ? "as it was" : "as each draw has it";
  const where = value === lever.default ? "as in history" : value === lever.off ? "absent" : value > (lever.default ?? value) ? "more than history" : "less than history";
  return `${shortText(value)}, ${where}${said ? `, ${said}` : ""}`;
};

/** @param {HTMLSelectElement} select @param {any} data @param {number} until @param {number} month */
const fillMonths = (select, data, until, month) => {
  if (select.options.length !== until) {
    select.replaceChildren(...Array.from({ length: until }, (_, i) => make("option", { value: i }, i ? monthWords(data.clock.start, i) : "the start")));
  }
  select.value = String(month);
};

/** @param {import("./types.js").Lever} lever @param {HTMLElement} from @param {string} unit @param {() => void} timeline */
const about = (lever, from, unit, timeline) => {
  const rows = [["It is", lever.says], ["At " + shortText(lever.off), lever.off_means], ["It needs", lever.needs], ["It costs", lever.costs], ["It harms", lever.harms]];
  const list = make("dl", {}, ...rows.filter((row) => row[1]).flatMap(([term, text]) => [make("dt", { class: term === "It harms" ? "harm" : null }, term), make("dd", {}, text)]));
  const months = make("button", { type: "button", onclick: timeline }, `${unit[0].toUpperCase()}${unit.slice(1)} by ${unit}\u2026`);
  const when = lever.points ? make("p", { class: "when" }, "Left alone, it takes the course that it had. ", months)
    : lever.default === null ? make("p", {}, "Left alone, each draw keeps its own value.")
    : make("p", { class: "when" }, make("label", { for: from.id }, "From "), from, " ", months);
  return [when, list];
};

/**
 * All levers in their groups: tactics first, each with its parts, then the assumptions in a drawer.
 * @param {any} data
 * @param {(lever: import("./types.js").Lever) => any} listeners
 */
export const makePanel = (data, listeners) => {
  const levers = data.levers.map((/** @type {any} */ lever) => makeLever(lever, data, listeners(lever)));
  const of = (/** @type {(one: any) => boolean} */ test) => levers.filter((/** @type {any} */ one) => test(one.lever)).map((/** @type {any} */ one) => one.element);
  const tactics = levers.filter((/** @type {any} */ one) => one.lever.group === "tactic").map((/** @type {any} */ one) => {
    const parts = of((lever) => lever.group === "sub-lever" && lever.tactic === one.lever.tactic);
    const drawer = parts.length ? make("details", { class: "parts" }, make("summary", { "aria-label": `Parts of ${one.lever.title}` }, `parts (${parts.length})`), ...parts) : null;
    return make("div", { class: "tactic" }, one.element, drawer);
  });
  const assumed = make("details", { class: "assumptions" }, make("summary", {}, "Assumptions about others"),
    make("p", {}, "Not tactics: what others do, and how the model explains the past. The history shown dashed moves with them, so that differences are the tactics' alone."),
    ...of((lever) => lever.group === "assumption"));
  const outside = make("details", { class: "assumptions" }, make("summary", {}, "Series from outside"),
    make("p", {}, "What the model takes from outside and a ready scenario changes. A slider replaces the whole course by one level."), ...of((lever) => lever.group === "history"));
  return { levers, elements: [...tactics, outside, assumed], assumed };
};

/** @param {any} data @param {import("./types.js").Changes} changes @returns {string[]} what is changed, in words */
export const changeWords = (data, changes) =>
  data.levers.filter((/** @type {any} */ lever) => lever.name in changes).map((/** @type {any} */ lever) => {
    const change = changes[lever.name], level = readLevel(change, lever);
    if (!level) {
      const points = /** @type {[number, number][]} */ (change);
      if (points.length > 8) return `${capital(lever.title)}: its own course, ${data.clock.unit} by ${data.clock.unit}`;
      return `${capital(lever.title)}: ${points.map(([time, value]) => `${shortText(value)} in ${monthWords(data.clock.start, time)}`).join(", ")}`;
    }
    const history = lever.points ? "its own course" : lever.default === null ? "as drawn" : shortText(lever.default);
    return `${capital(lever.title)}: ${shortText(/** @type {number} */ (level.value))} instead of ${history}${level.month ? ` from ${monthWords(data.clock.start, level.month)}` : ""}`;
  });
