// @ts-check
/**
 * The agent's requests: one-time messages that somebody asked in this context, and that Python hears and may answer.
 *
 * The package puts this expression into the agent.
 */
((/** @type {import("./types").RequestsConfig} */ config) => {
  "use strict";

  const { respondsAtOnce, copySender, reportValue } = config;

  class Requests {
    /** @type {Map<number, { respond(value: unknown): void, reject(error: Error): void }>} */ #open = new Map();
    #nextId = 1;

    /**
     * @param {string} event @param {boolean} open whether Python may answer
     * @param {unknown} message @param {unknown} sender @param {(value: unknown) => void} sendResponse
     * @returns {Promise<unknown> | undefined} what keeps the channel open
     */
    hear(event, open, message, sender, sendResponse) {
      const request = this.#nextId++;
      // A promise, because only that can reject. But in Chromium only sendResponse() says at once what cannot be sent,
      // and Firefox does not take what is given to sendResponse() beside a promise.
      const answer = open
        ? new Promise((resolve, reject) => {
            const respond = respondsAtOnce ? sendResponse : resolve;
            this.#open.set(request, { respond, reject });
          })
        : undefined;
      reportValue(event, { type: "asked", request, event, sender: copySender({ sender }), open }, message);
      return answer;
    }

    /** @param {number} request @param {unknown} value */
    respond(request, value) {
      this.#take(request)?.respond(value);
    }

    /** @param {number} request @param {string} message */
    reject(request, message) {
      this.#take(request)?.reject(new Error(message));
    }

    /** The link broke, and Python has forgotten them. */
    abandon() {
      this.#open.clear();
    }

    /** Python does not answer this one. @param {number} request */
    letGo(request) {
      this.#take(request);
    }

    /** @param {number} request */
    #take(request) {
      const found = this.#open.get(request);
      this.#open.delete(request);
      return found;
    }
  }

  return new Requests();
})
