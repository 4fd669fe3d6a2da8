// @ts-check
/** Events as rows of a table. */
import { make } from "./dom.js";
import { Rows } from "./scrolling.js";
import { fromText, isFailure, KIND_WORDS, portOf, tellOf, timeOf, toText } from "./words.js";

/** @typedef {import("./model.js").Event} Event */

const HEIGHT = 28;
const SLIM = 620; // pixels of width below which a row has two lines
const SLIM_HEIGHT = 46;
/** @type {[string, string, (event: Event) => string][]} class, heading, text */
const COLUMNS = [
  ["time", "Time, s", (event) => timeOf(event)],
  ["from", "From", fromText],
  ["to", "To", toText],
  ["port", "Port", portOf],
  ["kind", "Kind", (event) => KIND_WORDS[event.kind]],
  ["tell", "Payload", tellOf],
];

/** The class that gives all rows of a port one colour. @param {Event} event */
export const colourOf = ({ port }) => (port ? `traffic-colour-${Math.abs(port.id) % 8}` : "");

/** @param {Event} event */
export const classesOf = (event) => {
  const failure = isFailure(event) || event.kind === "omitted" ? "traffic-failure" : "";
  const dim = event.superseded ? "traffic-dim" : "";
  return `traffic-row traffic-${event.kind} ${colourOf(event)} ${failure} ${dim}`;
};

/** @param {string} name @param {string} role @param {number} index @param {string} text */
const cell = (name, role, index, text) =>
  make("span", { class: `traffic-cell traffic-cell-${name}`, role, "aria-colindex": index + 1 }, text);

/** @param {Event} event */
const row = (event) => {
  const cells = COLUMNS.map(([name, , text], index) => cell(name, "gridcell", index, text(event)));
  return make("div", { class: classesOf(event), role: "row", "aria-selected": false }, ...cells);
};

/**
 * @param {{ onMove: (event: Event) => void, onOpen: (event: Event, byKeyboard: boolean) => void }} options
 * @returns {Rows}
 */
export const makeTable = (options) => {
  const rows = new Rows({ ...options, kind: "traffic-table", role: "grid", label: "Events", height: HEIGHT, row });
  const headings = COLUMNS.map(([name, heading], index) => cell(name, "columnheader", index, heading));
  rows.head.append(make("div", { class: "traffic-headings", role: "row", "aria-rowindex": 1 }, ...headings));
  new ResizeObserver(() => {
    const { clientWidth } = rows.element;
    if (!clientWidth) return; // hidden
    rows.element.classList.toggle("traffic-slim", clientWidth < SLIM);
    rows.resize(clientWidth < SLIM ? SLIM_HEIGHT : HEIGHT);
  }).observe(rows.element);
  return rows;
};
