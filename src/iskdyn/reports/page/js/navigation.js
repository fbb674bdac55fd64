/** Which view is shown: the answer, or one of the three that work with the model. Each is a step of the browser's history. */

import { make } from "./format.js";

const VIEWS = ["explore", "compare", "ask"], MARK = "#v=";
/** Where the first view has no room for its notes: they are folded away below it. */
const SMALL_SCREEN = "(max-width: 1299px), (max-height: 859px)";

/**
 * @param {(id: string) => any} at @param {Record<string, () => void>} shown called when a view comes up
 */
export const makeViews = (at, shown) => {
  let now = "explore";
  const buttons = /** @type {HTMLElement[]} */ ([...at("views").querySelectorAll("button")]);
  const put = (/** @type {string} */ name) => {
    now = name;
    at("answer").hidden = name !== "answer";
    at("app").hidden = name === "answer";
    for (const view of VIEWS) at(`view-${view}`).hidden = view !== name;
    for (const button of buttons) button.setAttribute("aria-current", button.dataset.view === name ? "page" : "false");
  };
  /** @param {string} name */
  const come = (name) => {
    put(name);
    scrollTo(0, 0);
    shown[name]?.();
  };
  /** @param {string} name */
  const show = (name) => {
    if (name !== now) history.pushState(null, "", `${MARK}${name}`);
    come(name);
  };
  /** The view that the address names, if it names one. @param {boolean} answer whether there is an answer */
  const named = (answer) => {
    const name = location.hash.startsWith(MARK) ? location.hash.slice(MARK.length) : "";
    return VIEWS.includes(name) || (answer && name === "answer") ? name : null;
  };
  /** Each tactic of the table is a door to what the paper says of it. @param {any} data */
  const doors = (data) => {
    for (const head of at("answer").querySelectorAll("tbody th")) {
      const words = head.textContent.replaceAll("\u00ad", ""), lever = data.levers.findIndex((/** @type {any} */ one) => one.group === "tactic" && one.tactic === words);
      if (lever < 0) continue;
      const most = head.querySelector("svg")?.getAttribute("aria-label");
      const button = make("button", { type: "button", class: "plain", "aria-label": words, title: `Its curve, and what the paper says of it${most ? `; ${most}` : ""}` }, ...head.childNodes);
      button.addEventListener("click", () => {
        show("explore");
        const curve = at(`lever-${lever}-curve`);
        curve.closest(".lever").querySelector(".words").open = true;
        curve.focus();
      });
      head.replaceChildren(button);
    }
  };
  /** @param {any} data @param {(i: number) => void} choose a ready scenario @param {boolean} first whether nothing else was asked for @returns {boolean} whether the answer is seen */
  const begin = (data, choose, first) => {
    at("views").hidden = false;
    for (const button of buttons) button.addEventListener("click", () => show(String(button.dataset.view)));
    at("skip").addEventListener("click", (/** @type {Event} */ event) => { event.preventDefault(); at("content").focus(); });
    const answer = at("answer").childElementCount > 0;
    buttons[0].hidden = !answer;
    if (answer) {
      if (matchMedia(SMALL_SCREEN).matches) {
        at("rests").append(...at("answer").querySelectorAll(".key, .note"));
        at("rests").open = false;
      }
      doors(data);
      at("explore").addEventListener("click", () => show("explore"));
      for (const button of at("answer").querySelectorAll("[data-scenario]")) {
        const i = data.scenarios.findIndex((/** @type {any} */ one) => one.name === button.dataset.scenario);
        button.hidden = i < 0;
        button.addEventListener("click", () => { show("explore"); choose(i); at("preset").focus(); });
      }
    }
    const start = answer && first ? "answer" : "explore";
    put(named(answer) ?? start);
    if (now !== "answer" && now !== "explore") shown[now]();
    addEventListener("popstate", () => { const next = named(answer) ?? start; if (next !== now) come(next); });
    return now === "answer";
  };
  return { begin, show, now: () => now };
};
