/** The page: levers on one side, what 200 versions of the model say on the other. */

import { makeClient, makeLocal } from "./client.js";
import { assumptionsOf, changedFrom, initialState, readyScenario, withChange } from "./state.js";
import { makeHistory } from "./history.js";
import { changeWords, makePanel } from "./levers.js";
import { makeChart } from "./chart.js";
import { decode, encode } from "./codes.js";
import { make } from "./format.js";
import { monthWords } from "./months.js";
import { doubles } from "./packed.js";
import { printed, standing } from "./print.js";
import { outcomesTable } from "./table.js";
import { makeTimeline } from "./timeline.js";
import { resultWords } from "./words.js";
import { rankingTool, thresholdTool, tradeoffTool } from "./tools.js";
import { shareTool } from "./share.js";
import { whyTool } from "./why.js";

/* global DATA, MODEL */

const data = DATA, at = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const source = `<!doctype html>\n${document.documentElement.outerHTML}\n`;
const embedded = JSON.parse(at("scenario").textContent || '""');
const STATUS_DELAY = 700, SETTLE_DELAY = 60, BUSY_DELAY = 400;

const local = makeLocal(), client = makeClient(local);
const arrived = decode(location.hash.startsWith("#s=") ? location.hash.slice(3) : embedded, data);
const history = makeHistory(arrived.state ?? initialState(data));
/** @type {any} */
let result = null, shown = null, speaking = 0, settled = 0, waiting = 0;

const say = (/** @type {string} */ text) => {
  clearTimeout(speaking);
  speaking = setTimeout(() => { at("status").textContent = text; }, STATUS_DELAY);
};
const requestOf = (/** @type {any} */ state, /** @type {number} */ n) =>
  ({ changes: state.changes, base: {}, until: state.until, n, view: state.view, lines: state.lines });

const panel = makePanel(data, (lever) => ({
  drag: (change) => run(withChange(history.now(), lever, change, data.clock.last), data.dragging),
  set: (change) => commit(withChange(history.now(), lever, change, data.clock.last)),
  timeline: () => timeline.open(lever, history.now().changes[lever.name] ?? lever.points, history.now().until, (points) => commit(withChange(history.now(), lever, points, data.clock.last))),
}));
const timeline = makeTimeline(data);
const charts = data.outcomes.map((/** @type {any} */ outcome) => makeChart(outcome, data.reported[outcome.name], data.clock));

/** Draw what the model answered. @param {any} state @param {any} answer @param {boolean} final */
const paint = (state, answer, final) => {
  const started = performance.now();
  result = answer;
  const from = changedFrom(data.levers, state.changes), difference = state.view === "difference";
  charts.forEach((/** @type {any} */ chart, /** @type {number} */ i) => chart.show(answer, i, difference, from));
  document.documentElement.dataset.drawn = String(Number(document.documentElement.dataset.drawn ?? 0) + 1);
  document.documentElement.dataset.cost = (performance.now() - started).toFixed(2);
  if (final) settle(state);
};

/** What need not follow every move of a slider: table, words, code, print. @param {any} state */
const settle = (state) => {
  clearTimeout(settled);
  settled = setTimeout(() => tell(state), SETTLE_DELAY);
};

/** @param {any} state */
const tell = (state) => {
  const changed = changeWords(data, state.changes), words = resultWords(data, state, result, changed);
  shown = { state, result, words, changed, code: encode(state, data), ready: readyScenario(data, state.changes) };
  at("table").replaceChildren(outcomesTable(data, result));
  at("words").replaceChildren(make("p", {}, words.opening), make("ul", { class: "human" }, ...words.human.map((line) => make("li", {}, line))), make("ul", {}, ...words.others.map((line) => make("li", {}, line))));
  at("past").hidden = changedFrom(data.levers, state.changes) === Infinity;
  share.show();
  why.show();
  say(changed.length ? `${changed.length} changed. ${words.human[0] ?? ""}` : "History as it was.");
  document.documentElement.dataset.settled = encode(state, data);
};

/** @param {any} state @param {number} n draws */
const run = (state, n) => {
  waiting = waiting || setTimeout(() => { at("busy").hidden = false; }, BUSY_DELAY);
  client.show(requestOf(state, n), (answer) => {
    clearTimeout(waiting);
    waiting = 0;
    at("busy").hidden = true;
    paint(state, answer, n === data.n && history.now() === state);
  });
};

