/**
 * Shapes that several modules share. A change is a number, or points [[time, value], …] joined by straight
 * lines and held at both ends; a lever that is not named in `Changes` keeps its history.
 *
 * @typedef {number | [number, number][]} Change
 * @typedef {Record<string, Change>} Changes
 * @typedef {{ name: string, title: string, group: string, tactic: string, unit: string, low: number,
 *   high: number, default: number | null, points?: [number, number][], off: number, says: string, off_means: string, needs: string,
 *   costs: string, harms: string, path: string, evidence: { says: string, who: string, place: string }[] }} Lever
 * @typedef {{ name: string, label: string, measure: "at_end" | "mean" | "sum", unit: string, rate: string,
 *   digits: number, note: string, human: boolean, counted: boolean }} Outcome
 * @typedef {{ id: string, start: number, end: number, low: number | null, high: number | null, held: boolean,
 *   met: boolean, says: string, source: string, reading: string, place: string, leaning: string }} Report
 * @typedef {{ changes: Changes, until: number, view: "level" | "difference", lines: boolean, of: string }} State
 * @typedef {{ changes: Changes, base: Changes, until: number, n: number, view: string, lines: boolean,
 *   target?: Target, draws?: number, fall?: Fall }} Request
 * @typedef {{ base: number[], scenario: number[], difference: number[], lower: number, higher: number, agreed: boolean }} Effect
 * @typedef {{ n: number, times: number[], bands: Float64Array, base: Float64Array, lines: Float64Array | null,
 *   effects: Effect[], done: Float64Array, doneBefore: Float64Array, reached: number | null, draws: number[] | null, fall: number[] | null }} Result
 * @typedef {{ values: Float64Array, base: Float64Array | null }} Runs
 * @typedef {any} Told of one output: i, bands, base and, of an outcome, difference, ends, effect, fall, lines
 * @typedef {{ index: number, below: boolean, value: number }} Target
 * @typedef {{ index: number, before: number[], after: number[] }} Fall
 */
export const TYPES = "see the comment";
