/** Passing a scenario on: link, code, saved copy, files. */

import { make } from "./format.js";
import { decode } from "./codes.js";
import { bandSeries, fileName, offer, pageWith, scenarioToml, tidyCsv } from "./files.js";
import { LEXICON } from "./lexicon.js";
import { monthWords } from "./months.js";
import { pictureOf } from "./picture.js";
import { aside } from "./words.js";

/**
 * @param {any} data
 * @param {{ source: string, code: () => string, load: (state: any | null, notes: string[]) => void, say: (text: string) => void,
 *   state: () => any, result: () => any, central: (which: string, changes: any) => any, charts: () => { chart: any, title: string }[], shown: () => any }} page
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
  const said = make("p", { id: "share-said", role: "status" });
  /** The chosen chart with what it shows and where it comes from. */
  const png = () => {
    const { chart, title: label } = page.charts()[Number(picture.value)], { state, result, changed, ready } = page.shown();
    const what = changed.length ? ready?.title ?? changed.join("; ") : "as it was", level = state.view !== "difference";
    return pictureOf(chart, { title: label, above: `${what}, ${monthWords(data.clock.start, 0)} to ${monthWords(data.clock.start, state.until - 0.5)}${aside(result)}`,
      below: `Line: middle of ${result.n} versions${level ? "; dashed: as it was" : " of the difference from what happened"}. Dark band: ${LEXICON.words.half} of the versions; pale band: ${LEXICON.words.range}.${level && data.reported[data.outcomes[Number(picture.value)].name].length ? " Bars: reported." : ""} What might have been, not a forecast. Source: iskdyn, model ${data.model}, after ${data.source}.` });
  };
  const save = async () => { offer(`${fileName(page.charts()[Number(picture.value)].title)}.png`, await png()); };
  const copyChart = async () => {
    try {
      await navigator.clipboard.write([new ClipboardItem({ "image/png": png() })]);
      said.textContent = "The chart is on the clipboard: paste it into a document.";
    } catch {
      said.textContent = "This browser does not let the page copy a picture. Take \u201cPicture (.png)\u201d beside it.";
    }
  };
  const element = make("section", { "aria-labelledby": "share-title-heading" }, make("h2", { id: "share-title-heading" }, "Pass it on"),
    make("p", { class: "row" }, make("label", {}, "Title ", title), " ", button("save-toml", "Scenario for the command line (.toml)", () => offer(`${fileName(title.value)}.toml`, text(scenarioToml(page.state(), data, title.value || "My scenario"), "application/toml"))), " ",
      button("save-csv", "Numbers (.csv)", () => offer(`${fileName(title.value)}.csv`, text(csv(), "text/csv"))), " ", button("save-page", "This page with my scenario (.html)", () => offer(`${fileName(title.value)}.html`, text(pageWith(page.source, page.code()), "text/html"))), " ", button("print-page", "Print or save as PDF", () => window.print())),
    make("p", { class: "row" }, make("label", {}, "Picture of ", picture), " ", button("copy-png", "Copy the chart", copyChart), " ", button("save-png", "Picture (.png)", save)), said,
    make("p", {}, make("label", { for: "code" }, "Scenario code: send it, or paste one that you were sent")), code,
    make("p", { class: "row" }, button("load-code", "Load the pasted code", load), " ", button("put-hash", "Put it into the address", () => { location.hash = `s=${page.code()}`; page.say("The address of this page now holds the scenario. Such a link works where the page is hosted, not between two people's own files."); })));
  return { element, show: () => { if (document.activeElement !== code) code.value = page.code(); } };
};
