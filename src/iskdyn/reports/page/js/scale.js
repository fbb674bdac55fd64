/** Axes: round numbers for ticks, and months for the time axis. */

import { monthWords } from "./months.js";

/** @param {number} low @param {number} high @param {number} wanted @returns {number[]} round numbers that hold both ends */
export const ticks = (low, high, wanted) => {
  const span = high - low || 1, raw = span / wanted, power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((one) => one * power >= raw * 0.999) ?? 10);
  const first = Math.floor(low / step + 1e-9), last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
};

/** @param {string} start @param {number} until @param {number} width @returns {{ time: number, text: string }[]} a few months, written short */
export const monthTicks = (start, until, width) => {
  const room = Math.max(1, Math.floor((width - 50) / 56)), every = (until < 12 ? [1, 2, 3, 6] : [6, 12, 24, 36, 60]).find((one) => until / one <= room) ?? Math.ceil(until / room);
  return Array.from({ length: Math.floor((until - 1) / every) + 1 }, (_, i) => i * every)
    .map((time) => ({ time, text: monthWords(start, time).replace(" 20", " \u2019") }));
};
