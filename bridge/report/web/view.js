// @ts-check
/**
 * Shows recorded traffic: a sequence diagram and a table of the same events, filters, and the details of one event.
 *
 *     const view = createTrafficView(element, { live: false });
 *     view.add(records); // the parsed lines of a file of traffic; call again for more
 *
 * The page has to load view.css. The view touches nothing but `element`, and text from records never becomes markup.
 */
import { Details } from "./details.js";
import { Diagram } from "./diagram.js";
import { make } from "./dom.js";
import { ANY, nameOf } from "./filter.js";
import { Model } from "./model.js";
import { Selection } from "./selection.js";
import { makeTable } from "./table.js";
import { counted, grouped } from "./text.js";
import { Toolbar } from "./toolbar.js";

/**
 * @typedef {import("./model.js").Event} Event
 * @typedef {import("./toolbar.js").Face} Face
 *
 * @typedef {object} TrafficView
 * @property {(records: any[]) => void} add records, the oldest first
 * @property {(port: number | null) => void} select show one port alone, by its number; null: all
 * @property {() => void} clear forget all records
 */

const KEPT = 100_000; // events of a live view: as many as Python keeps, MAX_RECORDS_KEPT
const SLACK = 10_000; // events more than that, before the oldest are forgotten
let views = 0;

/**
 * @param {HTMLElement} element the view fills it, and is as tall as it
 * @param {{ live?: boolean, kept?: number }} [options] live: stay at the end, and keep only the last events
 * @returns {TrafficView}
 */
export const createTrafficView = (element, { live = false, kept = KEPT } = {}) => {
  const view = new View(element, live, kept);
  return {
    add: (records) => view.add(records),
    select: (port) => view.select(port),
    clear: () => view.clear(),
  };
};

class View {
  #model = new Model();
  #selection = new Selection();
  #wish = ANY;
  /** @type {Face} */ #face = "diagram";
  /** @type {Set<Event>} */ #changed = new Set();
  #frame = 0;
  #forgotten = 0;
  #toolbar;
  #details;
  #diagram;
  #table;
  #panels;

  /** @param {HTMLElement} element @param {boolean} live @param {number} kept */
  constructor(element, live, kept) {
    this.#toolbar = new Toolbar({ onWish: (wish) => this.#choose(wish), onFace: (face) => this.#show(face) });
    this.#details = new Details({ onClose: () => this.#close(), onPort: (port) => this.select(port.id) });
    const onMove = (/** @type {Event} */ event) => this.#details.isOpen && this.#open(event, false);
    const onOpen = (/** @type {Event} */ event, /** @type {boolean} */ focus) => this.#open(event, focus);
    this.#diagram = new Diagram({ onMove, onOpen });
    this.#table = makeTable({ onMove, onOpen });
    this.#panels = {
      diagram: panel("Diagram", this.#diagram.rows.element),
      table: panel("Table", this.#table.element),
    };
    this.live = live;
    this.kept = kept;
    this.#diagram.rows.follow(live);
    this.#table.follow(live);
    const { diagram, table } = this.#panels;
    const parts = make("div", { class: "traffic-parts" }, diagram, table, this.#details.element);
    parts.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#details.isOpen) this.#close();
    });
    element.classList.add("traffic");
    element.replaceChildren(this.#toolbar.element, parts);
    this.#show("diagram");
  }

  /** @param {any[]} records */
  add(records) {
    for (const record of records) {
      const events = this.#model.add(record);
      this.#selection.add(events);
      for (const event of events.slice(1)) this.#changed.add(event);
      this.#offer(events[0]);
    }
    if (this.live && this.#model.events.length > this.kept + Math.min(SLACK, this.kept)) this.#forget();
    this.#later();
  }

  /** @param {number | null} id */
  select(id) {
    this.#toolbar.choosePort(id, id === null ? "" : (this.#model.ports.get(id)?.name ?? ""));
  }

  clear() {
    this.#close();
    this.#model = new Model();
    this.#forgotten = 0;
    this.#changed.clear();
    this.#toolbar.clear();
  }

  // --- what is shown -------------------------------------------------------------------------------------------------

  #forget() {
    const count = this.#model.events.length - this.kept;
    this.#model.forget(count);
    this.#forgotten += count;
    this.#selection.choose(this.#wish, this.#model.events);
  }

  /** @param {Event} event */
  #offer(event) {
    const { from, kind } = event;
    if (kind === "connect" || kind === "route") this.#toolbar.offerName(nameOf(event) ?? "");
    if (from) this.#toolbar.offerPlace(from.lifeline.key, from.lifeline.label);
  }

  /** @param {import("./filter.js").Wish} wish */
  #choose(wish) {
    this.#wish = wish;
    this.#selection.choose(wish, this.#model.events);
    this.#later();
  }

  #later() {
    this.#frame ||= requestAnimationFrame(() => this.#update());
  }

  #update() {
    this.#frame = 0;
    const { events, lifelines } = this.#selection;
    this.#diagram.show(events, lifelines);
    this.#table.show(events);
    if (this.#changed.size) {
      this.#diagram.rows.redraw(this.#changed);
      this.#table.redraw(this.#changed);
      this.#changed.clear();
    }
    this.#toolbar.say(this.#status());
  }

  #status() {
    const all = this.#model.events.length;
    const shown = this.#selection.events.length;
    const { omitted } = this.#model;
    const parts = [shown === all ? counted(all, "event") : `${grouped(shown)} of ${counted(all, "event")}`];
    if (omitted) parts.push(`${counted(omitted, "record")} left out`);
    if (this.#forgotten) parts.push(`${grouped(this.#forgotten)} older not kept`);
    return parts.join(", ");
  }

  /** @param {Face} face */
  #show(face) {
    const active = this.#rows.active;
    this.#face = face;
    for (const [name, element] of Object.entries(this.#panels)) element.hidden = name !== face;
    this.#toolbar.face(face, this.#panels);
    this.#rows.activate(active);
  }

  get #rows() {
    return this.#face === "diagram" ? this.#diagram.rows : this.#table;
  }

  // --- details -------------------------------------------------------------------------------------------------------

  /** @param {Event} event @param {boolean} focus */
  #open(event, focus) {
    this.#details.open(event, String(this.#model.launch.began ?? ""));
    this.#rows.reveal(event); // the details may cover it now
    if (focus) this.#details.focus();
  }

  #close() {
    const hadFocus = this.#details.element.contains(document.activeElement);
    this.#details.close();
    if (hadFocus) this.#rows.element.focus({ preventScroll: true });
  }
}

/** @param {string} label @param {HTMLElement} content */
function panel(label, content) {
  const id = `traffic-panel-${++views}`;
  return make("div", { class: "traffic-panel", role: "tabpanel", id, "aria-label": label }, content);
}
