/** A comparison as text for somebody else's document: plain, and as a table. */

import { capital } from "./format.js";
import { LEXICON } from "./lexicon.js";
import { whoWords } from "./speaks.js";
import { differenceText, effectSentence, verdictOf } from "./words.js";

/** @param {string} text */
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** What each scenario did, in sentences: all human cost first. @param {any} data @param {any} column */
const sentences = (data, column) => [true, false].map((human) => grouped(data, column, human)).filter(Boolean).join(" ");

/** Of human costs, or of the other outcomes: what is told, then what is not. @param {any} data @param {any} column @param {boolean} human */
const grouped = (data, column, human) => {
  const told = [], left = /** @type {Record<string, string[]>} */ ({ open: [], "hardly any": [] });
  for (const [i, outcome] of data.outcomes.entries()) {
    if (outcome.human !== human) continue;
    const verdict = verdictOf(outcome, column.effects[i]);
    if (left[verdict] && !(human && i === 0)) left[verdict].push(outcome.label);
    else told.push(effectSentence(outcome, column.effects[i]));
  }
  if (left["hardly any"].length) told.push(`${capital(LEXICON.verdicts["hardly any"].listed)}: ${left["hardly any"].join(", ")}.`);
  if (left.open.length) told.push(`${capital(LEXICON.verdicts.open.listed)}: ${left.open.join(", ")}.`);
  return told.join(" ");
};

/** @param {any} data @param {any} shown */
const sourceLine = (data, shown) => `Source: iskdyn, model ${data.model}, ${shown.columns[0].n} versions, after ${data.source}. What might have been, not a forecast, and no advice to repress.`;

/** @param {any} data the page's @param {any} shown window, baseline and columns */
export const memoText = (data, shown) => [
  ...shown.columns.map((/** @type {any} */ one) => `${one.title} (${one.says}), compared with ${shown.against}, ${shown.window}: ${sentences(data, one)} ${whoWords(data, one)}`),
  `${sourceLine(data, shown)} ${shown.columns.map((/** @type {any} */ one) => `Reopen ${one.title} with code ${one.code}`).join(". ")}.`,
].join("\n\n");

/** @param {any} data @param {any} shown */
export const memoHtml = (data, shown) => {
  const cell = 'style="border:1px solid #888;padding:4px 8px;text-align:left;vertical-align:top"';
  const head = ["Difference", ...shown.columns.map((/** @type {any} */ one) => one.title)].map((text) => `<th ${cell}>${escaped(text)}</th>`).join("");
  const rows = data.outcomes.map((/** @type {any} */ outcome, /** @type {number} */ i) => `<tr><th ${cell}>${escaped(capital(outcome.label))} (${escaped(outcome.unit)})</th>${shown.columns.map((/** @type {any} */ one) => {
    const { text, range } = differenceText(outcome, one.effects[i]);
    return `<td ${cell}><b>${text}</b>${range ? ` (${range})` : ""}${one.speaks[i] ? `<br><small>${escaped(one.speaks[i])}</small>` : ""}</td>`;
  }).join("")}</tr>`);
  const paragraphs = memoText(data, shown).split("\n\n").map((text) => `<p>${escaped(text)}</p>`);
  return `${paragraphs.slice(0, -1).join("")}<table style="border-collapse:collapse"><caption>Compared with ${escaped(shown.against)}, ${shown.window}; ${LEXICON.words.range} versions lie in the brackets.</caption><tr>${head}</tr>${rows.join("")}</table>${paragraphs.at(-1)}`;
};
