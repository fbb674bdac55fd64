/** The page: levers on one side, what the versions of the model say on the other. */

import { assumptionsOf, changedFrom, choiceOf, initialState, movesIn, readyScenario, withChange } from "./state.js";
import { heldStill } from "./kernel.js";
import { makeAsk } from "./ask.js";
import { makeHistory } from "./history.js";
import { changeWords, makePanel } from "./levers.js";
import { makeChart } from "./chart.js";
import { makeCompare } from "./compare.js";
import { makeFocus } from "./focus.js";
import { decode, encode } from "./codes.js";
import { decidesTool } from "./decides.js";
import { capital, make } from "./format.js";
import { monthWords } from "./months.js";
import { doubles } from "./packed.js";
import { printed, standing } from "./print.js";
import { makePresets } from "./presets.js";
import { outcomesTable } from "./table.js";
import { makeTimeline } from "./timeline.js";
import { rivalTools } from "./rivals.js";
import { resultWords, unmoved } from "./words.js";
import { settleSection } from "./settle.js";
import { rankingTool } from "./tools.js";
import { shareTool } from "./share.js";
import { makeViews } from "./navigation.js";
import { makeChooser, makeVersions } from "./versions.js";
import { whyTool } from "./why.js";

/* global DATA, MODEL */

const data = DATA, at = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const source = `<!doctype html>\n${document.documentElement.outerHTML}\n`;
const embedded = JSON.parse(at("scenario").textContent || '""');
const reading = data.levers.find((/** @type {any} */ lever) => lever.group === "reading");
const STILL_SAYS = "Others hold still: every decision but those of the tactics that you move keeps the path that it had, version by version; nobody answers.";
const STATUS_DELAY = 700, SETTLE_DELAY = 60, BUSY_DELAY = 400;

const versions = makeVersions(data, () => ["data", "model"].map((id) => at(id).textContent));
const linked = location.hash.startsWith("#s=");
const arrived = decode(linked ? location.hash.slice(3) : embedded, data);
const past = makeHistory(arrived.state ?? initialState(data));
/** @type {any} */
let result = null, shown = null, speaking = 0, settled = 0, waiting = 0;

const say = (/** @type {string} */ text) => {
  clearTimeout(speaking);
  speaking = setTimeout(() => { at("status").textContent = text; }, STATUS_DELAY);
};
const notice = (/** @type {string[]} */ notes) => at("notes").replaceChildren(...notes.map((note) => make("p", { class: "warning" }, note)));
const requestOf = (/** @type {any} */ state, /** @type {number} */ n) =>
  ({ changes: state.changes, base: {}, until: state.until, n, view: state.view, lines: state.lines });

const panel = makePanel(data, (lever) => ({
  drag: (change) => run(withChange(past.now(), lever, change, data.clock.last), data.n),
  set: (change) => commit(withChange(past.now(), lever, change, data.clock.last)),
  timeline: () => timeline.open(lever, past.now().changes[lever.name] ?? lever.points, past.now().until, (points) => commit(withChange(past.now(), lever, points, data.clock.last))),
}));
const timeline = makeTimeline(data), focus = makeFocus(data);
const charts = data.outcomes.map((/** @type {any} */ outcome) => makeChart(outcome, data.reported[outcome.name], data.clock));

/** Draw what the model answered beside the levers; what lies below the fold waits until the moving has stopped. @param {any} state @param {any} answer @param {boolean} final */
const paint = (state, answer, final) => {
  const started = performance.now();
  result = answer;
  const from = changedFrom(data.levers, state.changes), difference = state.view === "difference";
  focus.show(answer, difference, from, final);
  for (const one of panel.levers) one.curve?.done(answer);
  document.documentElement.dataset.drawn = String(Number(document.documentElement.dataset.drawn ?? 0) + 1);
  document.documentElement.dataset.cost = (performance.now() - started).toFixed(2);
  focus.tell(changeWords(data, state.changes, state.until), answer, late(state, answer, from));
  if (final) settle(state);
};