const render = () => {
  const state = history.now();
  for (const one of panel.levers) one.show(state.changes[one.lever.name], state.until);
  at("undo").disabled = !history.canUndo();
  at("redo").disabled = !history.canRedo();
  at("until").value = String(state.until);
  at("view").value = state.view;
  at("lines").checked = state.lines;
  at("assumed").textContent = Object.keys(assumptionsOf(data.levers, state.changes)).length ? "Assumptions about others are changed too: what is told is their part as well." : "";
  at("said").textContent = readyScenario(data, state.changes)?.says ?? "";
  at("cursor").max = String(state.until);
};
const refresh = () => { render(); run(history.now(), data.n); };
/** @param {any} state */
const commit = (state) => { history.push(state); refresh(); };

const model = {
  state: () => history.now(),
  assumed: () => assumptionsOf(data.levers, history.now().changes),
  ask: (/** @type {any} */ changes) => client.ask({ ...requestOf(history.now(), data.n), changes, base: assumptionsOf(data.levers, history.now().changes), lines: false }),
  say,
};
const central = (/** @type {string} */ which, /** @type {any} */ changes) => MODEL.runKernel(MODEL.simulate, data, doubles(data[which]), changes, history.now().until);
const why = whyTool(data, (changes) => MODEL.runKernel(MODEL.explain, data, doubles(data.fitted), changes, history.now().until), model);
const share = shareTool(data, { source, code: () => encode(history.now(), data), say, state: model.state, result: () => result, central,
  load: (state, notes) => { commit(state); at("notes").replaceChildren(...notes.map((note) => make("p", { class: "warning" }, note))); },
  charts: () => charts.map((/** @type {any} */ chart, /** @type {number} */ i) => ({ svg: chart.element.querySelector("svg"), title: data.outcomes[i].label })) });

const printNow = () => {
  if (shown) at("print").replaceChildren(...printed(data, shown, charts.map((/** @type {any} */ chart) => chart.picture(320, 104))));
};

const presets = () => {
  const groups = [make("option", { value: "" }, "Ready scenarios\u2026"), make("option", { value: "history" }, "History as it was"), make("option", { value: "none" }, "Every tactic absent"),
    ...data.scenarios.flatMap((/** @type {any} */ one, /** @type {number} */ i) => (Object.keys(one.changes).length ? [make("option", { value: i, title: one.says }, one.title)] : []))];
  at("preset").replaceChildren(...groups);
  at("preset").addEventListener("change", () => {
    const value = at("preset").value, tactics = data.levers.filter((/** @type {any} */ one) => one.group === "tactic");
    const chosen = value === "history" ? {} : value === "none" ? Object.fromEntries(tactics.map((/** @type {any} */ one) => [one.name, one.off])) : data.scenarios[Number(value)]?.changes;
    if (value === "" || !chosen) return;
    let state = { ...history.now(), changes: {} };
    for (const lever of data.levers) if (lever.name in chosen) state = withChange(state, lever, chosen[lever.name], data.clock.last);
    commit(state);
    at("preset").value = "";
  });
};

