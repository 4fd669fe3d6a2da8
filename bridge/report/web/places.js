// @ts-check
/** Places of records, and the lifelines that they are drawn on. */
import { visible } from "./text.js";

/**
 * @typedef {object} Place as `RecordedPlace` of `traffic/history.py`
 * @property {number} id
 * @property {string} kind
 * @property {string} url
 * @property {number | null} tab
 * @property {number | null} frame
 * @property {Lifeline} lifeline
 */

const RANKS = [
  "python",
  "background",
  "private background",
  "page",
  "content",
  "web",
  "user script",
  "extension",
  "native",
  "unknown",
];
const LABELS = new Map([
  ["content", "content script"],
  ["page", "page"],
  ["web", "web page"],
  ["user script", "user script"],
  ["native", "native"],
  ["extension", "extension"],
]);

/** What a place is called, as in `RecordedPlace.label`. @param {Omit<Place, "lifeline">} place */
export const labelOf = ({ id, kind, url, tab, frame }) => {
  const label = LABELS.get(kind) ?? visible(kind);
  if (kind === "native" || kind === "extension") return `${label} ${visible(url)}`;
  if (kind === "unknown") return id ? `unknown place ${id}` : "unknown";
  if (tab === null || !LABELS.has(kind)) return label;
  return `${label}, tab ${tab}${frame ? `, frame ${frame}` : ""}`;
};

/** The part of an address that tells pages of an extension apart. @param {string} url */
export const shortAddress = (url) => {
  const found = /^([a-z-]+):\/\/([^/?#]*)([^?#]*)/i.exec(url);
  if (!found) return visible(url);
  return visible(/^https?$/i.test(found[1]) ? `${found[2]}${found[3]}` : found[3] || found[2]);
};

/** One vertical line of the diagram. Places that take turns, as pages in a tab do, are on the same one. */
export class Lifeline {
  /** @type {[number, number][]} from and to which event a place exists */ #spans = [];

  /** @param {string} key @param {string} kind @param {string} label @param {string} url @param {number} order */
  constructor(key, kind, label, url, order) {
    this.key = key;
    this.kind = kind;
    this.label = label;
    this.url = url;
    const rank = RANKS.indexOf(kind);
    this.rank = (rank < 0 ? RANKS.length : rank) * 1e6 + order;
  }

  /** @param {number} number of the event */
  begin(number) {
    if (this.#spans.at(-1)?.[1] !== Infinity) this.#spans.push([number, Infinity]);
  }

  /** @param {number} number of the event */
  end(number) {
    const span = this.#spans.at(-1);
    if (span?.[1] === Infinity) span[1] = number;
  }

  /** Whether a place exists here at that event. @param {number} number */
  isAlive(number) {
    return this.#spans.some(([from, to]) => from <= number && number <= to);
  }
}

/** All places and lifelines. */
export class Places {
  /** @type {Map<number, Place>} */ #places = new Map();
  /** @type {Map<string, Lifeline>} */ #lifelines = new Map();
  /** @type {Map<Lifeline, Set<Place>>} the places that exist */ #present = new Map();

  get lifelines() {
    return [...this.#lifelines.values()].sort((one, other) => one.rank - other.rank);
  }

  /** @param {number} event its number @param {any} record */
  begin(event, record) {
    const { place: id, kind, url = "", tab = null, frame = null } = record;
    const known = this.#places.get(id);
    const place = Object.assign(known ?? {}, { id, kind, url, tab, frame });
    const lifeline = this.#lifelineOf(place);
    this.#places.set(id, Object.assign(place, { lifeline }));
    lifeline.url = url;
    this.#presentAt(lifeline).add(/** @type {Place} */ (place));
    lifeline.begin(event);
  }

  /** @param {number} event its number @param {number} id */
  end(event, id) {
    const place = this.place(id, event);
    const present = this.#presentAt(place.lifeline);
    present.delete(place);
    if (!present.size) place.lifeline.end(event);
  }

  /** The place with that number. If its beginning was not recorded, that is a new one of unknown kind.
   * @param {number} id @param {number} event in which it appears */
  place(id, event) {
    const known = this.#places.get(id);
    if (known) return known;
    this.begin(event, { place: id, kind: "unknown" });
    return /** @type {Place} */ (this.#places.get(id));
  }

  /** @param {number} event in which it appears */
  python(event) {
    const lifeline = this.#lifeline("python", "python", "Python", "");
    lifeline.begin(event);
    return lifeline;
  }

  /** @param {Omit<Place, "lifeline">} place */
  #lifelineOf(place) {
    const { kind, url, tab, frame } = place;
    const inTab = tab === null ? url : `tab ${tab} ${frame ?? 0}`;
    const where = /background$/.test(kind) ? "" : kind === "unknown" ? String(place.id) : inTab;
    return this.#lifeline(`${kind} ${where}`, kind, labelOf(place), url);
  }

  /** @param {string} key @param {string} kind @param {string} label @param {string} url */
  #lifeline(key, kind, label, url) {
    let lifeline = this.#lifelines.get(key);
    if (!lifeline) {
      lifeline = new Lifeline(key, kind, label, url, this.#lifelines.size);
      this.#lifelines.set(key, lifeline);
    }
    return lifeline;
  }

  /** @param {Lifeline} lifeline */
  #presentAt(lifeline) {
    let present = this.#present.get(lifeline);
    if (!present) this.#present.set(lifeline, (present = new Set()));
    return present;
  }
}
