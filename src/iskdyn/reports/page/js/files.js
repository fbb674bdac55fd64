/** What can be taken away: the scenario for the command line, the numbers, a picture, a copy of the page. */

import { monthAt } from "./months.js";
import { make } from "./format.js";
import { heldBy } from "./kernel.js";
import { choiceOf, movesIn } from "./state.js";
import { LEVELS } from "./statistics.js";

/** @param {string} text as TOML has it */
const quoted = (text) => JSON.stringify(text);

/** @param {number} value with a point, as TOML wants floats */
const float = (value) => (Number.isInteger(value) ? value.toFixed(1) : String(value).replace(/^(-?\d+)e/, "$1.0e"));

/** @param {string} start @param {number} time a month where the point stands at its middle, else model time */
const timeKey = (start, time) => quoted(Number.isInteger(time - 0.5) ? monthAt(start, time) : String(time));

/**
 * The scenario as `iskdyn run --scenario` reads it.
 * @param {import("./types.js").State} state @param {any} data @param {string} title
 */
export const scenarioToml = (state, data, title) => {
  const until = monthAt(data.clock.start, state.until - 0.5);
  const lines = [`# Made with the page of model ${data.model}.`, `# iskdyn run --scenario FILE.toml --until ${until}`, ...(choiceOf(data, state.of) ? [`# The page showed it ${choiceOf(data, state.of).seen}.`] : []),
    `title = ${quoted(title)}`, `says = ${quoted("Set with the page.")}`];
  const entries = Object.entries(movesIn(data.levers, state.changes)), held = heldBy(data, state.changes);
  const fixed = entries.filter((one) => typeof one[1] === "number"), timed = entries.filter((one) => Array.isArray(one[1]));
  if (fixed.length) lines.push("", "[set]", ...fixed.map(([name, value]) => `${quoted(name)} = ${float(/** @type {number} */ (value))}`));
  if (timed.length) lines.push("", "[series]");
  for (const [name, points] of timed) {
    const shown = /** @type {[number, number][]} */ (points).map(([time, value]) => `${timeKey(data.clock.start, time)} = ${float(value)}`);
    lines.push(`${quoted(name)} = { ${shown.join(", ")} }`);
  }
  if (held.length) lines.push("", "[freeze]", ...held.map((name) => `${quoted(name)} = "own path"`));
  return lines.join("\n") + "\n";
};

/** @param {unknown[]} row */
const csvRow = (row) => row.map((cell) => (/[",\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell))).join(",");

/**
 * Tidy numbers: one row an output, time and statistic.
 * @param {any} data
 * @param {string} code
 * @param {{ run: string, times: number[], nOutputs: number, series: [string, (i: number, t: number) => number][] }[]} parts
 */
export const tidyCsv = (data, code, parts) => {
  const rows = [csvRow(["model", "scenario", "run", "output", "unit", "time", "month", "statistic", "value"])];
  for (const { run, times, series } of parts) {
    data.outcomes.forEach((/** @type {any} */ outcome, /** @type {number} */ i) => {
      for (const [statistic, read] of series) {
        times.forEach((time, t) => rows.push(csvRow([data.model, code, run, outcome.name, outcome.rate, time, monthAt(data.clock.start, time), statistic, read(i, t)])));
      }
    });
  }
  return rows.join("\n") + "\n";
};

/** The five levels of a band by name. @param {Float64Array} bands @param {number} nTimes @returns {[string, (i: number, t: number) => number][]} */
export const bandSeries = (bands, nTimes) =>
  LEVELS.map((level, q) => [`quantile ${level}`, (i, t) => bands[(i * LEVELS.length + q) * nTimes + t]]);

/** Offer a file; only ever after a click. @param {string} name @param {Blob} content */
export const offer = (name, content) => {
  const address = URL.createObjectURL(content), link = make("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
};

/** @param {string} text */
export const fileName = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "scenario";

/**
 * This page with a scenario inside; its scripts stay as they are, so its policy still lets them run.
 * @param {string} source the page as it came @param {string} code
 */
export const pageWith = (source, code) =>
  source.replace(/(<script type="application\/json" id="scenario">)[^<]*/, (_, opening) => opening + JSON.stringify(code).replaceAll("<", "\\u003c"));
