/** Numbers that travel in the page as base64. */

/** @param {string} text @returns {ArrayBuffer} */
export const bytesOf = (text) => {
  const plain = atob(text), bytes = new Uint8Array(plain.length);
  for (let i = 0; i < plain.length; i++) bytes[i] = plain.charCodeAt(i);
  return bytes.buffer;
};

/** @param {number} bits of a half float; never infinite or not a number */
const half = (bits) => {
  const sign = bits & 0x8000 ? -1 : 1, power = (bits >> 10) & 31, rest = bits & 1023;
  return sign * (power ? 2 ** (power - 25) * (1024 + rest) : 2 ** -24 * rest);
};

/** @param {string} text half floats, row by row @param {number[]} powers of two by column @returns {Float64Array} */
export const halves = (text, powers) =>
  Float64Array.from(new Uint16Array(bytesOf(text)), (bits, i) => half(bits) * 2 ** powers[i % powers.length]);

/** @param {string} text @returns {Float64Array} */
export const doubles = (text) => new Float64Array(bytesOf(text));

/** @param {string} text JSON, deflated @returns {Promise<any>} */
export const unsqueezed = async (text) =>
  new Response(new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("deflate"))).json();

/** @param {Float64Array[]} arrays @returns {Float64Array} one after another */
export const joined = (arrays) => {
  const out = new Float64Array(arrays.reduce((total, one) => total + one.length, 0));
  let at = 0;
  for (const one of arrays) {
    out.set(one, at);
    at += one.length;
  }
  return out;
};