/** What to do where a change does nothing before the run ends. @param {any} state @param {any} answer @param {number} from */
const late = (state, answer, from) => {
  if (!Object.keys(state.changes).length || !(from >= state.until - 0.5 || unmoved(answer.effects))) return null;
  const next = data.clock.ends.find((/** @type {any} */ end) => end.time > state.until);
  return make("p", { class: "warning" }, "Nothing differs before the run ends. ", next ? make("button", { type: "button", id: "run-longer", onclick: () => commit({ ...past.now(), until: next.time }) }, `Run to ${monthWords(data.clock.start, next.time - 0.5)}`) : null);
};

/** What need not follow every move, nor the frame of a release: the charts below the fold, table, words, code, print. @param {any} state */
const settle = (state) => {
  clearTimeout(settled);
  settled = setTimeout(() => tell(state), SETTLE_DELAY);
};

/** @param {any} state */
const tell = (state) => {
  const changed = changeWords(data, state.changes, state.until), words = resultWords(data, state, result, changed);
  charts.forEach((/** @type {any} */ chart, /** @type {number} */ i) => chart.show(result, i, state.view === "difference", changedFrom(data.levers, state.changes)));
  shown = { state, result, words, changed, code: encode(state, data), ready: readyScenario(data, state.changes) };
  at("table").replaceChildren(outcomesTable(data, result));
  at("words").replaceChildren(make("p", {}, words.opening), make("ul", { class: "human" }, ...words.human.map((line) => make("li", {}, line))), make("ul", {}, ...words.others.map((line) => make("li", {}, line))));
  at("past").hidden = changedFrom(data.levers, state.changes) === Infinity;
  share.show();
  why.show();
  say(changed.length ? `${changed.length} changed. ${words.human[0] ?? ""}` : "As it was.");
  document.documentElement.dataset.settled = encode(state, data);
};

/** @param {any} state @param {number} n draws */
const run = (state, n) => {
  waiting = waiting || setTimeout(() => { at("busy").hidden = false; }, BUSY_DELAY);
  versions.show(requestOf(state, n), (/** @type {any} */ answer) => {
    clearTimeout(waiting);
    waiting = 0;
    at("busy").hidden = true;
    paint(state, answer, n === data.n && past.now() === state);
  });
};

const render = () => {
  const state = past.now(), changed = Object.keys(state.changes).length > 0;
  for (const one of panel.levers) one.show(state.changes[one.lever.name], state.until);
  at("undo").disabled = !past.canUndo();
  at("redo").disabled = !past.canRedo();
  at("keep").disabled = !changed;
  at("reset").disabled = !changed && !state.of;
  at("reset-assumed").disabled = !Object.keys(assumptionsOf(data.levers, state.changes)).length;
  for (const one of panel.drawers) one.show(state.changes);
  at("until").value = String(state.until);
  at("view").value = state.view;
  at("lines").checked = state.lines;
  const held = heldStill(data, state.changes);
  at("still").setAttribute("aria-pressed", String(held));
  at("said").textContent = [readyScenario(data, state.changes)?.says, held ? STILL_SAYS : ""].filter(Boolean).join(" ");
  at("kept").textContent = "";
  at("cursor").max = String(state.until);
  presets.show(state.changes);
  seenList.value = state.of;
};
const refresh = () => { if (versions.use(past.now().of)) seen(); run(past.now(), data.n); render(); }; // the workers begin at once
/** Say which versions are seen, and take away what others said. */
const seen = () => {
  const choice = choiceOf(data, past.now().of);
  at("seen").hidden = !choice;
  document.documentElement.toggleAttribute("data-seen", Boolean(choice));
  at("seen").textContent = `${choice?.seen} \u00d7`;
  at("warnings").replaceChildren(...standing(data).map((line) => make("p", { class: "warning" }, line)));
  for (const one of document.querySelectorAll(".result, #asked, #verdict, #words, #table")) one.replaceChildren();
  focus.size();
};
/** @param {any} state */
const commit = (state) => { past.push(state); refresh(); };
/** Changes as they came from elsewhere, each made fit for its lever. @param {any} changes @param {number} [until] */
const load = (changes, until) => {
  for (const one of panel.levers) one.forget();
  let state = { ...past.now(), changes: reading ? Object.fromEntries(Object.entries(past.now().changes).filter(([name]) => name === reading.name)) : {}, until: until ?? past.now().until };
  for (const lever of data.levers) if (lever.name in changes) state = withChange(state, lever, changes[lever.name], data.clock.last);
  commit(state);
};

