// @ts-check
/** Which ports are held, the messages that wait, and what you can do with the chosen one. */

import { Choice } from "./choice.js";
import { byId, complain, fill, isRefused, make, reasonOf, write } from "./dom.js";
import { MessageField } from "./field.js";
import { labelOf, nameOf } from "./names.js";
import { ageOf, timeOf } from "./times.js";

/** @import { Connection, NewCommand } from "./connection.js" */
/** @import { BridgeState, HeldMessageState, HoldState } from "./messages.js" */
/** @import { Item } from "./choice.js" */

const UNSHOWN = "A message that cannot be shown";
const NO_JSON = "Only messages that JSON can say, and no very long ones, are here to be changed: type another one";

export class Holds {
  #connection;
  #list;
  #form = /** @type {HTMLFormElement} */ (byId("held-deciding"));
  /** @type {HTMLInputElement} */
  #name = byId("hold-name");
  #hold = byId("hold-button");
  #holdError = byId("hold-error");
  /** What went wrong with a message that is off the list. */
  #problem = byId("held-error");
  #error = byId("changed-error");
  #changed = new MessageField(byId("changed"), this.#error);
  /** The lines of the names that are held. @type {Map<string, HTMLElement>} */
  #lines = new Map();
  /** @type {Map<string, HeldMessageState>} */
  #held = new Map();
  /** The chosen one. @type {HeldMessageState | undefined} */
  #chosen;

  /** @param {Connection} connection */
  constructor(connection) {
    this.#connection = connection;
    this.#list = new Choice(byId("held"), () => {
      complain(this.#problem, "");
      this.#showChosen();
    });
    byId("hold").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#begin();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#change();
    });
    this.#on("pass", () => ({ type: "passMessage", message: this.#chosen?.id ?? 0 }));
    this.#on("drop", () => ({ type: "dropMessage", message: this.#chosen?.id ?? 0 }));
    this.#on("pass-all", () => ({ type: "passAll" }));
  }

  /** @param {BridgeState} state @param {Set<string>} names Of open ports. */
  show({ holds, held, heldCount, refused }, names) {
    byId("no-routes").hidden = !refused.hold;
    byId("hold").hidden = Boolean(refused.hold);
    fill(/** @type {HTMLDataListElement} */ (byId("hold-names")), [...names].map((name) => [name, name]));
    this.#showHolds(holds);
    const had = this.#chosen;
    this.#held = new Map(held.map((message) => [String(message.id), message]));
    byId("no-held").hidden = holds.length === 0 || held.length > 0;
    byId("pass-all").hidden = held.length === 0;
    byId("more-held").hidden = heldCount === held.length;
    write(byId("more-held"), `and ${(heldCount - held.length).toLocaleString("en")} more, once these have gone`);
    this.showAges();
    // So that one can go on with the next one at once, and the focus stays on the button.
    if (had && !this.#list.chosen && held.length) this.#list.choose(String(held[0].id));
    else this.#showChosen();
  }

  /** Shows for how long each has waited. */
  showAges() {
    this.#list.show([...this.#held.values()].map(itemOf));
  }

  /** Offers the name of a port. @param {string} name */
  offer(name) {
    this.#name.value = name;
  }

  focus() {
    if (this.#held.size) this.#list.focus();
    else this.#name.focus();
  }

  /** @param {HoldState[]} holds */
  #showHolds(holds) {
    const gone = new Set(this.#lines.keys());
    for (const hold of holds) {
      gone.delete(hold.name);
      const line = this.#lines.get(hold.name) ?? this.#newLine(hold.name);
      write(line.children[1], factsOf(hold));
    }
    for (const name of gone) {
      this.#lines.get(name)?.remove();
      this.#lines.delete(name);
    }
  }

  /** @param {string} name */
  #newLine(name) {
    const line = make("li", "");
    const stop = /** @type {HTMLButtonElement} */ (make("button", "", "Stop"));
    stop.type = "button";
    stop.dataset.acts = "";
    stop.title = "Let what waits go, and hold nothing more there";
    stop.setAttribute("aria-label", `Stop holding ${nameOf({ name })}`);
    stop.addEventListener("click", () => {
      void this.#send(stop, { type: "hold", name, on: false }, this.#holdError).then(() => this.#name.focus());
    });
    line.append(make("bdi", "", nameOf({ name })), make("span", "facts"), stop);
    this.#lines.set(name, line);
    byId("holds").append(line);
    return line;
  }

  #showChosen() {
    const message = this.#held.get(this.#list.chosen);
    if (message?.id !== this.#chosen?.id) this.#changed.exchange(this.#chosen?.id, message?.id, message?.json ?? "");
    this.#chosen = message;
    this.#form.hidden = !message;
    if (!message) return;
    write(byId("held-way"), `${nameOf(message)} ${wayOf(message)}`);
    write(byId("held-facts"), `since ${timeOf(message.since)}${message.json === null ? `. ${NO_JSON}` : ""}`);
    write(byId("held-message"), message.message || UNSHOWN);
  }

  async #begin() {
    await this.#send(this.#hold, { type: "hold", name: this.#name.value, on: true }, this.#holdError);
  }

  async #change() {
    const text = this.#changed.read();
    if (text === undefined) return;
    await this.#send(byId("change"), { type: "changeMessage", message: this.#chosen?.id ?? 0, text }, this.#error);
  }

  /** @param {string} id Of a button. @param {() => NewCommand} command */
  #on(id, command) {
    byId(id).addEventListener("click", () => void this.#send(byId(id), command(), this.#problem));
  }

  /** @param {HTMLElement} button @param {NewCommand} command @param {HTMLElement} problem Where it says what is wrong. */
  async #send(button, command, problem) {
    if (isRefused(button)) return complain(problem, reasonOf(button));
    complain(problem, "");
    try {
      await this.#connection.send(command);
    } catch (error) {
      complain(problem, /** @type {Error} */ (error).message);
    }
  }
}

/**
 * @param {HeldMessageState} message
 * @returns {Item}
 */
function itemOf(message) {
  const { id, message: text, since } = message;
  return { id: String(id), label: text || UNSHOWN, detail: `${nameOf(message)} ${wayOf(message)}`, state: ageOf(since) };
}

/** @param {HeldMessageState} message */
const wayOf = ({ byOpener, context, opener, sender }) => {
  const ends = [opener ? labelOf(opener) : sender, labelOf(context)];
  return (byOpener ? ends : ends.reverse()).join(" → ");
};

/** @param {HoldState} hold */
function factsOf({ ports, before }) {
  const held = `${ports} ${ports === 1 ? "port" : "ports"} held`;
  return before ? `${held}; ${before} open before, not held` : held;
}
