/** Calendar months as model time: month m of the study covers [m, m + 1) and stands at m + 0.5. */

const NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** @param {string} month YYYY-MM */
const numberOf = (month) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1;

/** @param {string} start @param {number} time @returns {string} YYYY-MM */
export const monthAt = (start, time) => {
  const number = numberOf(start) + Math.floor(time + 1e-9);
  return `${Math.floor(number / 12)}-${String((number % 12) + 1).padStart(2, "0")}`;
};

/** @param {string} start @param {number} time @returns {string} such as Apr 2023 */
export const monthWords = (start, time) => {
  const month = monthAt(start, time);
  return `${NAMES[Number(month.slice(5)) - 1]} ${month.slice(0, 4)}`;
};

/** @param {string} start @param {string} text YYYY-MM @returns {number | null} counted from the start */
export const monthNumber = (start, text) => (/^\d{4}-(0[1-9]|1[0-2])$/.test(text) ? numberOf(text) - numberOf(start) : null);
