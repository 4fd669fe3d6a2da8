// @ts-check
/** Draws an event between lifelines. */
import { make, makeSvg } from "./dom.js";

/**
 * @typedef {import("./model.js").Event} Event
 * @typedef {import("./places.js").Lifeline} Lifeline
 * @typedef {Map<Lifeline, number>} Columns the middle of each lifeline, in pixels
 */

export const ROW = 36; // pixels
const LINE = 25; // from the top of a row
const STUB = 44; // the length of an arrow with an unknown end
const HEAD = 8;
const LABEL = 240; // pixels at least, if there is room
const LONG_LABEL = 600; // pixels at most, if it is longer than the arrow

/** Kinds that happen at one place: a dot instead of an arrow. */
const DOTS = new Set(["begin", "end", "accept", "hear", "console", "dispatch", "route"]);
/** Kinds that have no drawing, only a text across the row. */
const BANDS = new Set(["launch", "omitted", "unknown"]);
/** Whether the browser ended a port, which gets a cross at each end and no arrow. */
const isPassive = (/** @type {Event} */ { kind, record }) =>
  kind === "disconnect" && record.by === "browser";

/** @param {number} x @param {string} kind */
const dot = (x, kind) => makeSvg("circle", { class: `traffic-dot traffic-dot-${kind}`, cx: x, cy: LINE, r: 4.5 });

/** @param {number} x */
const cross = (x) => makeSvg("path", { class: "traffic-cross", d: `M${x - 5} ${LINE - 5}l10 10m0 -10l-10 10` });

/** @param {number} x @param {number} direction 1 to the right @param {boolean} open */
const head = (x, direction, open) => {
  const back = -direction * HEAD;
  const d = `M${x + back} ${LINE - HEAD / 2}L${x} ${LINE}l${back} ${HEAD / 2}${open ? "" : "z"}`;
  return makeSvg("path", { class: open ? "traffic-tip-open" : "traffic-tip", d });
};

/** @param {string} d */
const stroke = (d) => makeSvg("path", { class: "traffic-line", d });

/** @param {Event} event @param {number} x @param {number} direction */
const tip = ({ kind }, x, direction) =>
  kind === "disconnect" ? cross(x) : head(x, direction, kind === "answer" || kind === "connect");

/** From a lifeline to itself. @param {Event} event @param {number} x */
const loop = (event, x) => [stroke(`M${x} ${LINE - 9}h26v9h-26`), tip(event, x, -1)];

/** @param {Event} event @param {number} from @param {number} to */
const arrow = (event, from, to) => {
  if (from === to) return loop(event, from);
  return [stroke(`M${from} ${LINE}H${to}`), tip(event, to, Math.sign(to - from))];
};

/** @param {Event} event @param {number} x of the known end, which is the arrow's start or its tip */
const stub = (event, x) => {
  const unknown = makeSvg("circle", { class: "traffic-nobody", cx: x + STUB, cy: LINE, r: 4 });
  const ends = event.from ? [] : [tip(event, x, -1)];
  return [stroke(`M${x} ${LINE}h${STUB - 4}`), unknown, ...ends];
};

/** @param {Event} event @param {number | undefined} from @param {number[]} to */
const marks = (event, from, to) => {
  if (isPassive(event)) return [from, ...to].flatMap((x) => (x === undefined ? [] : [cross(x)]));
  if (from !== undefined && DOTS.has(event.kind)) return [dot(from, event.kind)];
  if (from === undefined) return to.flatMap((x) => stub(event, x));
  const start = event.kind === "connect" ? [dot(from, "connect")] : [];
  return [...start, ...(to.length ? to.flatMap((x) => arrow(event, from, x)) : stub(event, from))];
};

/** The ends that have a column, each once. @param {(number | undefined)[]} ends @returns {number[]} */
const known = (ends) => [...new Set(ends)].filter((x) => x !== undefined);

/**
 * Returns an event's drawing, where its label begins, and how wide the label may be.
 * @param {Event} event
 * @param {Columns} columns
 * @param {number} width of the whole diagram
 */
export const draw = (event, columns, width) => {
  const from = event.from ? columns.get(event.from.lifeline) : undefined;
  const to = known(event.to().map((end) => columns.get(end.lifeline)));
  const ends = known([from, ...to]);
  if (BANDS.has(event.kind) || !ends.length) return { drawing: null, left: 0, room: width, band: true };
  const [left, right] = [Math.min(...ends), Math.max(...ends)];
  const drawing = makeSvg("svg", { class: "traffic-drawing", "aria-hidden": "true", width, height: ROW });
  drawing.append(...marks(event, from, to));
  const beyond = Math.min(LONG_LABEL, width - left - 14);
  const room = Math.max(right - left - 16, beyond, Math.min(LABEL, width - 16));
  return { drawing, left: Math.max(4, Math.min(left + 10, width - room - 4)), room, band: false };
};

/**
 * Draws the lifelines of some rows: solid while a place exists there, dotted otherwise.
 * @param {Columns} columns
 * @param {Event[]} events
 * @param {number} width
 */
export const drawLifelines = (columns, events, width) => {
  const paths = { alive: "", gone: "" };
  for (const [lifeline, x] of columns) {
    for (const [alive, from, to] of stretches(lifeline, events)) {
      paths[alive ? "alive" : "gone"] += `M${x} ${from * ROW + LINE}V${to * ROW + LINE}`;
    }
  }
  const svg = makeSvg("svg", { class: "traffic-lifelines", "aria-hidden": "true", width, height: events.length * ROW });
  svg.append(makeSvg("path", { class: "traffic-gone", d: paths.gone }));
  svg.append(makeSvg("path", { class: "traffic-alive", d: paths.alive }));
  return svg;
};

/** @param {Lifeline} lifeline @param {Event[]} events @returns {[boolean, number, number][]} */
const stretches = (lifeline, events) => {
  /** @type {[boolean, number, number][]} */
  const found = [];
  for (let index = -1; index < events.length; index++) {
    const here = events[Math.max(0, index)].number;
    const next = events[Math.min(index + 1, events.length - 1)].number;
    const alive = lifeline.isAlive(here) && lifeline.isAlive(next);
    const last = found.at(-1);
    if (last && last[0] === alive) last[2] = index + 1;
    else found.push([alive, index, index + 1]);
  }
  return found;
};

/** @param {string} text @param {string} name */
export const part = (text, name) => make("span", { class: `traffic-label-${name}` }, text);
