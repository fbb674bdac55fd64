/** What the sources report of an outcome, in words: under the pointer, on focus and as a list. */

import { make, shortText } from "./format.js";
import { monthWords } from "./months.js";

/** @param {import("./types.js").Report} report @param {any} clock */
const rangeWords = ({ low, high }) =>
  low === null ? `at most ${shortText(/** @type {number} */ (high))}` : high === null ? `at least ${shortText(low)}` : low === high ? shortText(low) : `${shortText(low)} to ${shortText(high)}`;

const GRACE = 0.05;

/** Whether a report speaks of months after a change; a step of the run is not one. @param {{ end: number }} report @param {number} from */
export const isPast = (report, from) => report.end > from + GRACE;

/** @param {import("./types.js").Report} report @param {any} clock @param {boolean} past */
export const reportWords = (report, clock, past) => {
  const first = monthWords(clock.start, report.start), last = monthWords(clock.start, report.end - 0.01);
  const when = first === last ? first : `${first} to ${last}`;
  const held = report.held ? " Kept out of the fit." : "", late = past ? " It describes what happened, not this scenario." : "";
  return `${report.says}. Says: ${report.source}; ${report.leaning}. In the paper: ${report.place}. ${rangeWords(report)}, ${report.reading} (${when}).${held}${late}`;
};

/**
 * The badge that says how many reports the history meets, and opens their list.
 * @param {any} outcome @param {import("./types.js").Report[]} reports @param {any} clock
 */
export const reportsPanel = (outcome, reports, clock) => {
  const met = reports.filter((one) => one.met).length;
  const list = make("ul", {}), note = outcome.note ? make("p", {}, outcome.note) : null;
  const label = reports.length ? `${met} of ${reports.length} reported figures lie within the versions` : "nothing is reported of it";
  const element = make("details", { class: "reports", onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === "Escape") element.open = false; } },
    make("summary", { "aria-label": `${outcome.label}: ${label}` }, label), make("div", { class: "panel", tabindex: 0, role: "region", "aria-label": `reports on ${outcome.label}` }, note, list));
  let faded = 0;
  const fade = (/** @type {number} */ from) => {
    if (from === faded) return;
    faded = from;
    element.classList.toggle("faded", reports.some((one) => isPast(one, from)));
    list.replaceChildren(...reports.map((one) => make("li", { class: isPast(one, from) ? "past" : null }, reportWords(one, clock, isPast(one, from)), one.met ? "" : " The versions do not reach it.")));
  };
  return { element, fade };
};
