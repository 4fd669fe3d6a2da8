// @ts-check
/** A list of events that has elements only for the rows in sight. The diagram and the table are each one of these. */
import { make } from "./dom.js";
import { placeOf } from "./selection.js";
import { counted } from "./text.js";

/** @typedef {import("./model.js").Event} Event */

const OVERSCAN = 8; // rows out of sight on each side
const TALLEST = 8_000_000; // pixels; browsers draw no taller element
const PRINTED = 2000; // rows

/** @type {Record<string, (page: number) => number>} */
const STEPS = {
  ArrowDown: () => 1,
  ArrowUp: () => -1,
  PageDown: (page) => page,
  PageUp: (page) => -page,
  Home: () => -Infinity,
  End: () => Infinity,
};
let lists = 0;

/**
 * @typedef {object} RowsOptions
 * @property {string} kind a class for the list
 * @property {string} role
 * @property {string} label
 * @property {number} height of a row, in pixels; see `resize`
 * @property {(event: Event) => HTMLElement} row
 * @property {(event: Event) => void} onMove the reader moved to an event by keyboard
 * @property {(event: Event, byKeyboard: boolean) => void} onOpen the reader wants to see more of an event
 */

export class Rows {
  /** @type {Event[]} */ #events = [];
  /** @type {Map<Event, HTMLElement>} */ #drawn = new Map();
  /** @type {Event | null} */ #active = null;
  #following = false;
  #printing = false;
  #frame = 0;
  #height;
  #options;
  #id = `traffic-rows-${++lists}`;

