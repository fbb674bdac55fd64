/** On which numbers an effect depends, and who could be asked: rank correlation over the versions. */

import { capital, make, numberText, scrolled, shortText, tableOf } from "./format.js";
import { halves, unsqueezed } from "./packed.js";
import { effectSentence } from "./words.js";

const SHOWN_NUMBERS = 5, FAINT = 0.2;

/** The rank of each value, ties at their mean. @param {ArrayLike<number>} values */
const ranksOf = (values) => {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]), ranks = new Float64Array(values.length);
  for (let i = 0; i < order.length;) {
    let j = i;
    while (j < order.length && values[order[j]] === values[order[i]]) j++;
    for (let k = i; k < j; k++) ranks[order[k]] = (i + j - 1) / 2;
    i = j;
  }
  return ranks;
};

/** Spearman's rank correlation; 0 where one of both never changes. @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
export const rankCorrelation = (a, b) => {
  const x = ranksOf(a), y = ranksOf(b), middle = (x.length - 1) / 2;
  let xy = 0, xx = 0, yy = 0;
  for (let i = 0; i < x.length; i++) {
    xy += (x[i] - middle) * (y[i] - middle);
    xx += (x[i] - middle) ** 2;
    yy += (y[i] - middle) ** 2;
  }
  return xx && yy ? xy / Math.sqrt(xx * yy) : 0;
};

/**
 * The numbers that go along most with an effect, the strongest first.
 * @param {any} data @param {number[]} effect draw by draw
 */
export const decisive = (data, effect) => {
  const draws = halves(data.draws, data.powers), wide = data.parameters.length;
  return data.parameters.map((/** @type {string} */ name, /** @type {number} */ i) => ({ name, correlation: rankCorrelation(Array.from(effect, (_, m) => draws[m * wide + i]), effect) }))
    .sort((/** @type {any} */ a, /** @type {any} */ b) => Math.abs(b.correlation) - Math.abs(a.correlation))
    .filter((/** @type {any} */ one, /** @type {number} */ i) => !i || Math.abs(one.correlation) >= FAINT).slice(0, SHOWN_NUMBERS);
};

/**
 * @param {any} data @param {{ ask: (request: any) => Promise<any>, state: () => any, say: (text: string) => void }} model
 * @returns {HTMLElement}
 */
export const decidesTool = (data, model) => {
  const of = make("select", { id: "decides-outcome" }, ...data.outcomes.map((/** @type {any} */ one, /** @type {number} */ i) => make("option", { value: i }, capital(one.label)))), out = make("div", { class: "result", id: "decided" });
  of.value = String(data.outcomes.findIndex((/** @type {any} */ one) => !one.human));
  const show = async () => {
    const { changes } = model.state(), i = Number(of.value);
    if (!Object.keys(changes).length) { out.textContent = "Nothing is changed yet: bend a curve, or load a scenario, and ask what decides its effect."; return; }
    const [{ variables }, result] = await Promise.all([unsqueezed(data.why), model.ask({ changes, base: {}, draws: i })]);
    const rows = decisive(data, result.draws).map(({ name, correlation }) => {
      const variable = variables.find((/** @type {any} */ one) => one.name === name), { prior, posterior, informed } = variable?.number ?? {};
      const asked = data.questions.filter((/** @type {any} */ one) => one.asks.includes(name)).map((/** @type {any} */ one) => one.text);
      const range = (/** @type {number[]} */ three) => `${shortText(three[1])} (${shortText(three[0])} to ${shortText(three[2])})`;
      return make("tr", {}, make("th", { scope: "row" }, capital(name), make("small", {}, variable?.says.replace(/\s*(Evidence|Assumption)\b.*$/s, "") ?? "")), make("td", {}, `${correlation > 0 ? "the more of it, the higher" : "the more of it, the lower"} (${numberText(correlation, 2)})`),
        make("td", {}, prior ? `${range(prior)} before, ${range(posterior)} after. ${informed ? "The facts inform it." : "It rests on judgement."}` : ""), make("td", {}, asked.join(" ") || "None is written for this number."));
    });
    out.replaceChildren(make("p", {}, effectSentence(data.outcomes[i], result.effects[i])), scrolled("deciding numbers",
      tableOf(`The numbers of the model along which the versions differ most in this effect (rank correlation over ${result.n} versions).`, ["Number", "goes along", "before and after the facts", "Question that would settle it"], rows)));
    model.say("The deciding numbers are shown.");
  };
  return make("section", { "aria-labelledby": "decides-title" }, make("h2", { id: "decides-title" }, "How sure, and what decides it?"),
    make("p", {}, "Where versions of the model disagree, some number of it that the facts leave open makes the difference. Here are those that matter most for the scenario above, and the question that somebody could be asked."),
    make("p", { class: "row" }, make("label", {}, "Effect on ", of), " ", make("button", { type: "button", id: "decides-run", onclick: show }, "What decides it?")), out);
};