const model = {
  state: () => past.now(),
  ask: (/** @type {any} */ request) => versions.ask({ ...requestOf(past.now(), data.n), view: "level", lines: false, ...request }),
  say,
};
const words = (/** @type {any} */ changes) => changeWords(data, changes, past.now().until);
const central = (/** @type {string} */ which, /** @type {any} */ changes) => MODEL.runKernel(MODEL.simulate, data, doubles(data[which]), changes, past.now().until);
const look = (/** @type {string} */ key) => { commit({ ...past.now(), of: key }); if (views.now() === "compare") compare.show(); };
const seenList = makeChooser(data, look);
const presets = makePresets(data, at("preset"), load);
const compare = makeCompare(data, { ...model, words, code: (changes) => encode({ ...past.now(), changes }, data), until: (time) => commit({ ...past.now(), until: time }) });
const ask = makeAsk(data, { ...model, keep: compare.keep, open: (changes, until) => { load(changes, until); views.show("explore"); } });
const why = whyTool(data, (changes) => MODEL.runKernel(MODEL.explain, data, doubles(data.fitted), changes, past.now().until), model, () => shown);
const share = shareTool(data, { source, code: () => encode(past.now(), data), say, state: model.state, result: () => result, central,
  load: (state, notes) => { if (state) commit(state); notice(notes); },
  charts: () => charts.map((/** @type {any} */ chart, /** @type {number} */ i) => ({ chart, title: `${capital(data.outcomes[i].label)}, ${data.outcomes[i].rate}` })), shown: () => shown });
const sizes = () => { focus.size(); charts.forEach((/** @type {any} */ chart) => chart.size()); };
const views = makeViews(at, { explore: () => { sizes(); refresh(); }, compare: () => compare.show(), ask: () => ask.show() });

/** The first answer of the model, for whichever view is seen first. @param {any} state @param {any} answer */
const first = (state, answer) => {
  paint(state, answer, true);
  tell(state);
  printNow();
};
const printNow = () => {
  if (!result) first(past.now(), versions.local(requestOf(past.now(), data.n)));
  const comparison = views.now() === "compare" ? compare.printed() : null;
  if (shown) at("print").replaceChildren(...(comparison ?? printed(data, shown, charts.map((/** @type {any} */ chart) => chart.picture(320, 104)))));
};

