/** A chart as a PNG that can stand alone: title, labels and source are part of it. */

import { make } from "./format.js";

const STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "fill-opacity", "font-size", "font-weight", "display"];
/** In pixels of the page: the chart, its margins, a line of text. */
const WIDE = 680, TALL = 320, MARGIN = 12, LINE = 18, FONT = "system-ui, sans-serif";
const SCALE = 2;

/** The page's styles do not reach into a picture, so they are copied. @param {SVGElement} svg @param {SVGElement} copy */
const withStyles = (svg, copy) => {
  const copies = [copy, ...copy.querySelectorAll("*")];
  [svg, ...svg.querySelectorAll("*")].forEach((one, i) => {
    const style = getComputedStyle(one);
    for (const name of STYLES) copies[i].setAttribute(name, style.getPropertyValue(name));
    copies[i].setAttribute("font-family", FONT);
  });
  return copy;
};

/** A drawing as an image. @param {any} chart as `makeChart` gives it @returns {Promise<HTMLImageElement>} */
const imageOf = async (chart) => {
  const svg = chart.picture(WIDE, TALL), holder = make("figure", { class: `${chart.element.className} offstage`, "aria-hidden": "true" }, svg);
  document.body.append(holder); // a drawing has its styles only in the page
  const copy = withStyles(svg, svg.cloneNode(true));
  holder.remove();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(WIDE * SCALE));
  copy.setAttribute("height", String(TALL * SCALE));
  const address = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" })), image = new Image();
  await new Promise((done, failed) => { image.onload = done; image.onerror = failed; image.src = address; });
  URL.revokeObjectURL(address);
  return image;
};

/** Text in lines that fit. @param {any} pen @param {string} text @param {number} room */
const linesOf = (pen, text, room) => text.split(" ").reduce((/** @type {string[]} */ lines, word) => {
  const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
  return lines.length && pen.measureText(longer).width <= room ? [...lines.slice(0, -1), longer] : [...lines, word];
}, []);

/**
 * @param {any} chart as `makeChart` gives it
 * @param {{ title: string, above: string, below: string }} words heading, what is shown, and how to read it with its source
 * @returns {Promise<Blob>} PNG, two pixels for each of the page
 */
export const pictureOf = async (chart, { title, above, below }) => {
  const image = await imageOf(chart), canvas = make("canvas", { width: WIDE * SCALE, height: TALL * SCALE }), pen = canvas.getContext("2d");
  const small = `${12 * SCALE}px ${FONT}`, large = `600 ${15 * SCALE}px ${FONT}`, room = (WIDE - 2 * MARGIN) * SCALE, paper = getComputedStyle(document.body);
  const wrapped = (/** @type {string} */ font, /** @type {string} */ text) => { pen.font = font; return linesOf(pen, text, room).map((line) => [font, line]); };
  const head = [...wrapped(large, title), ...wrapped(small, above)], foot = wrapped(small, below), step = LINE * SCALE, edge = MARGIN * SCALE;
  canvas.height = (head.length + foot.length) * step + TALL * SCALE + 2 * edge;
  pen.fillStyle = paper.backgroundColor;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = paper.color;
  const write = (/** @type {string[][]} */ lines, /** @type {number} */ top) => lines.forEach(([font, line], i) => { pen.font = font; pen.fillText(line, edge, top + (i + 0.8) * step); });
  write(head, edge);
  pen.drawImage(image, 0, edge + head.length * step);
  write(foot, canvas.height - edge - foot.length * step);
  return new Promise((done) => canvas.toBlob((/** @type {Blob} */ blob) => done(blob), "image/png"));
};
