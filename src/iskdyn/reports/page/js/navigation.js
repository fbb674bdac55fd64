/** Which view is shown: the answer, or one of the three that work with the model. */

const VIEWS = ["explore", "compare", "ask"];

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
  const show = (name) => {
    put(name);
    scrollTo(0, 0);
    shown[name]?.();
  };
  /** @param {any} data @param {(i: number) => void} choose a ready scenario @param {boolean} first whether nothing else was asked for @returns {boolean} whether the answer is seen */
  const begin = (data, choose, first) => {
    at("views").hidden = false;
    for (const button of buttons) button.addEventListener("click", () => show(String(button.dataset.view)));
    at("skip").addEventListener("click", (/** @type {Event} */ event) => { event.preventDefault(); at("content").focus(); });
    const answer = at("answer").childElementCount > 0;
    buttons[0].hidden = !answer;
    if (answer) {
      at("explore").addEventListener("click", () => show("explore"));
      for (const button of at("answer").querySelectorAll("[data-scenario]")) {
        const i = data.scenarios.findIndex((/** @type {any} */ one) => one.name === button.dataset.scenario);
        button.hidden = i < 0;
        button.addEventListener("click", () => { show("explore"); choose(i); at("preset").focus(); });
      }
    }
    put(answer && first ? "answer" : "explore");
    return now === "answer";
  };
  return { begin, show, now: () => now };
};
