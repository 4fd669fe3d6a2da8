// @ts-check
/** The events that a reader wants to see, and the lifelines that they are on. */
import { accepts, ANY } from "./filter.js";

/**
 * @typedef {import("./model.js").Event} Event
 * @typedef {import("./places.js").Lifeline} Lifeline
 * @typedef {import("./filter.js").Wish} Wish
 */

/**
 * Where the event of that number stands among events in their order, or would stand.
 * @param {Event[]} items
 * @param {number} number
 */
export const placeOf = (items, number) => {
  let [from, to] = [0, items.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (items[middle].number < number) from = middle + 1;
    else to = middle;
  }
  return from;
};

export class Selection {
  /** @type {Event[]} in the order of their numbers */ events = [];
  /** @type {Set<Lifeline>} */ #lifelines = new Set();
  #wish = ANY;

  /** The lifelines of the events, in their order. */
  get lifelines() {
    return [...this.#lifelines].sort((one, other) => one.rank - other.rank);
  }

  /** Begin anew. @param {Wish} wish @param {Event[]} all */
  choose(wish, all) {
    this.#wish = wish;
    this.#lifelines.clear();
    this.events = all.filter((event) => accepts(wish, event));
    for (const event of this.events) this.#take(event);
  }

  /** Take what is new, or of which more is known now. @param {Event[]} events */
  add(events) {
    for (const event of events) {
      if (!accepts(this.#wish, event)) continue;
      this.#insert(event);
      this.#take(event);
    }
  }

  /** @param {Event} event */
  #insert(event) {
    const at = placeOf(this.events, event.number);
    if (this.events[at] !== event) this.events.splice(at, 0, event);
  }

  /** @param {Event} event */
  #take(event) {
    if (event.from) this.#lifelines.add(event.from.lifeline);
    for (const end of event.to()) this.#lifelines.add(end.lifeline);
  }
}