const listen = () => {
  at("undo").addEventListener("click", () => { past.undo(); refresh(); });
  at("redo").addEventListener("click", () => { past.redo(); refresh(); });
  at("still").addEventListener("click", () => commit(withChange(past.now(), reading, heldStill(data, past.now().changes) ? 0 : 1, data.clock.last)));
  at("reset").addEventListener("click", () => { panel.levers.forEach((/** @type {any} */ one) => one.forget()); commit({ ...past.now(), changes: {}, of: "" }); });
  at("seen").addEventListener("click", () => look(""));
  at("reset-assumed").addEventListener("click", () => {
    const assumed = assumptionsOf(data.levers, past.now().changes);
    commit({ ...past.now(), changes: Object.fromEntries(Object.entries(past.now().changes).filter(([name]) => !(name in assumed))) });
  });
  at("keep").addEventListener("click", () => {
    const { changes } = past.now(), name = readyScenario(data, changes)?.title ?? words(movesIn(data.levers, changes)).join("; ").slice(0, 60);
    at("kept").textContent = compare.keep(name, changes);
    say(at("kept").textContent);
  });
  at("until").addEventListener("change", () => commit({ ...past.now(), until: Number(at("until").value) }));
  at("view").addEventListener("change", () => commit({ ...past.now(), view: at("view").value }));
  at("lines").addEventListener("change", () => commit({ ...past.now(), lines: at("lines").checked }));
  at("cursor").addEventListener("input", () => {
    const time = Number(at("cursor").value), last = time >= past.now().until;
    for (const one of [focus, ...charts]) one.cursor(last ? Infinity : time);
    at("cursor").setAttribute("aria-valuetext", monthWords(data.clock.start, Math.max(0, time - 0.01)));
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || /^(TEXTAREA|INPUT)$/.test(/** @type {any} */ (event.target).tagName) && /** @type {any} */ (event.target).type !== "range") return;
    event.preventDefault();
    at(event.shiftKey ? "redo" : "undo").click();
  });
  addEventListener("hashchange", () => {
    if (!location.hash.startsWith("#s=") || location.hash.slice(3) === encode(past.now(), data)) return;
    const { state, notes } = decode(location.hash.slice(3), data);
    if (state) commit(state);
    notice(notes);
  });
  addEventListener("beforeprint", printNow);
  let width = 0;
  new ResizeObserver(() => {
    if (innerWidth === width) return;
    width = innerWidth;
    sizes();
  }).observe(document.body);
};

const begin = () => {
  at("app").hidden = false;
  at("levers").append(...panel.tactics, panel.assumed, panel.outside);
  panel.assumed.append(make("p", {}, at("reset-assumed")));
  at("beside").append(focus.element);
  at("view-compare").append(compare.element);
  at("view-ask").append(ask.element, ...settleSection(data));
  data.outcomes.forEach((/** @type {any} */ _, /** @type {number} */ i) => at("charts").append(charts[i].element));
  at("until").replaceChildren(...data.clock.ends.map((/** @type {any} */ end) => make("option", { value: end.time }, `to ${monthWords(data.clock.start, end.time - 0.5)}`)));
  notice(arrived.state || linked ? arrived.notes : []);
  at("tools").append(decidesTool(data, model), rankingTool(data, model), ...rivalTools(data, model), share.element);
  at("outcomes").before(why.element);
  at("source").replaceChildren(`All from: ${data.source}`, data.address ? ", " : "", data.address ? make("a", { href: data.address }, data.address.replace("https://", "")) : "", `. Each report below its chart, and each lever, names who says it and where in the paper.`);
  at("limits").replaceChildren(...data.limits.map((/** @type {string} */ one) => make("li", {}, one)));
  at("still").hidden = !reading;
  at("hash").textContent = data.model;
  at("seen-label").append(seenList);
  if (data.elsewhere.length) at("elsewhere").textContent = `Ready scenarios that replace other parts of the model run on the command line only: ${data.elsewhere.join("; ")}.`;
  const much = data.choices.flatMap((/** @type {any} */ one) => (one.counts ? [] : [one.title]));
  if (much.length) at("elsewhere").append(` Too much rests on ${much.join(", ")} for these versions to do without; iskdyn effects --without does.`);
  document.body.append(timeline.element);
  listen();
  render();
  const answerFirst = views.begin(data, (i) => presets.choose(i), !arrived.state && !location.hash);
  versions.use(past.now().of);
  seen();
  const state = past.now();
  const ready = (/** @type {any} */ answer) => {
    if (!result) first(state, answer);
    document.documentElement.dataset.workers = String(versions.started());
  };
  if (answerFirst) versions.show(requestOf(state, data.n), ready); // the answer is seen while the model works
  else {
    sizes();
    ready(versions.local(requestOf(state, data.n)));
  }
};

try {
  begin();
  at("refused").remove();
} catch (problem) {
  at("app").hidden = at("views").hidden = true; // the notice stays: half a page would look like a whole one
  throw problem;
}
