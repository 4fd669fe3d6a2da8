// @ts-check
/** The controls that choose which events to show, and how. */
import { make } from "./dom.js";
import { ANY, KINDS } from "./filter.js";
import { cut, visible } from "./text.js";

/**
 * @typedef {import("./filter.js").Wish} Wish
 * @typedef {"diagram" | "table"} Face
 */

const CALM = 150; // milliseconds to wait after the last letter
const NAMES = 500; // port names to choose from; the others can be found by text
/** @type {Face[]} */
const FACES = ["diagram", "table"];

/** @param {string} label @param {[string, string][]} options value and text */
const makeSelect = (label, options) => {
  const select = make("select", { "aria-label": label });
  for (const [value, text] of options) select.append(make("option", { value }, text));
  return select;
};

export class Toolbar {
  /** @type {number | null} */ #port = null;
  /** @type {Map<HTMLSelectElement, Set<string>>} */ #known = new Map();
  #timer = 0;
  #text = make("input", { type: "search", placeholder: "Find text", "aria-label": "Find text", spellcheck: "false" });
  #name = makeSelect("Port name", [["", "all ports"]]);
  #place = makeSelect("Place", [["", "all places"]]);
  #kind = makeSelect("Kind", [["", "all kinds"], ...Object.entries(KINDS).map(pair)]);
  #only = make("button", { type: "button", class: "traffic-chip", hidden: "" });
  #status = make("output", { class: "traffic-status", "aria-live": "polite" });
  #tabs = FACES.map((face) => make("button", { type: "button", class: "traffic-tab", role: "tab" }, title(face)));
  #onWish;
  #onFace;

  /** @param {{ onWish: (wish: Wish) => void, onFace: (face: Face) => void }} options */
  constructor({ onWish, onFace }) {
    this.#onWish = onWish;
    this.#onFace = onFace;
    const tabs = make("div", { class: "traffic-tabs", role: "tablist", "aria-label": "View" }, ...this.#tabs);
    const filters = make("div", { class: "traffic-filters", role: "search", "aria-label": "Filter" });
    filters.append(this.#text, this.#name, this.#place, this.#kind, this.#only);
    this.element = make("div", { class: "traffic-toolbar" }, tabs, filters, this.#status);
    this.#listen(tabs);
  }

  /** @param {HTMLElement} tabs */
  #listen(tabs) {
    this.#text.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#wish(), CALM);
    });
    for (const select of [this.#name, this.#place, this.#kind]) select.addEventListener("change", () => this.#wish());
    this.#only.addEventListener("click", () => this.choosePort(null));
    this.#tabs.forEach((tab, index) => tab.addEventListener("click", () => this.#onFace(FACES[index])));
    tabs.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
      const next = this.#tabs.findIndex((tab) => tab.tabIndex < 0); // there are two
      this.#onFace(FACES[next]);
      this.#tabs[next].focus();
    });
  }

  /** Select a view's tab. @param {Face} face @param {Record<Face, HTMLElement>} panels */
  face(face, panels) {
    FACES.forEach((each, index) => {
      this.#tabs[index].setAttribute("aria-selected", String(each === face));
      this.#tabs[index].setAttribute("aria-controls", panels[each].id);
      this.#tabs[index].tabIndex = each === face ? 0 : -1;
    });
  }

  /** @param {string} text */
  say(text) {
    if (this.#status.textContent !== text) this.#status.textContent = text;
  }

  /** Choose the port to show alone; null for all ports. @param {number | null} id @param {string} [name] */
  choosePort(id, name = "") {
    this.#port = id;
    this.#only.hidden = id === null;
    this.#only.textContent = id === null ? "" : `port ${id}${name ? ` “${cut(visible(name), 40)}”` : ""}  ✕`;
    this.#only.setAttribute("aria-label", `Only port ${id} is shown; show all`);
    this.#wish();
  }

  /** Show everything. */
  reset() {
    this.#text.value = this.#name.value = this.#place.value = this.#kind.value = "";
    this.choosePort(null);
  }

  /** Forget names and places. */
  clear() {
    this.#known.clear();
    for (const select of [this.#name, this.#place]) select.length = 1;
    this.reset();
  }

  /** @param {string} name */
  offerName(name) {
    this.#offer(this.#name, name, name === "" ? "(without a name)" : cut(visible(name), 60));
  }

  /** @param {string} key @param {string} label */
  offerPlace(key, label) {
    this.#offer(this.#place, key, cut(label, 60));
  }

  // The values start with a mark, since "" stands for all.
  /** @param {HTMLSelectElement} select @param {string} value @param {string} text */
  #offer(select, value, text) {
    let known = this.#known.get(select);
    if (!known) this.#known.set(select, (known = new Set()));
    if (known.has(value) || known.size > NAMES) return;
    known.add(value);
    if (known.size > NAMES) select.append(make("option", { disabled: "" }, "more: find them by text"));
    else select.append(make("option", { value: `=${value}` }, text));
  }

  #wish() {
    clearTimeout(this.#timer);
    /** @type {Wish} */
    const wish = {
      ...ANY,
      text: this.#text.value,
      name: this.#name.value ? this.#name.value.slice(1) : null,
      lifeline: this.#place.value ? this.#place.value.slice(1) : null,
      kind: this.#kind.value || null,
      port: this.#port,
    };
    this.#onWish(wish);
  }
}

/** @param {[string, [string, unknown]]} entry @returns {[string, string]} */
function pair([key, [text]]) {
  return [key, text];
}

/** @param {string} word */
function title(word) {
  return word[0].toUpperCase() + word.slice(1);
}
