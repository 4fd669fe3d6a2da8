// @ts-check
/** What you can do in the chosen context: open a port, or accept ports that others open. */

import { byId, complain, fill, isRefused, reasonOf, refuse, write } from "./dom.js";
import { labelOf } from "./names.js";

/** @import { Connection, NewCommand } from "./connection.js" */
/** @import { ContextState, ListenCommand } from "./messages.js" */

const NONE = "Choose a context in the tree";

export class Connect {
  #connection;
  #onOpened;
  #form = /** @type {HTMLFormElement} */ (byId("connect"));
  #button = /** @type {HTMLButtonElement} */ (this.#form.querySelector("button"));
  #error = byId("connect-error");
  #listeningError = byId("listening-error");
  /** @type {HTMLSelectElement} */
  #function = byId("function");
  /** @type {HTMLInputElement[]} */
  #boxes = [...byId("listening").querySelectorAll("input")];
  /** @type {ContextState | undefined} */
  #context;
  #ownId = "";

  /**
   * @param {Connection} connection
   * @param {(port: number) => void} onOpened
   */
  constructor(connection, onOpened) {
    this.#connection = connection;
    this.#onOpened = onOpened;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#open();
    });
    this.#function.addEventListener("change", () => this.#showFields());
    for (const box of this.#boxes) box.addEventListener("click", (event) => void this.#listen(event, box));
    this.#showFields();
  }

  /** @param {string} id The id of the extension under test. */
  showOwnId(id) {
    this.#ownId = id;
  }

  /**
   * @param {ContextState | undefined} context The chosen one.
   * @param {ContextState[]} all
   */
  show(context, all) {
    if (context?.id !== this.#context?.id) this.#chosen(context);
    this.#context = context;
    write(byId("connect-from"), context ? labelOf(context) : "…");
    const tabs = [...new Set(all.map(({ tab }) => tab))].filter((tab) => tab !== null);
    fill(/** @type {HTMLDataListElement} */ (byId("tabs")), tabs.map((tab) => [String(tab), `tab ${tab}`]));
    this.#showReasons();
  }

  focus() {
    this.#visibleFields()[0]?.focus();
  }

  /** Another context is chosen. @param {ContextState | undefined} context */
  #chosen(context) {
    complain(this.#error, "");
    complain(this.#listeningError, "");
    /** @type {HTMLInputElement} */ (byId("extension")).value = context?.kind === "external" ? this.#ownId : "";
  }

  #showFields() {
    for (const row of this.#form.querySelectorAll("[data-for]")) {
      const row_ = /** @type {HTMLElement} */ (row);
      row_.hidden = !row_.dataset.for?.split(" ").includes(this.#function.value);
    }
    complain(this.#error, "");
    this.#showReasons();
  }

  #showReasons() {
    const refused = this.#context?.refused;
    refuse(this.#button, refused ? (refused.connect ?? refused[this.#function.value] ?? "") : NONE);
    for (const box of this.#boxes) {
      refuse(box, refused ? (refused[box.value] ?? "") : NONE);
      box.checked = Boolean(this.#context?.listening.includes(eventOf(box)));
    }
  }

  /** @returns {HTMLInputElement[]} */
  #visibleFields() {
    return [...this.#form.querySelectorAll("input")].filter((field) => field.type !== "checkbox" && field.offsetParent);
  }

  async #open() {
    for (const field of this.#visibleFields()) field.removeAttribute("aria-invalid");
    if (isRefused(this.#button)) return complain(this.#error, reasonOf(this.#button));
    const command = this.#command();
    if (!command) return;
    complain(this.#error, "");
    try {
      const { port } = await this.#connection.send(command);
      if (port !== null) this.#onOpened(port);
    } catch (error) {
      complain(this.#error, /** @type {Error} */ (error).message);
    }
  }

  /** @returns {NewCommand | undefined} */
  #command() {
    const context = this.#context?.id ?? 0;
    const name = value("port-name");
    switch (this.#function.value) {
      case "connect":
        return { type: "connect", context, name, extension: value("extension") };
      case "connectNative":
        return { type: "connectNative", context, application: value("application") };
    }
    const [tab, frame] = [this.#number("tab", "a tab id"), this.#number("frame", "a frame id")];
    if (tab === undefined || frame === undefined) return undefined;
    if (tab === null) return void complain(this.#error, "Type the tab's id.", byId("tab"));
    return { type: "connectTab", context, tab, frame, name };
  }

  /**
   * The number in a field; null if the field is empty, undefined if it holds something else, which is then shown.
   *
   * @param {string} id
   * @param {string} wanted
   */
  #number(id, wanted) {
    const text = value(id).trim();
    if (!text) return null;
    if (/^\d{1,15}$/.test(text)) return Number(text);
    return void complain(this.#error, `This is not ${wanted}: ${text}`, byId(id));
  }

  /**
   * Asks Python to listen, or to stop. The box changes only once Python says that it has.
   *
   * @param {Event} event
   * @param {HTMLInputElement} box
   */
  async #listen(event, box) {
    event.preventDefault();
    if (isRefused(box)) return complain(this.#listeningError, reasonOf(box));
    complain(this.#listeningError, "");
    const on = !this.#context?.listening.includes(eventOf(box));
    try {
      await this.#connection.send({ type: "listen", context: this.#context?.id ?? 0, event: eventOf(box), on });
    } catch (error) {
      complain(this.#listeningError, /** @type {Error} */ (error).message);
    }
  }
}

/** @param {string} id */
const value = (id) => /** @type {HTMLInputElement} */ (byId(id)).value;

/** @param {HTMLInputElement} box */
const eventOf = (box) => /** @type {ListenCommand["event"]} */ (box.value);
