/** What to ask whom: the questions whose answers would settle most, with who could answer. */

import { make } from "./format.js";

/** @param {any} data @returns {HTMLElement[]} a section; none where there is no question */
export const settleSection = (data) => (data.worth.length ? [make("section", { "aria-labelledby": "settle-title" }, make("h2", { id: "settle-title" }, "What to ask people"),
  make("p", {}, "The questions whose answers would settle most, and who could answer. A point is a hundredth of the chance that the sign of an effect is wrong, over all effects of all tactics. Below each question: that chance now, then once somebody has answered."),
  make("ol", { id: "settle" }, ...data.worth.map((/** @type {any} */ one) => make("li", {}, one.text, make("small", {}, `${one.points}: ${one.settles}.`)))))] : []);
