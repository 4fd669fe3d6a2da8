// @ts-check
/** The buttons for the extension as a whole. */

import { byId, complain, fill, isRefused, reasonOf, refuse, write } from "./dom.js";

/** @import { Connection, NewCommand } from "./connection.js" */
/** @import { ActOption, BridgeState, LaunchInfo } from "./messages.js" */

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
  /** @type {HTMLSelectElement} */
  #act = byId("acts");
  /** @type {HTMLInputElement} */
  #argument = byId("argument");
  /** @type {ActOption[]} */
  #acts = [];
  /** @type {Set<string>} */
  #underWay = new Set();
  /** @type {{ [command: string]: string }} */
  #refused = {};
  /** @type {{ [act: string]: string }} */
  #refusedActs = {};

  /** @param {Connection} connection */
  constructor(connection) {
    this.#connection = connection;
    for (const button of this.#buttons) {
      button.addEventListener("click", (event) => {
        event.preventDefault();
        void this.#do(button);
      });
    }
    this.#act.addEventListener("change", () => this.#showAct());
  }

  /** @param {LaunchInfo} info */
  showLaunchInfo({ pagePaths, acts }) {
    this.#acts = acts;
    fill(this.#act, acts.map(({ name, label }) => [name, label]));
    this.#showAct();
    fill(/** @type {HTMLDataListElement} */ (byId("paths")), pagePaths.map((path) => [path, path]));
    if (pagePaths.length) this.#path.value = pagePaths[0];
  }

  /** @param {BridgeState} state */
  show({ pages, waiting, refused, refusedActs }) {
    this.#refused = refused;
    this.#refusedActs = refusedActs;
    const newest = /** @type {[string, string]} */ (["", "on the newest page"]);
    fill(this.#page, [newest, ...pages.map(({ id, url }) => /** @type {[string, string]} */ ([String(id), url]))]);
    this.#page.title = this.#page.selectedOptions[0]?.text ?? "";
    for (const button of this.#buttons) {
      if (button.dataset.command === "resume") button.hidden = !waiting;
    }
    this.#showReasons();
  }

  /** The chosen act's argument, if it has one. */
  #showAct() {
    const { argument, known } = this.#acts.find(({ name }) => name === this.#act.value) ?? { argument: "", known: [] };
    this.#argument.hidden = !argument;
    this.#argument.placeholder = argument;
    write(byId("argument-label"), argument);
    fill(/** @type {HTMLDataListElement} */ (byId("known")), known.map((value) => [value, value]));
    this.#argument.value = argument ? (known[0] ?? "") : "";
    this.#showReasons();
  }

  #showReasons() {
    for (const button of this.#buttons) {
      const type = button.dataset.command ?? "";
      const busy = this.#underWay.has(type);
      const reason = type === "act" ? this.#refusedActs[this.#act.value] : this.#refused[type];
      button.setAttribute("aria-busy", String(busy));
      refuse(button, busy ? UNDER_WAY : (reason ?? ""));
    }
  }

  /** @param {HTMLButtonElement} button */
  async #do(button) {
    const problem = byId("problem");
    if (isRefused(button)) return complain(problem, reasonOf(button));
    complain(problem, "");
    const type = button.dataset.command ?? "";
    const act = this.#acts.find(({ name }) => type === "act" && name === this.#act.value);
    this.#underWay.add(type);
    this.#showReasons();
    try {
      await this.#connection.send(this.#command(type));
      write(byId("status"), act?.done ?? DONE[type]);
    } catch (error) {
      complain(problem, /** @type {Error} */ (error).message);
    }
    this.#underWay.delete(type);
    this.#showReasons();
  }

  /** @param {string} type @returns {NewCommand} */
  #command(type) {
    const page = this.#page.value ? Number(this.#page.value) : null;
    if (type === "clickAction") return { type, page };
    if (type === "act") return { type, act: this.#act.value, argument: this.#argument.value, page };
    if (type === "openPage") return { type, path: this.#path.value.trim() };
    return /** @type {NewCommand} */ ({ type });
  }
}
