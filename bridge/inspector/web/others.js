// @ts-check
/** The open ports that the records show and that are not in the inspector's list. */

import { Choice } from "./choice.js";
import { byId, write } from "./dom.js";
import { kindOf, nameOf } from "./names.js";

/** @import { TrafficRecord } from "./messages.js" */

const SHOWN = 200; // the latest: a longer list would take long to draw, and nobody reads it

export class Others {
  #list;
  /** Place -> its name. @type {Map<number, string>} */
  #places = new Map();
  /** @type {Map<number, { name: string | null, from: string, to: string[] }>} */
  #open = new Map();

  /** @param {(record: number, name: string) => void} onChoose Gets the port's number in the records, and its name. */
  constructor(onChoose) {
    this.#list = new Choice(byId("others"), (id) => onChoose(Number(id), this.#open.get(Number(id))?.name ?? ""));
  }

  /** The names of the latest. */
  get names() {
    return new Set([...this.#open.values()].slice(-SHOWN).map(({ name }) => name ?? ""));
  }

  /** Reads records, and returns whether the list may have changed. @param {TrafficRecord[]} records */
  add(records) {
    return records.map((record) => this.#add(record)).includes(true);
  }

  /** @param {Set<number | null>} held The ports in the inspector's list. */
  show(held) {
    const others = [...this.#open].filter(([id]) => !held.has(id));
    byId("no-others").hidden = others.length > 0;
    const older = Math.max(0, others.length - SHOWN);
    byId("older-others").hidden = older === 0;
    write(byId("older-others"), `and ${older.toLocaleString("en")} older, which only the timeline shows`);
    const items = others.slice(-SHOWN).map(([id, { name, from, to }]) => {
      return { id: String(id), label: nameOf({ name }), detail: `${from} → ${to.join(", ") || "?"}` };
    });
    this.#list.show(items.reverse());
  }

  focus() {
    this.#list.focus();
  }

  /** @param {TrafficRecord} record */
  #add(record) {
    switch (record.type) {
      case "began":
        this.#places.set(record.place, placeName(record));
        return false;
      case "opened":
        this.#open.set(record.port, { name: nameIn(record), from: this.#end(record), to: [] });
        return true;
      case "accepted":
        this.#open.get(record.port)?.to.push(this.#end(record));
        return true;
      case "closed":
        return this.#open.delete(record.port);
      default:
        return false;
    }
  }

  /** @param {TrafficRecord} record */
  #end({ place, by }) {
    const name = this.#places.get(place) ?? "?";
    return by === "python" ? `Python in ${name}` : name;
  }
}

/** The port's name; a record leaves out members that have their default. @param {TrafficRecord} record */
const nameIn = ({ name }) => (name === undefined ? "" : name);

/** @param {TrafficRecord} record */
function placeName({ kind, url = "", tab, frame }) {
  if (kind === "native" || kind === "extension") return `${kind} ${url}`;
  return tab === undefined ? kindOf({ kind }) : `${kindOf({ kind })}, tab ${tab}${frame ? `, frame ${frame}` : ""}`;
}
