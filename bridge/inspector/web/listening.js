// @ts-check
/** The events of the chosen context to which the inspector listens: through some come ports, through others messages. */

import { NO_CONTEXT } from "./connect.js";
import { byId, complain, isRefused, reasonOf, refuse } from "./dom.js";

/** @import { Connection } from "./connection.js" */
/** @import { ContextState, ListenCommand } from "./messages.js" */

export class Listening {
  #connection;
  #error = byId("listening-error");
  /** @type {HTMLInputElement[]} */
  #boxes = [...byId("connect").querySelectorAll("fieldset input")].map((box) => /** @type {any} */ (box));
  /** @type {ContextState | undefined} */
  #context;

  /** @param {Connection} connection */
  constructor(connection) {
    this.#connection = connection;
    for (const box of this.#boxes) box.addEventListener("click", (event) => void this.#listen(event, box));
  }

  /** @param {ContextState | undefined} context The chosen one. */
  show(context) {
    if (context?.id !== this.#context?.id) complain(this.#error, "");
    this.#context = context;
    for (const box of this.#boxes) {
      refuse(box, context ? (context.refused[box.value] ?? "") : NO_CONTEXT);
      box.checked = Boolean(context?.listening.includes(eventOf(box)));
    }
  }

  /**
   * Asks Python to listen, or to stop. The box changes only once Python says that it has.
   *
   * @param {Event} event
   * @param {HTMLInputElement} box
   */
  async #listen(event, box) {
    event.preventDefault();
    if (isRefused(box)) return complain(this.#error, reasonOf(box));
    complain(this.#error, "");
    const on = !this.#context?.listening.includes(eventOf(box));
    try {
      await this.#connection.send({ type: "listen", context: this.#context?.id ?? 0, event: eventOf(box), on });
    } catch (error) {
      complain(this.#error, /** @type {Error} */ (error).message);
    }
  }
}

/** @param {HTMLInputElement} box */
const eventOf = (box) => /** @type {ListenCommand["event"]} */ (box.value);
