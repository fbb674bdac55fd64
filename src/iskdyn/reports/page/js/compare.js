/** Up to four scenarios side by side: paired differences from any of them or from history, human cost first. */

import { capital, make, numberText, scrolled, shareText, tableOf } from "./format.js";
import { LEXICON } from "./lexicon.js";
import { heldStill } from "./kernel.js";
import { memoHtml, memoText } from "./memo.js";
import { monthWords } from "./months.js";
import { speaksOf, whoWords } from "./speaks.js";
import { movesIn } from "./state.js";
import { aside, differenceText, unmoved } from "./words.js";

const MOST_KEPT = 4, LETTERS = "ABCD", STILL_WORDS = "others hold still:";

/** A share of the versions lower, the same and higher, as a bar with its words. @param {import("./types.js").Effect} effect */
export const shareBar = (effect) => {
  const parts = [["lower", effect.lower], ["same", Math.max(0, 1 - effect.lower - effect.higher)], ["higher", effect.higher]];
  const bar = make("span", { class: "share-bar", "aria-hidden": "true" }, ...parts.map(([name, share]) => {
    const part = make("span", { class: name });
    part.style.flexGrow = String(share);
    part.style.flexBasis = "0";
    return part;
  }));
  return make("span", { class: "shares" }, bar, make("small", {}, parts.map(([, share]) => shareText(Number(share))).join(" \u00b7 ")));
};

/** @param {any} data @param {string} against @param {{ name: string, effects: any[], speaks: string[] }[]} columns @returns {HTMLElement} */
const comparison = (data, against, columns) => {
  const rows = data.outcomes.map((/** @type {any} */ outcome, /** @type {number} */ i) => {
    const base = columns[0].effects[i].base[2];
    const head = make("th", { scope: "row" }, capital(outcome.label), make("small", {}, `${against}: ${numberText(base, outcome.digits)} ${outcome.unit}`));
    return make("tr", { class: outcome.human ? "human" : null }, head, ...columns.map((column) => {
      const { text, range } = differenceText(outcome, column.effects[i]);
      return make("td", { class: range ? "told" : null }, make("b", {}, text), range ? ` ${range}` : "", column.speaks[i] ? make("small", { class: "who" }, column.speaks[i]) : null, shareBar(column.effects[i]));
    }));
  });
  return tableOf(null, ["Difference", ...columns.map((one) => one.name)], rows, { class: "comparison" });
};

/**
 * @param {any} data
 * @param {{ state: () => any, ask: (request: any) => Promise<any>, code: (changes: any) => string, words: (changes: any) => string[],
 *   until: (time: number) => void, say: (text: string) => void }} page
 */
