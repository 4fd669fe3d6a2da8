// @ts-check
/** The events that a reader wants to see, and their lifelines. */
import { accepts, ANY } from "./filter.js";

/**
 * @typedef {import("./model.js").Event} Event
 * @typedef {import("./places.js").Lifeline} Lifeline
 * @typedef {import("./filter.js").Wish} Wish
 */

/**
 * The index at which the event with that number is, or would be, in a sorted list of events.
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

  /** Start over. @param {Wish} wish @param {Event[]} all */
  choose(wish, all) {
    this.#wish = wish;
    this.#lifelines.clear();
    this.events = all.filter((event) => accepts(wish, event));
    for (const event of this.events) this.#take(event);
  }

  /** Add events that are new, or about which more is known now. @param {Event[]} events */
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