const listen = () => {
  at("undo").addEventListener("click", () => { history.undo(); refresh(); });
  at("redo").addEventListener("click", () => { history.redo(); refresh(); });
  at("reset").addEventListener("click", () => commit({ ...history.now(), changes: {} }));
  at("reset-assumed").addEventListener("click", () => {
    const assumed = assumptionsOf(data.levers, history.now().changes);
    commit({ ...history.now(), changes: Object.fromEntries(Object.entries(history.now().changes).filter(([name]) => !(name in assumed))) });
  });
  at("until").addEventListener("change", () => commit({ ...history.now(), until: Number(at("until").value) }));
  at("view").addEventListener("change", () => commit({ ...history.now(), view: at("view").value }));
  at("lines").addEventListener("change", () => commit({ ...history.now(), lines: at("lines").checked }));
  at("cursor").addEventListener("input", () => {
    const time = Number(at("cursor").value), last = time >= history.now().until;
    charts.forEach((/** @type {any} */ chart) => chart.cursor(last ? Infinity : time));
    at("cursor").setAttribute("aria-valuetext", monthWords(data.clock.start, Math.max(0, time - 0.01)));
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || /^(TEXTAREA|INPUT)$/.test(/** @type {any} */ (event.target).tagName) && /** @type {any} */ (event.target).type !== "range") return;
    event.preventDefault();
    at(event.shiftKey ? "redo" : "undo").click();
  });
  addEventListener("hashchange", () => {
    if (!location.hash.startsWith("#s=") || location.hash.slice(3) === encode(history.now(), data)) return;
    const { state, notes } = decode(location.hash.slice(3), data);
    if (state) commit(state);
    at("notes").replaceChildren(...notes.map((note) => make("p", { class: "warning" }, note)));
  });
  addEventListener("beforeprint", printNow);
  new ResizeObserver(() => {
    const height = Math.max(...["human", "pinned"].map((id) => at(id).getBoundingClientRect().height));
    document.documentElement.style.setProperty("--pinned", `${Math.ceil(height)}px`);
  }).observe(at("pinned"));
  let width = 0;
  new ResizeObserver(() => {
    if (innerWidth === width) return;
    width = innerWidth;
    charts.forEach((/** @type {any} */ chart) => chart.size());
  }).observe(document.body);
};

/** The first view: the answer, with questions of one click; nothing else moves before one is chosen. */
const showAnswer = () => { at("app").hidden = true; at("answer").hidden = false; };
const showExplorer = () => {
  at("answer").hidden = true;
  at("app").hidden = false;
  charts.forEach((/** @type {any} */ chart) => chart.size());
  refresh();
};
const answers = () => {
  at("back").hidden = false;
  at("back").addEventListener("click", showAnswer);
  at("explore").addEventListener("click", showExplorer);
  for (const button of at("answer").querySelectorAll("[data-scenario]")) {
    const i = data.scenarios.findIndex((/** @type {any} */ one) => one.name === button.dataset.scenario);
    button.hidden = i < 0;
    button.addEventListener("click", () => {
      showExplorer();
      at("preset").value = String(i);
      at("preset").dispatchEvent(new Event("change"));
      at("preset").focus();
    });
  }
  if (!arrived.state && !location.hash) showAnswer();
};

const begin = () => {
  at("app").hidden = false;
  at("levers").append(...panel.elements);
  panel.assumed.append(make("p", {}, at("reset-assumed")));
  const first = data.outcomes.findIndex((/** @type {any} */ one) => one.human);
  data.outcomes.forEach((/** @type {any} */ outcome, /** @type {number} */ i) => at(i === first ? "pinned" : outcome.human ? "costs" : "charts").append(charts[i].element));
  at("until").replaceChildren(...data.clock.ends.map((/** @type {any} */ end) => make("option", { value: end.time }, `to ${monthWords(data.clock.start, end.time - 0.5)}`)));
  at("warnings").replaceChildren(...standing(data).map((line) => make("p", { class: "warning" }, line)));
  at("notes").replaceChildren(...(arrived.state || location.hash.startsWith("#s=") ? arrived.notes : []).map((note) => make("p", { class: "warning" }, note)));
  at("tools").append(rankingTool(data, model), thresholdTool(data, model), tradeoffTool(data, model).element, why.element, share.element);
  at("limits").replaceChildren(...data.limits.map((/** @type {string} */ one) => make("li", {}, one)));
  at("hash").textContent = data.model;
  at("n").textContent = String(data.n);
  if (data.elsewhere.length) at("elsewhere").textContent = `Ready scenarios that replace other parts of the model run on the command line only: ${data.elsewhere.join("; ")}.`;
  document.body.append(timeline.element);
  presets();
  listen();
  render();
  charts.forEach((/** @type {any} */ chart) => chart.size());
  paint(history.now(), local(requestOf(history.now(), data.n)), false);
  tell(history.now());
  printNow();
  if (at("answer").childElementCount) answers();
  document.documentElement.dataset.workers = String(client.start(["data", "model"].map((id) => at(id).textContent)));
};

try {
  begin();
  at("refused").remove();
} catch (problem) {
  at("app").hidden = true; // the notice stays: half a page would look like a whole one
  throw problem;
}
