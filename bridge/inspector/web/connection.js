// @ts-check
/** The connection to Python. */

/** @import { BridgeState, Command, CommandDone, FromPage, LaunchInfo, PostRefused, RecordBatch, ToPage } from "./messages.js" */

/**
 * What to do with each message from Python.
 *
 * @typedef {object} Handlers
 * @property {(message: LaunchInfo) => void} launchInfo
 * @property {(message: BridgeState) => void} bridgeState
 * @property {(message: RecordBatch) => void} recordBatch
 * @property {(message: PostRefused) => void} postRefused
 * @property {(reason: string) => void} ended Called once, whatever the cause; the connection is dead after that.
 */

/**
 * @template C
 * @typedef {C extends Command ? Omit<C, "id"> : never} WithoutId
 */

/** @typedef {WithoutId<Command>} NewCommand A command that has no number yet. */

const LOST = "The connection to Python is lost; reload the page to try again.";

export class Connection {
  /** @type {WebSocket} */
  #socket;
  /** @type {Handlers} */
  #handlers;
  /** @type {Map<number, { resolve: (answer: CommandDone) => void, reject: (error: Error) => void }>} */
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
   * Returns the answer to a command. If it failed, throws an Error with Python's text.
   *
   * @param {NewCommand} command
   * @returns {Promise<CommandDone>}
   */
  send(command) {
    if (this.#ended) return Promise.reject(new Error(this.#ended));
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#write(/** @type {Command} */ ({ ...command, id }));
    });
  }

  /** Tells Python that the last records are shown, so that it sends more. */
  batchShown() {
    if (!this.#ended) this.#write({ type: "batchShown" });
  }

  /** @param {FromPage} message */
  #write(message) {
    this.#socket.send(JSON.stringify(message));
  }

  /** @param {ToPage} message */
  #receive(message) {
    switch (message.type) {
      case "launchInfo":
        return this.#handlers.launchInfo(message);
      case "bridgeState":
        return this.#handlers.bridgeState(message);
      case "recordBatch":
        return this.#handlers.recordBatch(message);
      case "postRefused":
        return this.#handlers.postRefused(message);
      case "commandDone":
        return this.#take(message.id)?.resolve(message);
      case "commandFailed":
        return this.#take(message.id)?.reject(new Error(message.text));
      case "bridgeEnded":
        return this.#end(message.reason);
      default:
        return this.#unknown(message);
    }
  }

  /** If a case is missing above, tsc complains about the call of this. @param {never} message */
  #unknown(message) {
    this.#end(`Python sent a message that this page does not know: ${JSON.stringify(message)}`);
    this.#socket.close();
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