export const makeCompare = (data, page) => {
  /** @type {{ name: string, changes: any }[]} */
  const kept = [];
  const chips = make("div", { class: "chips", role: "group", "aria-label": "Scenarios compared" }), out = scrolled("comparison");
  out.id = "compared";
  const add = make("select", { id: "compare-add" }), against = make("select", { id: "compare-against" }), until = make("select", { id: "compare-until" });
  const memo = make("p", { id: "memo", hidden: true }), told = make("p", { id: "compare-said" });
  /** What the table shows: window, baseline and columns. @type {any} */
  let shown = null;
  let asked = 0, number = 0;

  const labelOf = (/** @type {number} */ k) => (k < 0 ? "as it was" : `${LETTERS[k]} ${kept[k].name}`);
  const controls = () => {
    chips.replaceChildren(...kept.map((one, k) => make("span", { class: "chip" }, make("b", {}, `${LETTERS[k]} `), heldStill(data, one.changes) ? make("small", {}, STILL_WORDS) : null,
      make("input", { type: "text", value: one.name, maxlength: 60, size: Math.min(40, one.name.length), "aria-label": `Name of ${LETTERS[k]}`, onchange: (/** @type {any} */ event) => { one.name = event.target.value.trim() || one.name; show(); } }),
      make("button", { type: "button", "aria-label": `Remove ${LETTERS[k]}, ${one.name}`, onclick: () => { kept.splice(k, 1); against.value = "-1"; show(); } }, "\u00d7"))));
    add.replaceChildren(make("option", { value: "" }, "Add a scenario\u2026"), make("option", { value: "mine" }, "The one in Explore"),
      ...data.scenarios.flatMap((/** @type {any} */ one, /** @type {number} */ i) => (Object.keys(one.changes).length ? [make("option", { value: i, title: one.says }, one.title)] : [])));
    const before = against.value || "-1";
    against.replaceChildren(...[-1, ...kept.keys()].map((k) => make("option", { value: k }, `compared with: ${labelOf(k)}`)));
    against.value = Number(before) < kept.length ? before : "-1";
    until.replaceChildren(...data.clock.ends.map((/** @type {any} */ end) => make("option", { value: end.time }, `to ${monthWords(data.clock.start, end.time - 0.5)}`)));
    until.value = String(page.state().until);
  };
  const show = async () => {
    controls();
    const mine = ++asked, base = Number(against.value), end = page.state().until;
    const others = [...kept.keys()].filter((k) => k !== base);
    memo.hidden = true;
    for (const button of [copy, print]) button.disabled = true;
    shown = null;
    if (!others.length) {
      out.replaceChildren(make("p", {}, "Nothing to compare yet. Add a ready scenario here, or keep the one that you made in Explore."));
      return;
    }
    const columns = [];
    // as they are now: while the model answers, one may be taken away
    const asking = others.map((k) => ({ ...kept[k], label: labelOf(k) })), from = base < 0 ? {} : kept[base].changes;
    for (const { changes, name, label } of asking) {
      const { effects, n, seen } = await page.ask({ changes, base: from });
      columns.push({ name: label, title: name, says: page.words(changes).join("; "), changes, effects, n, seen, code: page.code(changes), speaks: speaksOf(data, { changes, effects, seen }, base < 0, end) });
    }
    if (mine !== asked) return;
    shown = { columns, against: labelOf(base), window: `${monthWords(data.clock.start, 0)} to ${monthWords(data.clock.start, end - 0.5)}${aside(columns[0])}` };
    for (const button of [copy, print]) button.disabled = false;
    const still = columns.filter((one) => unmoved(one.effects)).map((one) => one.name);
    out.replaceChildren(...(still.length ? [make("p", { class: "warning" }, `Nothing differs before the run ends in ${still.join(" and ")}: choose a later month above.`)] : []), comparison(data, shown.against, columns));
    document.documentElement.dataset.compared = String(++number);
  };
  /** @param {string} name @param {any} changes */
  const keep = (name, changes) => {
    const full = kept.length >= MOST_KEPT, same = kept.some((one) => JSON.stringify(one.changes) === JSON.stringify(changes));
    const why = !Object.keys(movesIn(data.levers, changes)).length ? "This is history as it was: it stands in every comparison." : same ? "This scenario is kept already." : full ? "Four are kept. Remove one first." : "";
    told.textContent = why;
    if (!why) kept.push({ name, changes: { ...changes } });
    return why || `Kept as ${LETTERS[kept.length - 1]}, ${name}.`;
  };
  add.addEventListener("change", () => {
    const ready = data.scenarios[Number(add.value)], words = page.words(page.state().changes);
    if (add.value === "mine") keep(words.length ? words.join("; ").slice(0, 60) : "", page.state().changes);
    else if (add.value !== "" && ready) keep(ready.title, ready.changes);
    show();
  });
  against.addEventListener("change", show);
  until.addEventListener("change", () => { page.until(Number(until.value)); show(); });

  /** Both flavours at once, by the one way that also works from a file. */
  const copied = () => {
    const text = memoText(data, shown);
    document.addEventListener("copy", (event) => {
      event.clipboardData?.setData("text/plain", text);
      event.clipboardData?.setData("text/html", memoHtml(data, shown));
      event.preventDefault();
    }, { once: true });
    const done = document.execCommand("copy");
    memo.textContent = text;
    memo.hidden = false;
    told.textContent = done ? "Copied, as text and as a table:" : "The browser does not let this page copy; take the text from here:";
    page.say(told.textContent);
  };
  const copy = make("button", { type: "button", id: "copy-memo", class: "primary", onclick: copied }, "Copy for a memo");
  const print = make("button", { type: "button", id: "print-comparison", onclick: () => window.print() }, "One page, A4");
  const element = make("section", { "aria-labelledby": "compare-title" }, make("h2", { id: "compare-title", tabindex: -1 }, "Compare"), make("div", { class: "bar" }, make("label", {}, make("span", { class: "visually-hidden" }, "Add a scenario "), add), make("label", {}, make("span", { class: "visually-hidden" }, "Baseline "), against), make("label", {}, make("span", { class: "visually-hidden" }, "Window "), until), copy, print),
    chips, told, memo, out, make("p", { class: "key" }, `Differences are taken version by version; beside them where ${LEXICON.words.range} lie. Bars: share of the versions that are `, make("span", { class: "swatch lower" }), " lower, ", make("span", { class: "swatch same" }), " the same, ", make("span", { class: "swatch higher" }), ` higher. Open: fewer than ${LEXICON.words.agree} agree, so that no number is told. Below a range: who decides its direction, where that was asked: of each tactic\u2019s absence.`));
  return {
    element, show, keep,
    /** One page of paper; null where nothing is compared. */
    printed: () => shown && [make("h1", {}, "Scenarios compared"), make("p", {}, make("strong", {}, "What might have been, not a forecast."), ` ${shown.window}, compared with ${shown.against}.`),
      make("ul", {}, ...shown.columns.map((/** @type {any} */ one) => make("li", {}, make("b", {}, one.name), `: ${one.says}. ${whoWords(data, one)}`))), comparison(data, shown.against, shown.columns),
      make("p", { class: "sources" }, `${data.title}. Model ${data.model}, ${shown.columns[0].n} versions. After: ${data.source}. Bars: share of versions lower, the same, higher. No table is advice to repress.`)],
  };
};
