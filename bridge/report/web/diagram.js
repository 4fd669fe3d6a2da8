// @ts-check
/** Events as a sequence diagram: a lifeline for each place, an arrow for each event. */
import { draw, drawLifelines, part, ROW } from "./arrows.js";
import { make } from "./dom.js";
import { shortAddress } from "./places.js";
import { Rows } from "./scrolling.js";
import { classesOf } from "./table.js";
import { visible } from "./text.js";
import { fromText, KIND_WORDS, portOf, sentenceOf, tellOf, timeOf, toText } from "./words.js";

/**
 * @typedef {import("./model.js").Event} Event
 * @typedef {import("./places.js").Lifeline} Lifeline
 */

const NARROWEST = 132; // pixels that a lifeline's column has at least, if there is room
const SLIM = 600; // pixels: a diagram narrower than this has little room
const SLIMMEST = 104;
const WIDEST = 300;
const PAPER = 980; // pixels: the width of a sheet in landscape
const SIDE = 76; // pixels: the column of times

export class Diagram {
  /** @type {Event[]} */ #events = [];
  /** @type {Lifeline[]} */ #lifelines = [];
  /** @type {Map<Lifeline, number>} */ #columns = new Map();
  #width = 0;
  #room = 0;
  #lines = make("div", { class: "traffic-lifelines-place" });

  /** @param {{ onMove: (event: Event) => void, onOpen: (event: Event, byKeyboard: boolean) => void }} options */
  constructor(options) {
    this.rows = new Rows({
      ...options,
      kind: "traffic-diagram",
      role: "listbox",
      label: "Sequence diagram",
      height: ROW,
      row: (event) => this.#row(event),
    });
    this.rows.onDraw = (from, to) => this.#drawLines(from, to);
    this.rows.onPrint = (printing) => this.#layOut(printing);
    this.rows.body.append(this.#lines);
    new ResizeObserver(() => this.#layOut()).observe(this.rows.element);
  }

  /** @param {Event[]} events @param {Lifeline[]} lifelines those of the events, in order */
  show(events, lifelines) {
    this.#events = events;
    if (lifelines.length !== this.#lifelines.length || lifelines.some((line, at) => line !== this.#lifelines[at])) {
      this.#lifelines = lifelines;
      this.#room = 0;
      this.#layOut();
    }
    this.rows.show(events);
  }

  #layOut(printing = false) {
    const room = printing ? PAPER : this.rows.element.clientWidth;
    if (!room || room === this.#room) return;
    this.#room = room;
    const count = Math.max(1, this.#lifelines.length);
    const least = room < SLIM ? SLIMMEST : NARROWEST;
    const fair = (room - SIDE) / count;
    const column = Math.floor(Math.min(WIDEST, Math.max(printing ? 0 : least, fair)));
    this.#width = Math.max(column * count, room - SIDE);
    this.#columns = new Map(this.#lifelines.map((lifeline, at) => [lifeline, Math.round((at + 0.5) * column)]));
    const whole = `${SIDE + this.#width}px`;
    this.rows.head.style.width = this.rows.body.style.width = whole;
    const headings = this.#lifelines.map((lifeline) => this.#heading(lifeline, column));
    this.rows.head.replaceChildren(part("Time, s", "side"), ...headings);
    this.rows.redraw();
  }

  /** @param {Lifeline} lifeline @param {number} width */
  #heading(lifeline, width) {
    const address = shortAddress(lifeline.url);
    const heading = make(
      "div",
      { class: `traffic-heading traffic-place-${lifeline.kind}`, title: visible(lifeline.url) },
      make("span", { class: "traffic-heading-name" }, lifeline.label),
      make("span", { class: "traffic-heading-address" }, lifeline.label.endsWith(address) ? "" : address),
    );
    heading.style.left = `${SIDE + (this.#columns.get(lifeline) ?? 0) - width / 2}px`;
    heading.style.width = `${width}px`;
    return heading;
  }

  /** @param {number} from @param {number} to */
  #drawLines(from, to) {
    const events = this.#events.slice(from, to);
    if (!events.length) return this.#lines.replaceChildren();
    this.#lines.replaceChildren(drawLifelines(this.#columns, events, this.#width));
    this.#lines.style.left = `${SIDE}px`;
    this.#lines.style.top = `${from * ROW}px`;
  }

  /** @param {Event} event */
  #row(event) {
    const { drawing, left, room, band } = draw(event, this.#columns, this.#width);
    const label = make("span", { class: "traffic-label" }, ...this.#label(event, room));
    label.style.left = `${left}px`;
    label.style.maxWidth = `${room}px`;
    const field = make("span", { class: "traffic-field" }, drawing, label);
    const time = make("span", { class: "traffic-time" }, timeOf(event));
    const row = { class: classesOf(event), role: "option", "aria-selected": false, "aria-label": sentenceOf(event) };
    return make("div", { ...row, class: `${row.class} ${band ? "traffic-band" : ""}` }, time, field);
  }

  /** @param {Event} event @param {number} room */
  #label(event, room) {
    const { from, kind } = event;
    const port = portOf(event);
    const name = port ? part(port, "port") : "";
    const acting = from?.lifeline.kind === "python" ? part(fromText(event).replace(/^Python /, ""), "place") : "";
    const both = from && event.to().some((end) => end.lifeline === from.lifeline);
    const way = both ? part(`${fromText(event)} to ${toText(event)}`, "place") : acting;
    const word = kind === "post" ? "" : part(KIND_WORDS[kind], "kind");
    return [name, word, way, part(tellOf(event), "tell")];
  }
}
