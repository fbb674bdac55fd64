/** A lever month by month: typed, or pasted from a spreadsheet. */

import { capital, make, scrolled, tableOf } from "./format.js";
import { monthAt, monthNumber, monthWords } from "./months.js";

/**
 * Values by month out of pasted text: either one value a row, from a month on, or month and value in two columns.
 * @param {string} text @param {string} start @param {number} first month where values without one begin
 * @param {number} nMonths
 * @returns {Map<number, number>}
 */
export const pastedValues = (text, start, first, nMonths) => {
  /** @type {Map<number, number>} */
  const found = new Map();
  let next = first;
  for (const line of text.split(/\r?\n/).slice(0, 400)) {
    const cells = line.trim().split(/\t|;/).map((cell) => cell.trim());
    const month = monthNumber(start, cells[0]);
    for (const cell of month === null ? cells : cells.slice(1)) {
      const value = Number(cell.replace(",", ".")), at = month ?? next++;
      if (cell !== "" && Number.isFinite(value) && at >= 0 && at < nMonths) found.set(at, value);
    }
  }
  return found;
};

/** @param {Map<number, number>} values @returns {[number, number][]} each at its month's middle */
export const pointsOf = (values) => [...values].sort((a, b) => a[0] - b[0]).map(([month, value]) => [month + 0.5, value]);

/**
 * @param {any} data
 * @returns {{ element: HTMLDialogElement, open: (lever: any, change: any, until: number, done: (points: any) => void) => void }}
 */
export const makeTimeline = (data) => {
  const { start, unit } = data.clock, title = make("h2", { id: "timeline-title" }), table = tableOf(null, [capital(unit), "Value"], []), body = table.tBodies[0];
  const hint = make("p", {}, "");
  hint.textContent = `A value stands at the middle of its ${unit}. A ${unit} left empty lies on the straight line between its neighbours; the last value goes on. Paste a column of values, or two columns with ${unit}s written as ${monthAt(start, 0)}.`;
  const apply = make("button", { type: "button", class: "primary" }, "Use these values"), clear = make("button", { type: "button" }, "Empty all");
  const close = make("button", { type: "button" }, "Cancel");
  const element = make("dialog", { "aria-labelledby": "timeline-title" }, title, hint, scrolled(`values by ${unit}`, table), make("p", { class: "buttons" }, apply, clear, close));
  const inputs = () => /** @type {HTMLInputElement[]} */ ([...body.querySelectorAll("input")]);
  const fill = (/** @type {Map<number, number>} */ values) => values.forEach((value, month) => { inputs()[month].value = String(value); });

  const open = (/** @type {any} */ lever, /** @type {any} */ change, /** @type {number} */ until, /** @type {(points: any) => void} */ done) => {
    title.textContent = `${lever.title}, ${unit} by ${unit} (${lever.low} to ${lever.high}; ${lever.points ? "shown as it was" : `history ${lever.default}`})`;
    body.replaceChildren(...Array.from({ length: until }, (_, i) => {
      const id = `month-${i}`;
      const input = make("input", { type: "number", id, min: lever.low, max: lever.high, step: "any", onpaste: (/** @type {ClipboardEvent} */ event) => {
        event.preventDefault();
        fill(pastedValues(event.clipboardData?.getData("text/plain") ?? "", start, i, until));
      }, onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === "Enter") { event.preventDefault(); (inputs()[i + 1] ?? apply).focus(); }
      } });
      return make("tr", {}, make("th", { scope: "row" }, make("label", { for: id }, `${monthWords(start, i)}`, make("span", { class: "code" }, ` ${monthAt(start, i)}`))), make("td", {}, input));
    }));
    if (typeof change === "number") fill(new Map([[0, change]]));
    else if (!change && lever.default !== null) fill(new Map([[0, lever.default]]));
    else if (change) fill(new Map(change.map((/** @type {number[]} */ point) => [Math.min(until - 1, Math.max(0, Math.floor(point[0]))), point[1]])));
    apply.onclick = () => {
      const values = new Map(inputs().flatMap((input, i) => (input.value === "" || !Number.isFinite(Number(input.value)) ? [] : [/** @type {[number, number]} */ ([i, Number(input.value)])])));
      element.close();
      done(values.size ? pointsOf(values) : lever.default ?? NaN);
    };
    element.showModal();
    inputs()[0].focus();
  };
  clear.addEventListener("click", () => inputs().forEach((input) => { input.value = ""; }));
  close.addEventListener("click", () => element.close());
  return { element, open };
};
