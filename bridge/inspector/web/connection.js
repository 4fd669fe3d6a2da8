// @ts-check
/** The connection to Python. */

/** @import * as messages from "./messages.js" */

/**
 * What is done with each message of Python.
 *
 * @typedef {object} Handlers
 * @property {(message: messages.Hello) => void} hello
 * @property {(message: messages.State) => void} state
 * @property {(message: messages.Records) => void} records
 * @property {(message: messages.Trouble) => void} trouble
 * @property {(reason: string) => void} ended Once, whatever the cause; the connection does nothing any more.
 */

const LOST = "The connection to Python is lost; load the page again to try anew.";

export class Connection {
  /** @type {WebSocket} */
  #socket;
  /** @type {Handlers} */
  #handlers;
  /** @type {Map<number, { resolve: (answer: messages.Done) => void, reject: (error: Error) => void }>} */
  #answers = new Map();
  #next = 1;
  /** Why it ended; empty while it lives. */
  #ended = "";

  /**
   * @param {WebSocket} socket
   * @param {Handlers} handlers
   */
  constructor(socket, handlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = ({ reason }) => this.#end(reason ? `${LOST} ${reason}` : LOST);
  }

  /**
   * Returns the answer to a command; throws an Error with Python's words.
   *
   * @param {messages.Command} command
   * @returns {Promise<messages.Done>}
   */
  send(command) {
    if (this.#ended) return Promise.reject(new Error(this.#ended));
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ ...command, id }));
    });
  }

  /** Says that the last records are shown, so that more may come. */
  seen() {
    if (!this.#ended) this.#socket.send(JSON.stringify({ type: "seen" }));
  }

  /** @param {messages.FromPython} message */
  #receive(message) {
    switch (message.type) {
      case "hello":
        return this.#handlers.hello(message);
      case "state":
        return this.#handlers.state(message);
      case "records":
        return this.#handlers.records(message);
      case "trouble":
        return this.#handlers.trouble(message);
      case "done":
        return this.#take(message.id)?.resolve(message);
      case "failed":
        return this.#take(message.id)?.reject(new Error(message.text));
      case "ended":
        return this.#end(message.reason);
      default:
        console.error("A message of Python that this page does not know", message);
    }
  }

  /** @param {number} id */
  #take(id) {
    const answer = this.#answers.get(id);
    this.#answers.delete(id);
    return answer;
  }

  /** @param {string} reason */
  #end(reason) {
    if (this.#ended) return;
    this.#ended = reason;
    for (const { reject } of this.#answers.values()) reject(new Error(reason));
    this.#answers.clear();
    this.#handlers.ended(reason);
  }
}
