// @ts-check
/** The one-time messages that Python may still answer, and what you can do with the chosen one. */

import { ageOf, timeOf } from "./ages.js";
import { Choice } from "./choice.js";
import { byId, complain, isRefused, reasonOf, write } from "./dom.js";
import { MessageField } from "./field.js";
import { labelOf } from "./names.js";

/** @import { Connection, NewCommand } from "./connection.js" */
/** @import { RequestState } from "./messages.js" */
/** @import { Item } from "./choice.js" */

const GONE = "That message is no longer open: it was answered or let go elsewhere, or its context is gone.";

export class Requests {
  #connection;
  #list;
  #form = /** @type {HTMLFormElement} */ (byId("answering"));
  #respond = /** @type {HTMLButtonElement} */ (this.#form.querySelector("button"));
  /** What became of a request that is off the list. */
  #problem = byId("request-error");
  #error = byId("answer-error");
  #answer = new MessageField(byId("answer"), this.#error);
  /** @type {HTMLInputElement} */
  #refusal = byId("refusal");
  /** @type {Map<string, RequestState>} */
  #requests = new Map();
  /** The chosen one. @type {RequestState | undefined} */
  #chosen;
  /** The one that this page answered last. */
  #answered = 0;

  /** @param {Connection} connection */
  constructor(connection) {
    this.#connection = connection;
    this.#list = new Choice(byId("requests"), () => {
      complain(this.#problem, "");
      this.#showChosen();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#withAnswer();
    });
    this.#refusal.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // else it would submit the form, and respond
      void this.#withError();
    });
    this.#refusal.addEventListener("input", () => complain(this.#error, "", this.#refusal));
    byId("reject").addEventListener("click", () => void this.#withError());
    byId("let-go").addEventListener("click", () => void this.#do(byId("let-go"), { type: "letGo" }));
  }

  /** @param {RequestState[]} requests */
  show(requests) {
    this.#requests = new Map(requests.map((request) => [String(request.id), request]));
    byId("no-requests").hidden = requests.length > 0;
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
    this.#list.focus();
  }

  #showChosen() {
    const request = this.#requests.get(this.#list.chosen);
    if (request?.id !== this.#chosen?.id) this.#exchange(request);
    this.#chosen = request;
    this.#form.hidden = !request;
    if (!request) return;
    write(byId("request-context"), labelOf(request.context));
    write(byId("request-facts"), `${request.sender} asked at ${timeOf(request)}; Python has not answered`);
    write(byId("request-message"), request.message);
  }

  /** @param {RequestState | undefined} request */
  #exchange(request) {
    this.#answer.exchange(this.#chosen?.id, request?.id);
    complain(this.#error, "", this.#refusal);
    this.#refusal.value = "";
  }

  async #withAnswer() {
    const text = isRefused(this.#respond) ? "" : this.#answer.read();
    if (text !== undefined) await this.#do(this.#respond, { type: "respond", text });
  }

  async #withError() {
    const text = this.#refusal.value;
    const wrong = text ? "" : "Type the text of the error.";
    complain(this.#error, wrong, this.#refusal);
    if (!wrong) await this.#do(byId("reject"), { type: "reject", text });
  }

  /**
   * @param {HTMLElement} button
   * @param {{ type: "respond" | "reject", text: string } | { type: "letGo" }} answer
   */
  async #do(button, answer) {
    if (isRefused(button)) return complain(this.#error, reasonOf(button));
    const request = (this.#answered = this.#chosen?.id ?? 0);
    try {
      await this.#connection.send({ ...answer, request });
    } catch (error) {
      complain(this.#problem, /** @type {Error} */ (error).message);
    }
  }
}

/**
 * @param {RequestState} request
 * @returns {Item}
 */
function itemOf({ id, message, context, sender, since }) {
  return { id: String(id), label: message, detail: `${labelOf(context)} ← ${sender}`, state: ageOf(since) };
}
