// @ts-check
/** A list or tree in which one item is chosen: by a click, or with the arrow keys, Home and End. */

import { make, write } from "./dom.js";

/**
 * @typedef {object} Item
 * @property {string} id
 * @property {string} label
 * @property {string} [detail]
 * @property {string} [state] One word or two, at the end of the line.
 * @property {boolean} [dim] Whether it is no longer alive.
 * @property {boolean} [heading] Whether it only groups the items below it.
 * @property {number} [level] In a tree, from 1 on.
 */

export class Choice {
  /** @type {HTMLElement} */
  #element;
  #tree;
  /** @type {(id: string) => void} */
  #onChoose;
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map();
  /** @type {Item[]} */
  #items = [];
  /** @type {Set<string>} */
  #folded = new Set();
  /** The chosen item's id. */
  chosen = "";

  /**
   * @param {HTMLElement} element With role tree or listbox.
   * @param {(id: string) => void} onChoose
   */
  constructor(element, onChoose) {
    this.#element = element;
    this.#tree = element.getAttribute("role") === "tree";
    this.#onChoose = onChoose;
    element.addEventListener("click", (event) => this.#clicked(event));
    element.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /** @param {Item[]} items */
  show(items) {
    this.#items = items;
    const focused = this.#focused();
    const gone = new Set(this.#rows.keys());
    let before = this.#element.firstElementChild;
    for (const item of items) {
      gone.delete(item.id);
      const row = this.#row(item);
      if (row === before) before = row.nextElementSibling;
      else this.#element.insertBefore(row, before);
    }
    for (const id of gone) this.#remove(id);
    if (!this.#rows.has(this.chosen)) this.chosen = "";
    this.#fold();
    this.#mark();
    if (focused && gone.has(focused)) this.focus();
  }

  /** @param {string} id */
  choose(id) {
    if (!this.#rows.has(id)) return;
    this.chosen = id;
    this.#mark();
    this.#onChoose(id);
  }

  /** Focuses the chosen item, else the first. */
  focus() {
    (this.#rows.get(this.chosen) ?? this.#visible()[0])?.focus();
  }

  /** @param {Item} item */
  #row(item) {
    const row = this.#rows.get(item.id) ?? this.#newRow(item);
    const [label, detail, state] = row.children;
    write(label, item.label);
    write(detail, item.detail ?? "");
    write(state, item.state ?? "");
    row.title = item.detail ?? "";
    row.classList.toggle("dim", Boolean(item.dim));
    return row;
  }

  /** @param {Item} item */
  #newRow(item) {
    const row = make("div", item.heading ? "choice heading" : "choice");
    row.append(make("bdi", "label"), make("bdi", "detail"), make("span", "state"));
    row.setAttribute("role", this.#tree ? "treeitem" : "option");
    row.dataset.id = item.id;
    row.tabIndex = -1;
    if (this.#tree) row.setAttribute("aria-level", String(item.level ?? 1));
    if (item.heading) row.setAttribute("aria-expanded", "true");
    this.#rows.set(item.id, row);
    return row;
  }

  /** @param {string} id */
  #remove(id) {
    this.#rows.get(id)?.remove();
    this.#rows.delete(id);
    this.#folded.delete(id);
  }

  /** Hides what is below a folded heading. */
  #fold() {
    let hidden = false;
    for (const { id, heading, level } of this.#items) {
      if ((level ?? 1) === 1) hidden = false;
      const row = this.#rows.get(id);
      if (row) row.hidden = hidden;
      if (!heading) continue;
      hidden = this.#folded.has(id);
      row?.setAttribute("aria-expanded", String(!hidden));
    }
  }

  /** Marks the chosen item, and lets the Tab key stop at one item only. */
  #mark() {
    const stop = this.#focused() || this.chosen || this.#visible()[0]?.dataset.id;
    for (const [id, row] of this.#rows) {
      if (!row.classList.contains("heading")) row.setAttribute("aria-selected", String(id === this.chosen));
      row.tabIndex = id === stop ? 0 : -1;
    }
  }

  #visible() {
    const rows = this.#items.map(({ id }) => /** @type {HTMLElement} */ (this.#rows.get(id)));
    return rows.filter((row) => !row.hidden);
  }

  #focused() {
    const row = document.activeElement;
    return row instanceof HTMLElement && row.parentElement === this.#element ? row.dataset.id : undefined;
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const row = event.target instanceof Element && event.target.closest(".choice");
    if (row instanceof HTMLElement) this.#activate(row);
  }

  /** @param {HTMLElement} row */
  #activate(row) {
    const id = row.dataset.id ?? "";
    if (!row.classList.contains("heading")) return this.choose(id);
    this.#setFolded(id, !this.#folded.has(id));
  }

  /** @param {string} id @param {boolean} folded */
  #setFolded(id, folded) {
    if (folded) this.#folded.add(id);
    else this.#folded.delete(id);
    this.#fold();
    this.#mark();
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const rows = this.#visible();
    const at = rows.findIndex((row) => row === document.activeElement);
    if (at < 0) return;
    if (event.key === "Enter" || event.key === " ") this.#activate(rows[at]);
    else if (this.#tree && event.key === "ArrowLeft") this.#outward(rows, at);
    else if (this.#tree && event.key === "ArrowRight") this.#inward(rows, at);
    else if (event.key in STEPS) this.#go(rows[STEPS[event.key](at, rows.length - 1)]);
    else return;
    event.preventDefault();
  }

  /** Folds a heading, or goes up to the heading above. @param {HTMLElement[]} rows @param {number} at */
  #outward(rows, at) {
    if (rows[at].ariaExpanded === "true") return this.#setFolded(rows[at].dataset.id ?? "", true);
    const above = rows.slice(0, at).findLastIndex((row) => row.classList.contains("heading"));
    if (rows[at].ariaLevel !== "1" && above >= 0) this.#go(rows[above]);
  }

  /** Unfolds a heading, or goes down to its first item. @param {HTMLElement[]} rows @param {number} at */
  #inward(rows, at) {
    if (rows[at].ariaExpanded === "false") this.#setFolded(rows[at].dataset.id ?? "", false);
    else if (rows[at].ariaExpanded === "true") this.#go(rows[at + 1]);
  }

  /** Focuses a row, and so chooses its item. @param {HTMLElement | undefined} row */
  #go(row) {
    if (!row) return;
    row.focus();
    if (!row.classList.contains("heading")) this.choose(row.dataset.id ?? "");
    else this.#mark();
  }
}

/** @type {{ [key: string]: (at: number, last: number) => number }} */
const STEPS = {
  ArrowDown: (at, last) => Math.min(at + 1, last),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};
