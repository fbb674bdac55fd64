/** The scenario's result in plain words, made from its numbers; human cost first. */

import { capital, numberText, shareText, signedText } from "./format.js";
import { LEXICON } from "./lexicon.js";
import { monthWords } from "./months.js";

/** Shares of the value before: below them a middle, and both ends of a range, are told as hardly any. */
export const SMALL = LEXICON.small, NARROW = LEXICON.narrow;
const IN_ALL = LEXICON.in_all;

/** "19 of 20", rounded down; "all" only where no version disagrees. @param {number} share */
export const countWords = (share) => (share >= 1 ? "all versions" : `${Math.floor(share * IN_ALL + 1e-9)} of ${IN_ALL} versions`);

/**
 * What an effect says: which way; that it is open; or that it is hardly any, as a whole and not in the middle only.
 * @param {any} outcome @param {import("./types.js").Effect} effect
 * @returns {"fewer" | "more" | "open" | "hardly any"}
 */
export const verdictOf = (outcome, effect) => {
  const [low, , middle, , high] = effect.difference, was = Math.abs(effect.base[2]);
  const below = (/** @type {number} */ size, /** @type {number} */ part) => size <= part * was || !/[1-9]/.test(numberText(size, outcome.digits));
  if (!effect.agreed) return below(Math.max(Math.abs(low), Math.abs(high)), NARROW) ? "hardly any" : "open";
  return below(Math.abs(middle), SMALL) ? "hardly any" : middle < 0 ? "fewer" : "more";
};

/** Whether no version differs in any outcome. @param {import("./types.js").Effect[]} effects */
export const unmoved = (effects) => effects.every((effect) => !effect.lower && !effect.higher);

/** The word for a direction: people are fewer, funds are lower. @param {any} outcome @param {string} verdict */
const wayWords = (outcome, verdict) => LEXICON.directions[outcome.digits ? "levels" : "counts"][verdict === "fewer" ? "lower" : "higher"];

/** One outcome in a sentence. @param {any} outcome @param {import("./types.js").Effect} effect @returns {string} */
export const effectSentence = (outcome, effect) => {
  const label = capital(outcome.label), verdict = verdictOf(outcome, effect), text = (/** @type {number} */ v) => numberText(Math.abs(v), outcome.digits);
  if (verdict === "hardly any") return `${label}: ${LEXICON.verdicts[verdict].sentence}.`;
  if (verdict === "open") return `${label}: open. Fewer or lower in ${shareText(effect.lower)} of the versions, more or higher in ${shareText(effect.higher)}.`;
  const [low, , middle, , high] = effect.difference, part = effect.base[2] ? `, ${shareText(Math.abs(middle / effect.base[2]))}` : "";
  return `${label}: ${text(middle)} ${wayWords(outcome, verdict)}${part} (${signedText(low, outcome.digits)} to ${signedText(high, outcome.digits)}), in ${countWords(Math.max(effect.lower, effect.higher))}.`;
};

/** The paired difference of one outcome: a number only where its direction is told. @param {any} outcome @param {import("./types.js").Effect} effect */
export const differenceText = (outcome, effect) => {
  const verdict = verdictOf(outcome, effect), signed = (/** @type {number} */ v) => signedText(v, outcome.digits);
  if (verdict === "open" || verdict === "hardly any") return { text: LEXICON.verdicts[verdict].cell, range: "" };
  return { text: signed(effect.difference[2]), range: `${signed(effect.difference[0])} to ${signed(effect.difference[4])}` };
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
    ? `Up to ${end}, against the same ${result.n} versions as it was${aside(result)}; in brackets where ${LEXICON.words.range} of them lie. What might have been, not a forecast.`
    : `As it was, up to ${end}, in ${result.n} versions${aside(result)}. Bend a curve to ask what would have been different.`;
  return changed.length ? { opening, human: sentences(true), others: sentences(false) } : { opening, human: [], others: [] };
};

/** Of which versions a result is, where it is not of all. @param {any} result */
export const aside = (result) => (result.seen ? `, ${result.seen}` : "");

/** The outcome that stands first: the first human cost. @param {any} data @returns {number} */
export const costOf = (data) => Math.max(0, data.outcomes.findIndex((/** @type {any} */ one) => one.human));

/** What may be chosen beside it. @param {any} data @returns {number[]} */
export const othersOf = (data) => {
  const all = [...data.outcomes.keys()], others = all.filter((i) => !data.outcomes[i].human);
  return others.length ? others : all;
};

/**
 * The outcome, human cost apart, that a scenario surely moves most for its size; null where it moves none.
 * @param {any} data @param {import("./types.js").Effect[]} effects
 */
export const movedMost = (data, effects) => {
  const size = (/** @type {number} */ i) => Math.abs(effects[i].difference[2]) / Math.max(1e-9, Math.abs(effects[i].base[2]));
  const told = othersOf(data).filter((i) => ["fewer", "more"].includes(verdictOf(data.outcomes[i], effects[i])));
  return told.length ? told.reduce((/** @type {number} */ best, /** @type {number} */ i) => (size(i) > size(best) ? i : best)) : null;
};
