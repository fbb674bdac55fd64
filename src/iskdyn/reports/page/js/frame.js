/** A chart's frame: where a time and a value lie in it, and lines and bands as SVG paths. */

import { monthTicks } from "./scale.js";
import { draw, shortText } from "./format.js";

export const TOP = 6;
const LEFT = 46, RIGHT = 8, BOTTOM = 18;

/** @param {number} value */
export const px = (value) => Math.round(value * 10) / 10;

/**
 * @param {{ width: number, height: number, low: number, high: number, until: number }} size pixels, values, months
 */
export const makeFrame = ({ width, height, low, high, until }) => {
  const left = LEFT, right = width - RIGHT, floor = height - BOTTOM;
  const x = (/** @type {number} */ time) => left + (time / until) * (right - left);
  const y = (/** @type {number} */ value) => floor - ((value - low) / (high - low)) * (floor - TOP);
  /** @param {number[]} times @param {ArrayLike<number>} values @param {number} from where the values begin */
  const path = (times, values, from) => {
    let text = "";
    for (let t = 0; t < times.length; t++) text += `${t ? "L" : "M"}${px(x(times[t]))} ${px(y(values[from + t]))}`;
    return text;
  };
  /** @param {number[]} times @param {ArrayLike<number>} values @param {number} below @param {number} above */
  const band = (times, values, below, above) => {
    let text = path(times, values, above);
    for (let t = times.length - 1; t >= 0; t--) text += `L${px(x(times[t]))} ${px(y(values[below + t]))}`;
    return `${text}Z`;
  };
  return { x, y, path, band, left, right, floor, width, low, high, until };
};

/**
 * The lines of the values and the names of the months.
 * @param {ReturnType<typeof makeFrame>} frame @param {number[]} values @param {string} start first month
 * @returns {SVGElement[]}
 */
export const drawGrid = (frame, values, start) => [
  ...values.flatMap((value) => [
    draw("path", { d: `M${frame.left} ${px(frame.y(value))}H${frame.right}`, class: value === 0 ? "zero" : "rule" }),
    draw("text", { x: frame.left - 4, y: px(frame.y(value) + 3.5), "text-anchor": "end" }, shortText(value)),
  ]),
  ...monthTicks(start, frame.until, frame.width).flatMap(({ time, text }, i) => [
    draw("path", { d: `M${px(frame.x(time))} ${frame.floor}v3`, class: "rule" }),
    draw("text", { x: px(frame.x(time)), y: frame.floor + 14, "text-anchor": i ? "middle" : "start" }, text),
  ]),
];
