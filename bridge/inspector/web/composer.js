// @ts-check
/** What you can do with the chosen port: post a message, close it, take it off the list. */

import { byId, complain, isRefused, reasonOf, refuse, write } from "./dom.js";
import { MessageField } from "./field.js";
import { labelOf, nameOf } from "./names.js";

/** @import { Connection, NewCommand } from "./connection.js" */
/** @import { PortState } from "./messages.js" */

export class Composer {
  #connection;
  #form = /** @type {HTMLFormElement} */ (byId("composer"));
  #send = /** @type {HTMLButtonElement} */ (this.#form.querySelector("button"));
  #disconnect = byId("disconnect");
  #forget = byId("forget");
  #alone = byId("alone");
  #error = byId("message-error");
  #message = new MessageField(byId("message"), this.#error);
  /** @type {PortState | undefined} */
  #port;

  /**
   * @param {Connection} connection
   * @param {(record: number) => void} onAlone
   */
  constructor(connection, onAlone) {
    this.#connection = connection;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#post();
    });
    this.#disconnect.addEventListener("click", () => void this.#do("disconnect", this.#disconnect));
    this.#alone.addEventListener("click", () => {
      const record = this.#port?.record ?? null;
      if (record === null) complain(this.#error, reasonOf(this.#alone));
      else onAlone(record);
    });
    this.#forget.addEventListener("click", () => void this.#do("forget", this.#forget));
  }

  /** @param {PortState | undefined} port The chosen one. */
  show(port) {
    if (port?.id !== this.#port?.id) this.#message.exchange(this.#port?.id, port?.id);
    this.#port = port;
    this.#form.hidden = !port;
    if (!port) return;
    write(byId("composer-port"), `${nameOf(port)} #${port.id}`);
    write(byId("port-facts"), factsOf(port));
    write(byId("last"), port.last ? `Last received: ${port.last}` : "");
    const closed = port.closed === null ? "" : `The port is closed: ${port.closed}`;
    refuse(this.#send, closed);
    refuse(this.#disconnect, closed);
    refuse(this.#alone, port.record === null ? "The records do not show which port this is" : "");
    refuse(this.#forget, port.closed === null ? "Only a closed port can be taken off the list" : "");
  }

  /** Shows that the browser refused a posted message. @param {number} id @param {string} text */
  postRefused(id, text) {
    if (this.#port?.id === id) this.#message.complain(text);
  }

  focus() {
    if (!this.#form.hidden) this.#message.focus();
  }

  async #post() {
    if (isRefused(this.#send)) return complain(this.#error, reasonOf(this.#send));
    const text = this.#message.read();
    if (text !== undefined) await this.#command({ type: "post", port: this.#port?.id ?? 0, text });
  }

  /** @param {"disconnect" | "forget"} type @param {HTMLElement} button */
  async #do(type, button) {
    if (isRefused(button)) return complain(this.#error, reasonOf(button));
    await this.#command({ type, port: this.#port?.id ?? 0 });
  }

  /** @param {NewCommand} command */
  async #command(command) {
    try {
      await this.#connection.send(command);
    } catch (error) {
      this.#message.complain(/** @type {Error} */ (error).message);
    }
  }
}

/** @param {PortState} port */
function factsOf(port) {
  const how = { "": "held by the test", "runtime.connect": "opened", "tabs.connect": "opened" }[port.function];
  const by = port.function ? `${how ?? "by"} ${how ? "by " : ""}${port.function}` : how;
  const state = port.closed === null ? `open, ${port.sent} sent, ${port.received} received` : `closed: ${port.closed}`;
  return `${by} in ${labelOf(port.context)}; ${state}`;
}
