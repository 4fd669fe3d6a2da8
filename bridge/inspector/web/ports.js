// @ts-check
/** The inspector's list of ports, and what you can do with the chosen one. */

import { Choice } from "./choice.js";
import { Composer } from "./composer.js";
import { byId } from "./dom.js";
import { labelOf, nameOf } from "./names.js";

/** @import { Connection } from "./connection.js" */
/** @import { PortState } from "./messages.js" */
/** @import { Item } from "./choice.js" */

export class Ports {
  #list;
  #composer;
  /** @type {Map<string, PortState>} */
  #ports = new Map();
  /** A port that was just opened, until it appears in the state. */
  #expected = "";

  /**
   * @param {Connection} connection
   * @param {(record: number) => void} onAlone Gets a port's number in the records, to show only that port.
   * @param {(name: string) => void} onChoose Gets the name of the chosen port.
   */
  constructor(connection, onAlone, onChoose) {
    this.#composer = new Composer(connection, onAlone);
    this.#list = new Choice(byId("ports"), (id) => {
      const port = this.#ports.get(id);
      this.#composer.show(port);
      if (port) onChoose(port.name ?? "");
    });
  }

  /** @param {PortState[]} ports */
  show(ports) {
    this.#ports = new Map(ports.map((port) => [String(port.id), port]));
    byId("no-ports").hidden = ports.length > 0;
    this.#list.show(ports.map(itemOf));
    if (this.#ports.has(this.#expected)) this.#chooseExpected();
    else this.#composer.show(this.#ports.get(this.#list.chosen));
  }

  /** Chooses a port and focuses its message field, as soon as the port is there. @param {number} id */
  opened(id) {
    this.#expected = String(id);
    if (this.#ports.has(this.#expected)) this.#chooseExpected();
  }

  /** @param {number} id @param {string} text */
  postRefused(id, text) {
    this.#composer.postRefused(id, text);
  }

  /** The numbers that these ports have in the records. */
  get records() {
    return new Set([...this.#ports.values()].map(({ record }) => record));
  }

  focus() {
    this.#list.focus();
  }

  focusMessage() {
    this.#composer.focus();
  }

  #chooseExpected() {
    this.#list.choose(this.#expected);
    this.#expected = "";
    this.#composer.focus();
  }
}

/**
 * @param {PortState} port
 * @returns {Item}
 */
function itemOf(port) {
  const state = port.closed === null ? `↑${port.sent} ↓${port.received}` : "closed";
  const where = labelOf(port.context);
  const detail = port.sender ? `${where} ← ${port.sender}` : where;
  return { id: String(port.id), label: `${nameOf(port)} #${port.id}`, detail, state, dim: port.closed !== null };
}
