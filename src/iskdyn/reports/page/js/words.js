/** The scenario's result in plain words, made from its numbers; human cost first. */

import { capital, numberText, shareText, signedText } from "./format.js";
import { monthWords } from "./months.js";

/** Shares of draws and the words for them. */
export const LIKELIHOOD = [[0.99, "in nearly every draw"], [0.9, "in most draws"], [0.66, "probably"]];

/** @param {number} share */
const likelihood = (share) => {
  const found = LIKELIHOOD.find((one) => share >= /** @type {number} */ (one[0]));
  return found ? found[1] : null;
};

/** @param {number} part of what it was */
const partText = (part) => (part < 0.005 ? "under 1 %" : shareText(part));

/** @param {any} outcome @param {import("./types.js").Effect} effect @returns {string} */
export const effectSentence = (outcome, effect) => {
  const lower = effect.lower > effect.higher, share = Math.max(effect.lower, effect.higher), likely = likelihood(share);
  const [low, , middle, , high] = effect.difference, text = (/** @type {number} */ v) => numberText(Math.abs(v), outcome.digits);
  if (!share || (likely && !/[1-9]/.test(text(middle)))) return `${capital(outcome.label)}: hardly any difference.`;
  if (!likely) return `${capital(outcome.label)}: the draws disagree (lower in ${shareText(effect.lower)}, higher in ${shareText(effect.higher)}).`;
  const relative = effect.base[2] ? ` (${partText(Math.abs(middle / effect.base[2]))})` : "";
  return `${capital(outcome.label)}: ${lower ? "lower" : "higher"} by ${text(middle)} ${outcome.unit}${relative}, ${likely} (${shareText(share)}); nine draws of ten lie between ${signedText(low, outcome.digits)} and ${signedText(high, outcome.digits)}.`;
};

/**
 * @param {any} data @param {import("./types.js").State} state @param {import("./types.js").Result} result
 * @param {string[]} changed
 * @returns {{ opening: string, human: string[], others: string[] }}
 */
export const resultWords = (data, state, result, changed) => {
  const end = monthWords(data.clock.start, state.until - 0.5);
  const sentences = (/** @type {boolean} */ human) => data.outcomes.flatMap((/** @type {any} */ outcome, /** @type {number} */ i) => (outcome.human === human ? [effectSentence(outcome, result.effects[i])] : []));
  const opening = changed.length
    ? `What the model expects up to ${end} had this been different, against the same ${result.n} draws with history as it was. A counterfactual, not a forecast.`
    : `History as it was, up to ${end}, in ${result.n} draws. Move a lever to ask what would have been different.`;
  return changed.length ? { opening, human: sentences(true), others: sentences(false) } : { opening, human: [], others: [] };
};
