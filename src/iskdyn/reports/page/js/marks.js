/** The reported intervals on a chart: a bar each, with its words on focus and under the pointer. */

import { px } from "./frame.js";
import { draw } from "./format.js";
import { isPast, reportWords } from "./reported.js";

/**
 * @param {import("./types.js").Report[]} reports
 * @param {any} frame of the chart
 * @param {any} clock
 * @param {number} changed model time from which the scenario differs from history
 * @param {(words: string | null) => void} tell what to say of a bar; null when it is left
 * @returns {SVGElement[]}
 */
export const drawMarks = (reports, frame, clock, changed, tell) =>
  reports.filter((one) => one.start < frame.until).map((one) => {
    const past = isPast(one, changed), words = reportWords(one, clock, past);
    const top = frame.y(Math.min(one.high ?? frame.high, frame.high));
    const bottom = frame.y(Math.max(one.low ?? frame.low, frame.low));
    const left = px(frame.x(one.start)), right = px(Math.max(frame.x(Math.min(one.end, frame.until)), left + 3));
    const edges = [...(one.high === null ? [] : [top]), ...(one.low === null ? [] : [bottom])];
    const say = () => tell(words), hush = () => tell(null);
    return draw("g", {
      class: `mark${one.held ? " held" : ""}${past ? " past" : ""}`, role: "img", "aria-label": words, tabindex: 0,
      onfocus: say, onmouseenter: say, onblur: hush, onmouseleave: hush,
      onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && hush(),
    },
    draw("rect", { x: left, y: px(top), width: px(right - left), height: px(Math.max(bottom - top, 1.5)) }),
    ...edges.map((edge) => draw("path", { d: `M${left} ${px(edge)}H${right}` })));
  });
