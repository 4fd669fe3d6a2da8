// @ts-check
/** What you can begin in the chosen context: open a port, or send a one-time message and see the answer. */

import { byId, complain, fill, isRefused, reasonOf, refuse, write } from "./dom.js";
import { MessageField } from "./field.js";
import { labelOf } from "./names.js";

/** @import { Connection, NewCommand } from "./connection.js" */
/** @import { ContextState } from "./messages.js" */

export const NO_CONTEXT = "Choose a context in the tree";

export class Connect {
  #connection;
  #onOpened;
  #form = /** @type {HTMLFormElement} */ (byId("connect"));
  #button = /** @type {HTMLButtonElement} */ (this.#form.querySelector("button"));
  #error = byId("connect-error");
  #outcome = byId("outcome");
  #question = new MessageField(byId("question"), this.#error);
  /** @type {HTMLSelectElement} */
  #function = byId("function");
  /** @type {ContextState | undefined} */
  #context;
  #ownId = "";
  #asked = 0;

  /**
   * @param {Connection} connection
   * @param {(port: number) => void} onOpened
   */
  constructor(connection, onOpened) {
    this.#connection = connection;
    this.#onOpened = onOpened;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
    this.#function.addEventListener("change", () => this.#showFields());
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
    this.#question.complain("");
    /** @type {HTMLInputElement} */ (byId("extension")).value = context?.kind === "external" ? this.#ownId : "";
  }

  #showFields() {
    for (const row of this.#form.querySelectorAll("[data-for]")) {
      const row_ = /** @type {HTMLElement} */ (row);
      row_.hidden = !row_.dataset.for?.split(" ").includes(this.#function.value);
    }
    write(this.#button, this.#asks ? "Ask" : "Open port");
    this.#question.complain("");
    this.#showReasons();
  }

  /** Whether the chosen function sends a one-time message. */
  get #asks() {
    return this.#function.value.startsWith("ask");
  }

  #showReasons() {
    const refused = this.#context?.refused;
    refuse(this.#button, refused ? (refused.connect ?? refused[this.#function.value] ?? "") : NO_CONTEXT);
  }

  /** @returns {HTMLInputElement[]} */
  #visibleFields() {
    return [...this.#form.querySelectorAll("input")].filter((field) => field.type !== "checkbox" && field.offsetParent);
  }

  async #submit() {
    for (const field of this.#visibleFields()) field.removeAttribute("aria-invalid");
    if (isRefused(this.#button)) return complain(this.#error, reasonOf(this.#button));
    const command = this.#command();
    if (!command) return;
    this.#question.complain("");
    await (this.#asks ? this.#ask(command) : this.#open(command));
  }

  /** @param {NewCommand} command */
  async #open(command) {
    try {
      const { port } = await this.#connection.send(command);
      if (port !== null) this.#onOpened(port);
    } catch (error) {
      complain(this.#error, /** @type {Error} */ (error).message);
    }
  }

  /** Sends a message and shows what comes of it, unless another one is sent meanwhile. @param {NewCommand} command */
  async #ask(command) {
    const number = ++this.#asked;
    const from = this.#context ? labelOf(this.#context) : "";
    write(this.#outcome, `Waiting for the answer to ${from} …`);
    let [outcome, problem] = ["", ""];
    try {
      outcome = `Answer to ${from}: ${(await this.#connection.send(command)).answer}`;
    } catch (error) {
      problem = `No answer to ${from}: ${/** @type {Error} */ (error).message}`;
    }
    if (number !== this.#asked) return;
    write(this.#outcome, outcome);
    if (problem) complain(this.#error, problem);
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
      case "ask":
        return this.#withText((text) => ({ type: "ask", context, extension: value("extension"), text }));
      case "askTab":
        return this.#toTab((tab, frame) => this.#withText((text) => ({ type: "askTab", context, tab, frame, text })));
    }
    return this.#toTab((tab, frame) => ({ type: "connectTab", context, tab, frame, name }));
  }

  /** @param {(text: string) => NewCommand} command Gets the message, if there is one. */
  #withText(command) {
    const text = this.#question.read();
    return text === undefined ? undefined : command(text);
  }

  /** @param {(tab: number, frame: number | null) => NewCommand | undefined} command Gets the fields, if they are right. */
  #toTab(command) {
    const [tab, frame] = [this.#number("tab", "a tab id"), this.#number("frame", "a frame id")];
    if (tab === undefined || frame === undefined) return undefined;
    if (tab === null) return void complain(this.#error, "Type the tab's id.", byId("tab"));
    return command(tab, frame);
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
}

/** @param {string} id */
const value = (id) => /** @type {HTMLInputElement} */ (byId(id)).value;
