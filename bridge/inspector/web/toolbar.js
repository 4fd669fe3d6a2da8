// @ts-check
/** The buttons for the extension as a whole. */

import { byId, complain, fill, isRefused, reasonOf, refuse, write } from "./dom.js";

/** @import { Connection, NewCommand } from "./connection.js" */
/** @import { BridgeState, LaunchInfo } from "./messages.js" */

/** @type {{ [command: string]: string }} */
const DONE = {
  resume: "The test goes on",
  stopBackground: "The background has stopped",
  startBackground: "The background is running",
  reload: "The extension was reloaded",
  clickAction: "The toolbar button was pressed",
  openPage: "The page is open",
};
const UNDER_WAY = "Already under way";

export class Toolbar {
  #connection;
  /** @type {HTMLButtonElement[]} */
  #buttons = [...byId("actions").querySelectorAll("button[data-command]")].map((b) => /** @type {any} */ (b));
  /** @type {HTMLSelectElement} */
  #page = byId("page");
  /** @type {HTMLInputElement} */
  #path = byId("path");
  /** @type {Set<string>} */
  #underWay = new Set();
  /** @type {{ [command: string]: string }} */
  #refused = {};

  /** @param {Connection} connection */
  constructor(connection) {
    this.#connection = connection;
    for (const button of this.#buttons) {
      button.addEventListener("click", (event) => {
        event.preventDefault();
        void this.#do(button);
      });
    }
  }

  /** @param {LaunchInfo} info */
  showLaunchInfo({ pagePaths }) {
    fill(/** @type {HTMLDataListElement} */ (byId("paths")), pagePaths.map((path) => [path, path]));
    if (pagePaths.length) this.#path.value = pagePaths[0];
  }

  /** @param {BridgeState} state */
  show({ pages, waiting, refused }) {
    this.#refused = refused;
    const newest = /** @type {[string, string]} */ (["", "on the newest page"]);
    fill(this.#page, [newest, ...pages.map(({ id, url }) => /** @type {[string, string]} */ ([String(id), url]))]);
    this.#page.title = this.#page.selectedOptions[0]?.text ?? "";
    for (const button of this.#buttons) {
      if (button.dataset.command === "resume") button.hidden = !waiting;
    }
    this.#showReasons();
  }

  #showReasons() {
    for (const button of this.#buttons) {
      const command = button.dataset.command ?? "";
      const busy = this.#underWay.has(command);
      button.setAttribute("aria-busy", String(busy));
      refuse(button, busy ? UNDER_WAY : (this.#refused[command] ?? ""));
    }
  }

  /** @param {HTMLButtonElement} button */
  async #do(button) {
    const problem = byId("problem");
    if (isRefused(button)) return complain(problem, reasonOf(button));
    complain(problem, "");
    const type = button.dataset.command ?? "";
    this.#underWay.add(type);
    this.#showReasons();
    try {
      await this.#connection.send(this.#command(type));
      write(byId("status"), DONE[type]);
    } catch (error) {
      complain(problem, /** @type {Error} */ (error).message);
    }
    this.#underWay.delete(type);
    this.#showReasons();
  }

  /** @param {string} type @returns {NewCommand} */
  #command(type) {
    if (type === "clickAction") return { type, page: this.#page.value ? Number(this.#page.value) : null };
    if (type === "openPage") return { type, path: this.#path.value.trim() };
    return /** @type {NewCommand} */ ({ type });
  }
}
