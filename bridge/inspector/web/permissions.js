// @ts-check
/** What the extension requests of its user, and what you can answer in the user's place. */

import { Choice } from "./choice.js";
import { byId, complain, isRefused, reasonOf, refuse, write } from "./dom.js";
import { ageOf, timeOf } from "./times.js";

/** @import { Connection, NewCommand } from "./connection.js" */
/** @import { BridgeState, PermissionRequestState } from "./messages.js" */
/** @import { Item } from "./choice.js" */

const GONE = "That request is no longer open: it was answered elsewhere, or the browser no longer asks.";

export class Permissions {
  #connection;
  #list;
  #section = byId("permissions-section");
  /** @type {HTMLInputElement} */
  #box = byId("hear-permissions");
  #form = byId("deciding");
  /** What became of a request that is off the list, or of the box. */
  #problem = byId("permission-error");
  #buttons = { allow: byId("allow"), refuse: byId("refuse") };
  /** @type {Map<string, PermissionRequestState>} */
  #requests = new Map();
  /** The chosen one. @type {PermissionRequestState | undefined} */
  #chosen;
  /** The one that this page answered last. */
  #answered = 0;
  #heard = false;

  /** @param {Connection} connection */
  constructor(connection) {
    this.#connection = connection;
    this.#list = new Choice(byId("permissions"), () => {
      complain(this.#problem, "");
      this.#showChosen();
    });
    this.#box.addEventListener("click", (event) => void this.#hear(event));
    this.#buttons.allow.addEventListener("click", () => void this.#answer("allow"));
    this.#buttons.refuse.addEventListener("click", () => void this.#answer("refuse"));
  }

  /** @param {BridgeState} state */
  show({ permissionRequests, hearsPermissionRequests, refused }) {
    const reason = refused.hearPermissionRequests ?? "";
    this.#section.hidden = Boolean(reason);
    refuse(this.#box, reason);
    this.#box.checked = this.#heard = hearsPermissionRequests;
    this.#requests = new Map(permissionRequests.map((request) => [String(request.id), request]));
    byId("no-permissions").hidden = permissionRequests.length > 0;
    const former = this.#chosen;
    this.showAges();
    this.#showChosen();
    if (former && former.id !== this.#answered && !this.#chosen) complain(this.#problem, GONE);
  }

  /** Shows for how long each has waited. */
  showAges() {
    this.#list.show([...this.#requests.values()].map(itemOf));
  }

  focus() {
    if (this.#requests.size) this.#list.focus();
    else this.#box.focus();
  }

  #showChosen() {
    const request = (this.#chosen = this.#requests.get(this.#list.chosen));
    this.#form.hidden = !request;
    if (!request) return;
    write(byId("permission-facts"), `Requested at ${timeOf(request.since)}; nobody has answered`);
    write(byId("permission-names"), [...request.permissions, ...request.origins].join("\n"));
  }

  /** Asks Python to hear requests, or to stop. The box changes only once Python says that it has. @param {Event} event */
  async #hear(event) {
    event.preventDefault();
    if (isRefused(this.#box)) return complain(this.#problem, reasonOf(this.#box));
    await this.#send({ type: "hearPermissionRequests", on: !this.#heard });
  }

  /** @param {"allow" | "refuse"} type */
  async #answer(type) {
    const button = this.#buttons[type];
    if (isRefused(button)) return complain(this.#problem, reasonOf(button));
    this.#answered = this.#chosen?.id ?? 0;
    await this.#send({ type, request: this.#answered });
  }

  /** @param {NewCommand} command */
  async #send(command) {
    complain(this.#problem, "");
    try {
      await this.#connection.send(command);
    } catch (error) {
      complain(this.#problem, /** @type {Error} */ (error).message);
    }
  }
}

/**
 * @param {PermissionRequestState} request
 * @returns {Item}
 */
function itemOf({ id, permissions, origins, since }) {
  return { id: String(id), label: [...permissions, ...origins].join(", "), state: ageOf(since) };
}