  /** @param {RowsOptions} options */
  constructor(options) {
    this.#options = options;
    this.#height = options.height;
    const { kind, role, label } = options;
    this.head = make("div", { class: "traffic-head", role: role === "grid" ? "rowgroup" : "presentation" });
    this.body = make("div", { class: "traffic-body", role: role === "grid" ? "rowgroup" : "presentation" });
    this.note = make("p", { class: "traffic-printed-note" });
    this.element = make("div", { class: `traffic-rows ${kind}`, role, "aria-label": label, tabindex: 0 });
    this.element.append(this.head, this.body, this.note);
    this.element.addEventListener("scroll", () => this.#later(), { passive: true });
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.body.addEventListener("click", (event) => this.#onClick(event));
    new ResizeObserver(() => this.#later()).observe(this.element);
    addEventListener("beforeprint", () => this.#print(true));
    addEventListener("afterprint", () => this.#print(false));
  }

  /** Change the height of the rows. @param {number} height */
  resize(height) {
    if (height === this.#height) return;
    const first = this.#events[Math.round(this.#top / this.#height)];
    this.#height = height;
    this.show(this.#events);
    if (first) this.element.scrollTop = (this.#indexOf(first) * height) / this.#ratio;
  }

  /**
   * Called before rows are drawn, with the index of the first and the one after the last.
   * @type {(from: number, to: number) => void}
   */
  onDraw = () => {};

  /** @param {boolean} following whether to stay at the end while events are added */
  follow(following) {
    this.#following = following;
  }

  /** Show these events; call again when there are more. @param {Event[]} events */
  show(events) {
    const atEnd = this.#following && this.#isAtEnd();
    this.#events = events;
    this.body.style.height = `${this.#tall}px`;
    if (this.#options.role === "grid") this.element.setAttribute("aria-rowcount", String(events.length + 1));
    if (atEnd) this.element.scrollTop = this.#tall;
    this.#later();
  }

  /** Draw the rows of these events again, by default of all. @param {Iterable<Event>} [changed] */
  redraw(changed = this.#drawn.keys()) {
    for (const event of [...changed]) {
      this.#drawn.get(event)?.remove();
      this.#drawn.delete(event);
    }
    this.#later();
  }

  /** @returns {Event | null} */
  get active() {
    return this.#active;
  }

  /** Move the keyboard's position to an event. @param {Event | null} event */
  activate(event) {
    this.#mark(false);
    this.#active = event;
    if (event) this.reveal(event);
    this.#draw();
    this.#mark(true);
  }

  /** Scroll to an event, if it is out of sight. @param {Event} event */
  reveal(event) {
    const index = this.#indexOf(event);
    if (index < 0) return;
    const height = this.#height;
    const top = index * height;
    const room = this.#room - height;
    const seen = this.#top;
    if (top < seen) this.element.scrollTop = top / this.#ratio;
    else if (top > seen + room) this.element.scrollTop = Math.ceil((top - room) / this.#ratio);
  }

  // --- where ---------------------------------------------------------------------------------------------------------

  get #full() {
    return this.#events.length * this.#height;
  }

  get #tall() {
    return Math.min(this.#full, TALLEST);
  }

  /** The height in which rows are visible. */
  get #room() {
    return Math.max(0, this.element.clientHeight - this.head.offsetHeight);
  }

  /** How many pixels of rows go by with one pixel of scrolling. */
  get #ratio() {
    return this.#full > TALLEST ? (this.#full - this.#room) / (TALLEST - this.#room) : 1;
  }

  /** The pixel at the top of the view, counted from the first row. */
  get #top() {
    return this.element.scrollTop * this.#ratio;
  }

  // Asks the element, not the events, since there may be more events than the element shows.
  #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < 2 * this.#height;
  }

  /** @param {Event} event */
  #indexOf(event) {
    const index = placeOf(this.#events, event.number);
    return this.#events[index] === event ? index : -1;
  }

  // --- drawing -------------------------------------------------------------------------------------------------------

  #later() {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (!this.#printing && !this.element.clientHeight) return; // hidden
    const [from, to] = this.#range();
    this.onDraw(from, to);
    const wanted = new Map(this.#events.slice(from, to).map((event, index) => [event, from + index]));
    for (const [event, row] of this.#drawn) {
      if (!wanted.has(event)) {
        row.remove();
        this.#drawn.delete(event);
      }
    }
    const shift = this.element.scrollTop - this.#top; // 0, unless one pixel of scrolling stands for several
    for (const [event, index] of wanted) this.#place(event, index, shift);
    // On paper, rows come in the order of their elements.
    if (this.#printing) this.body.append(...Array.from(wanted.keys(), (event) => this.#drawn.get(event) ?? ""));
  }

  #range() {
    const { length } = this.#events;
    if (this.#printing) return [0, Math.min(length, PRINTED)];
    const height = this.#height;
    const first = Math.floor(this.#top / height);
    const count = Math.ceil(this.#room / height);
    return [Math.max(0, first - OVERSCAN), Math.min(length, first + count + OVERSCAN)];
  }

  /** @param {Event} event @param {number} index @param {number} shift */
  #place(event, index, shift) {
    let row = this.#drawn.get(event);
    if (!row) {
      row = this.#options.row(event);
      row.id = `${this.#id}-${event.number}`;
      row.dataset.number = String(event.number);
      this.#drawn.set(event, row);
      this.body.append(row);
    }
    this.#count(row, index);
    row.classList.toggle("traffic-odd", index % 2 === 1);
    row.style.top = `${index * this.#height + shift}px`;
    if (event === this.#active) this.#mark(true);
  }

  // For screen readers, since most rows have no element. The first row of a grid is its head.
  /** @param {HTMLElement} row @param {number} index */
  #count(row, index) {
    if (this.#options.role === "grid") return row.setAttribute("aria-rowindex", String(index + 2));
    row.setAttribute("aria-posinset", String(index + 1));
    row.setAttribute("aria-setsize", String(this.#events.length));
  }

  /** @param {boolean} active */
  #mark(active) {
    const row = this.#active && this.#drawn.get(this.#active);
    row?.setAttribute("aria-selected", String(active));
    if (row && active) this.element.setAttribute("aria-activedescendant", row.id);
    else this.element.removeAttribute("aria-activedescendant");
  }

  /** Called before rows are drawn for printing, and after printing. @type {(printing: boolean) => void} */
  onPrint = () => {};

  /** @param {boolean} printing */
  #print(printing) {
    this.#printing = printing;
    this.onPrint(printing);
    const more = this.#events.length - PRINTED;
    this.note.textContent = more > 0 ? `${counted(more, "further event is", "further events are")} not printed.` : "";
    this.#draw();
  }

  // --- the reader ----------------------------------------------------------------------------------------------------

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.target !== this.element || event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.key === "Enter" || event.key === " ") && this.#active) this.#options.onOpen(this.#active, true);
    else if (STEPS[event.key] && this.#events.length) this.#move(STEPS[event.key](this.#page));
    else return;
    event.preventDefault();
  }

  get #page() {
    return Math.max(1, Math.floor(this.#room / this.#height) - 1);
  }

  /** @param {number} step */
  #move(step) {
    const last = this.#events.length - 1;
    const index = this.#active ? this.#indexOf(this.#active) : -1;
    const next = index < 0 && Number.isFinite(step) ? Math.ceil(this.#top / this.#height) : index + step;
    const event = this.#events[Math.min(last, Math.max(0, next))];
    this.activate(event);
    this.#options.onMove(event);
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    if (!(event.target instanceof Element)) return;
    const row = event.target.closest("[data-number]");
    const found = [...this.#drawn].find(([, drawn]) => drawn === row);
    if (!found || getSelection()?.type === "Range") return;
    this.activate(found[0]);
    this.#options.onOpen(found[0], false);
  }
}
