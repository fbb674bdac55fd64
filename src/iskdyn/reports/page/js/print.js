/** The scenario on paper: its own markup, with words, numbers, pictures, code and sources. */

import { capital, make } from "./format.js";
import { LEXICON } from "./lexicon.js";
import { monthWords } from "./months.js";
import { outcomesTable } from "./table.js";

/**
 * @param {any} data @param {any} shown what the page shows: state, result, words, changed, code
 * @param {SVGElement[]} pictures of the charts
 * @returns {HTMLElement[]}
 */
export const printed = (data, { state, result, words, changed, code, ready }, pictures) => {
  const list = (/** @type {string[]} */ lines) => make("ul", {}, ...lines.map((line) => make("li", {}, line)));
  const charts = data.outcomes.map((/** @type {any} */ outcome, /** @type {number} */ i) => {
    pictures[i].querySelectorAll("[tabindex]").forEach((one) => one.removeAttribute("tabindex"));
    return make("figure", { class: outcome.human ? "human" : null }, make("figcaption", {}, make("strong", {}, capital(outcome.label)), ` ${outcome.rate}`), pictures[i]);
  });
  const sources = data.outcomes.flatMap((/** @type {any} */ outcome) => data.reported[outcome.name].map((/** @type {any} */ one) => `${one.says} (${one.source}; ${one.leaning}; ${one.place})`));
  return [
    make("h1", {}, data.title), make("p", {}, make("strong", {}, "A counterfactual, not a forecast."), ` Run to ${monthWords(data.clock.start, state.until - 0.5)}. Model ${data.model}.`),
    ...standing(data).map((line) => make("p", { class: "warning" }, line)),
    make("h2", {}, "What was changed"), ready && changed.length ? make("p", {}, make("strong", {}, ready.title), `: ${ready.says}`) : null, changed.length ? list(changed) : make("p", {}, "Nothing: this is history as it was."),
    make("h2", {}, "What the model expects"), make("p", {}, words.opening), list([...words.human, ...words.others]),
    outcomesTable(data, result), make("h2", {}, "Over time"),
    make("p", {}, `Dark line: middle version${state.view === "difference" ? " of the difference from history" : "; dashed: history"}. Dark band: ${LEXICON.words.half} of the versions; pale band: ${LEXICON.words.range}. Framed bars: what sources report.`),
    make("div", { class: "charts" }, ...charts), make("h2", {}, "What is compared with"), make("p", { class: "sources" }, sources.join(" \u00b7 ")), make("p", {}, `All from: ${data.source}.`),
    make("h2", {}, "Limits"), list(data.limits), make("h2", {}, "Scenario code"), make("p", { class: "code" }, code),
  ].filter((one) => one !== null);
};

/** What speaks against the numbers, in words. @param {any} data @returns {string[]} */
export const standing = (data) => [
  ...(data.kind === "posterior" ? [] : ["The versions approximate what is known; they are not those of an accepted posterior."]),
  ...(data.stale.length ? ["The numbers behind this page were computed from an earlier state of the model or its evidence. They are shown for trial, not for citing."] : []),
  ...(data.banner ? [data.banner] : []),
];

/**
 * A chart as a PNG, colours included; the page's styles do not reach into a picture, so they are copied.
 * @param {SVGElement} svg @param {string} title
 * @returns {Promise<Blob>}
 */
export const pictureOf = async (svg, title) => {
  const copy = /** @type {SVGElement} */ (svg.cloneNode(true)), box = svg.getBoundingClientRect();
  const originals = [svg, ...svg.querySelectorAll("*")], copies = [copy, ...copy.querySelectorAll("*")];
  originals.forEach((one, i) => {
    const style = getComputedStyle(one);
    for (const name of ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size"]) copies[i].setAttribute(name, style.getPropertyValue(name));
    copies[i].setAttribute("font-family", "sans-serif");
  });
  const scale = 3, head = 24;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(box.width * scale));
  copy.setAttribute("height", String(box.height * scale));
  const address = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }));
  const image = new Image();
  await new Promise((done, failed) => { image.onload = done; image.onerror = failed; image.src = address; });
  const canvas = make("canvas", { width: Math.round(box.width * scale), height: Math.round((box.height + head) * scale) });
  const pen = canvas.getContext("2d"), paper = getComputedStyle(document.body);
  pen.fillStyle = paper.backgroundColor;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = paper.color;
  pen.font = `${13 * scale}px sans-serif`;
  pen.fillText(title, 8 * scale, 16 * scale, canvas.width - 16 * scale);
  pen.drawImage(image, 0, head * scale);
  URL.revokeObjectURL(address);
  return new Promise((done) => canvas.toBlob((/** @type {Blob} */ blob) => done(blob), "image/png"));
};
