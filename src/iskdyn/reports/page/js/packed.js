/** Numbers that travel in the page as base64. */

/** @param {string} text @returns {ArrayBuffer} */
const bytesOf = (text) => {
  const plain = atob(text), bytes = new Uint8Array(plain.length);
  for (let i = 0; i < plain.length; i++) bytes[i] = plain.charCodeAt(i);
  return bytes.buffer;
};

/** @param {string} text single precision, as the posterior is stored @returns {Float64Array} */
export const singles = (text) => Float64Array.from(new Float32Array(bytesOf(text)));

/** @param {string} text @returns {Float64Array} */
export const doubles = (text) => new Float64Array(bytesOf(text));

/** @param {string} text JSON, deflated @returns {Promise<any>} */
export const unsqueezed = async (text) =>
  new Response(new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
