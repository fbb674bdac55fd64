/** Passing a scenario on: link, code, saved copy, files. */

import { make } from "./format.js";
import { decode } from "./codes.js";
import { bandSeries, fileName, offer, pageWith, scenarioToml, tidyCsv } from "./files.js";
import { pictureOf } from "./print.js";
import { aside } from "./words.js";

/**
 * @param {any} data
 * @param {{ source: string, code: () => string, load: (state: any | null, notes: string[]) => void, say: (text: string) => void,
 *   state: () => any, result: () => any, central: (which: string, changes: any) => any, charts: () => { svg: any, title: string }[] }} page
 */
export const shareTool = (data, page) => {
  const code = make("textarea", { id: "code", rows: 2, spellcheck: "false" }), title = make("input", { id: "share-title", type: "text", maxlength: 60, value: "My scenario" });
  const picture = make("select", { id: "png-chart" }, ...data.outcomes.map((/** @type {any} */ one, /** @type {number} */ i) => make("option", { value: i }, one.label)));
  const button = (/** @type {string} */ id, /** @type {string} */ text, /** @type {() => void} */ act) => make("button", { type: "button", id, onclick: act }, text);
  const load = () => {
    const { state, notes } = decode(code.value, data);
    page.load(state, notes);
    page.say(notes.join(" ") || "The scenario is loaded.");
  };
  const csv = () => {
    const result = page.result(), n = result.times.length, { changes } = page.state();
    const single = (/** @type {string} */ run, /** @type {string} */ which) => {
      const { times, values } = page.central(which, changes);
      return { run, times, nOutputs: data.outcomes.length, series: /** @type {any} */ ([["value", (/** @type {number} */ i, /** @type {number} */ t) => values[i * times.length + t]]]) };
    };
    const bands = page.state().view === "difference" ? "difference from history" : "scenario";
    return tidyCsv(data, page.code(), [
      { run: `${bands}, ${result.n} draws${aside(result)}`, times: result.times, nOutputs: data.outcomes.length, series: bandSeries(result.bands, n) },
      { run: `history, ${result.n} draws${aside(result)}`, times: result.times, nOutputs: data.outcomes.length, series: bandSeries(result.base, n) },
      single("one run at the fitted values", "fitted"), single("one run at the values of the model file", "written")]);
  };
  const text = (/** @type {string} */ content, /** @type {string} */ type) => new Blob([content], { type });
  const png = async () => {
    const { svg, title: label } = page.charts()[Number(picture.value)];
    offer(`${fileName(label)}.png`, await pictureOf(svg, `${label}${aside(page.result())} \u2013 model ${data.model}, a counterfactual, not a forecast`));
  };
  const element = make("section", { "aria-labelledby": "share-title-heading" }, make("h2", { id: "share-title-heading" }, "Pass it on"),
    make("p", { class: "row" }, make("label", {}, "Title ", title), " ", button("save-toml", "Scenario for the command line (.toml)", () => offer(`${fileName(title.value)}.toml`, text(scenarioToml(page.state(), data, title.value || "My scenario"), "application/toml"))), " ",
      button("save-csv", "Numbers (.csv)", () => offer(`${fileName(title.value)}.csv`, text(csv(), "text/csv"))), " ", button("save-page", "This page with my scenario (.html)", () => offer(`${fileName(title.value)}.html`, text(pageWith(page.source, page.code()), "text/html"))), " ", button("print-page", "Print or save as PDF", () => window.print())),
    make("p", { class: "row" }, make("label", {}, "Picture of ", picture), " ", button("save-png", "Picture (.png)", png)),
    make("p", {}, make("label", { for: "code" }, "Scenario code: send it, or paste one that you were sent")), code,
    make("p", { class: "row" }, button("load-code", "Load the pasted code", load), " ", button("put-hash", "Put it into the address", () => { location.hash = `s=${page.code()}`; page.say("The address of this page now holds the scenario. Such a link works where the page is hosted, not between two people's own files."); })));
  return { element, show: () => { if (document.activeElement !== code) code.value = page.code(); } };
};
