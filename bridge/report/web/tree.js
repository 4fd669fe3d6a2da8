// @ts-check
/** A value as a tree that the reader unfolds. All items are sibling elements, since values may nest to any depth. */
import { make } from "./dom.js";
import { line } from "./payload.js";
import { counted, grouped, visibleLines } from "./text.js";

/** @typedef {import("./shown.js").Shown} Shown */

const AT_ONCE = 100; // members shown before the reader asks for more
const UNFOLDED = 60; // rows unfolded at the start, at most
const DEEPEST = 20; // levels that are indented; deeper ones stay in line with these

/**
 * @typedef {object} Item
 * @property {HTMLElement} element
 * @property {number} level
 * @property {Shown} shown
 * @property {(() => void) | null} more what activating the item does, if it is not a value
 */

export class Tree {
  /** @type {Map<Element, Item>} */ #items = new Map();
  /** @type {Element | null} */ #current = null;

  /** @param {Shown} shown */
  constructor(shown) {
    this.element = make("div", { class: "traffic-tree", role: "tree", "aria-label": "Payload" });
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.element.addEventListener("focusin", (event) => {
      if (event.target instanceof Element && this.#items.has(event.target)) this.#stand(event.target);
    });
    this.element.addEventListener("click", (event) => this.#onClick(event));
    const root = this.#item("", shown, 1);
    this.element.append(root);
    this.#stand(root);
    this.#unfoldSome(root);
  }

  focus() {
    /** @type {HTMLElement | null} */ (this.#current)?.focus();
  }

  // --- items ---------------------------------------------------------------------------------------------------------

  /** @param {string} name @param {Shown} shown @param {number} level */
  #item(name, shown, level) {
    const type = /^\w+$/.test(shown.type) ? shown.type : "other";
    const element = make("div", {
      class: `traffic-item ${shown.size ? "traffic-sized" : ""} traffic-type-${type}`,
      role: "treeitem",
      tabindex: -1,
      "aria-level": level,
      "aria-expanded": shown.count ? false : undefined,
    });
    if (name) element.append(make("span", { class: "traffic-name" }, name), ": ");
    if (shown.piece !== undefined) element.append(make("span", { class: "traffic-piece" }, visibleLines(shown.piece)));
    else element.append(make("span", { class: "traffic-value" }, line(shown)));
    if (shown.size) element.append(make("span", { class: "traffic-size" }, shown.size));
    if (shown.reference) element.append(make("span", { class: "traffic-shared" }, `same object: ${shown.reference}`));
    return this.#add(element, { element, level, shown, more: null });
  }

  /** @param {HTMLElement} element @param {Item} item */
  #add(element, item) {
    element.style.setProperty("--level", String(Math.min(item.level, DEEPEST)));
    this.#items.set(element, item);
    return element;
  }

  /** @param {Shown} shown @param {number} level @param {number} from */
  #members(shown, level, from) {
    const atOnce = shown.type === "string" ? 1 : AT_ONCE;
    const to = Math.min(shown.count, from + atOnce);
    const members = [];
    for (let index = from; index < to; index++) members.push(this.#item(...shown.member(index), level));
    if (to < shown.count) members.push(this.#more(shown, level, to));
    return members;
  }

  /** @param {Shown} shown @param {number} level @param {number} from */
  #more(shown, level, from) {
    const left = shown.count - from;
    const text = shown.type === "string" ? `more text (${counted(left, "piece")})` : `more (${grouped(left)})`;
    const attributes = { class: "traffic-item traffic-more", role: "treeitem", tabindex: -1, "aria-level": level };
    const element = make("div", attributes, text);
    const more = () => {
      const members = this.#members(shown, level, from);
      element.replaceWith(...members);
      this.#items.delete(element);
      this.#stand(members[0]);
      this.focus();
    };
    return this.#add(element, { element, level, shown, more });
  }

  // --- folding -------------------------------------------------------------------------------------------------------

  /** @param {Element} element */
  #isUnfolded(element) {
    return element.getAttribute("aria-expanded") === "true";
  }

  /** @param {Element} element */
  #unfold(element) {
    const item = this.#items.get(element);
    if (!item || element.getAttribute("aria-expanded") !== "false") return;
    element.setAttribute("aria-expanded", "true");
    element.after(...this.#members(item.shown, item.level + 1, 0));
  }

  /** @param {Element} element */
  #fold(element) {
    element.setAttribute("aria-expanded", "false");
    const level = this.#level(element);
    for (let next = element.nextElementSibling; next && this.#level(next) > level; next = element.nextElementSibling) {
      this.#items.delete(next);
      next.remove();
    }
    if (!this.#current?.isConnected) this.#stand(element);
  }

  /** @param {Element} root */
  #unfoldSome(root) {
    const waiting = [root];
    for (let element = waiting.shift(); element; element = waiting.shift()) {
      const item = this.#items.get(element);
      if (!item || item.shown.type === "string" || item.level > 3) continue;
      if (this.#items.size + Math.min(item.shown.count, AT_ONCE) > UNFOLDED && element !== root) continue;
      this.#unfold(element);
      waiting.push(...this.#children(element));
    }
  }

  /** @param {Element} element */
  #children(element) {
    const level = this.#level(element);
    const children = [];
    for (let next = element.nextElementSibling; next && this.#level(next) > level; next = next.nextElementSibling) {
      if (this.#level(next) === level + 1) children.push(next);
    }
    return children;
  }

  /** @param {Element} element */
  #level(element) {
    return this.#items.get(element)?.level ?? 0;
  }

  // --- the reader ----------------------------------------------------------------------------------------------------

  /** @param {Element} element */
  #stand(element) {
    this.#current?.setAttribute("tabindex", "-1");
    this.#current = element;
    element.setAttribute("tabindex", "0");
  }

  /** @param {Element | null | undefined} element */
  #go(element) {
    if (!element) return;
    this.#stand(element);
    this.focus();
  }

  /** @param {Element} element */
  #activate(element) {
    const more = this.#items.get(element)?.more;
    if (more) more();
    else if (this.#isUnfolded(element)) this.#fold(element);
    else this.#unfold(element);
  }

  /** @param {Element} element */
  #parent(element) {
    let parent = element.previousElementSibling;
    while (parent && this.#level(parent) >= this.#level(element)) parent = parent.previousElementSibling;
    return parent;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const current = this.#current;
    if (!current || event.ctrlKey || event.metaKey || event.altKey) return;
    switch (event.key) {
      case "ArrowDown":
        this.#go(current.nextElementSibling);
        break;
      case "ArrowUp":
        this.#go(current.previousElementSibling);
        break;
      case "ArrowRight":
        if (this.#isUnfolded(current)) this.#go(current.nextElementSibling);
        else this.#unfold(current);
        break;
      case "ArrowLeft":
        if (this.#isUnfolded(current)) this.#fold(current);
        else this.#go(this.#parent(current));
        break;
      case "Home":
        this.#go(this.element.firstElementChild);
        break;
      case "End":
        this.#go(this.element.lastElementChild);
        break;
      case "Enter":
      case " ":
        this.#activate(current);
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const element = event.target instanceof Element ? event.target.closest(".traffic-item") : null;
    if (!element || getSelection()?.type === "Range") return;
    this.#go(element);
    this.#activate(element);
  }
}
