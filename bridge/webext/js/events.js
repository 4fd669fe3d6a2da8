// @ts-check
/**
 * The agent's events: those of this context that Python listens to.
 *
 * The package puts this expression into the agent.
 */
((/** @type {import("./types").EventsConfig} */ config) => {
  "use strict";

  /** @typedef {import("./frames").FromAgent} FromAgent */
  const { locate, encode, scriptError, unwatched, send, attempt, onConnect, onMessage, forget } = config;

  /**
   * A background must register its listeners while its script first runs, or it misses the event that woke it. There is
   * no time to ask Python then, so the agent is told before which events Python listens to (see `WakeState`), and holds
   * what they bring until Python's welcome comes. Events that Python does not listen to are left alone.
   */
  class Events {
    /** @type {Map<string, { target: any, listener(...args: any[]): unknown }>} */ #listeners = new Map();
    #answering = new Set(); // of the events of messages, those whose messages Python may answer
    /** @type {{ event: string, frame: FromAgent, payload?: string | Promise<string> }[] | undefined} */ #held;

    /** @param {{ events: string[], answers: string[] }} wanted */
    guard({ events, answers }) {
      this.#held ??= [];
      for (const event of [...this.#listeners.keys()]) if (!events.includes(event)) this.unlisten(event);
      for (const event of events) {
        try {
          this.listen(event, answers.includes(event));
        } catch {
          // no such event here, for example because the extension has no toolbar button
        }
      }
    }

    /** Whether Python has not said yet what it listens to. */
    get guarding() {
      return Boolean(this.#held);
    }

    /** @param {string[]} events @param {string[]} answers */
    welcome(events, answers) {
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const event of [...this.#listeners.keys()]) {
        if (!events.includes(event)) attempt("welcome", () => this.unlisten(event));
      }
      for (const event of events) this.#listenOrTell(event, answers.includes(event));
      for (const { event, frame, payload } of held) {
        if (events.includes(event)) send(frame, payload);
        else attempt("welcome", () => forget(frame));
      }
    }

    /** @param {string} event @param {boolean} [answers] */
    listen(event, answers = false) {
      if (answers) this.#answering.add(event);
      else this.#answering.delete(event);
      const [owner, name] = locate(event);
      const target = owner[name];
      // Firefox makes another event of it when a permission that was taken away comes back; the one before is dead.
      if (this.#listeners.get(event)?.target === target) return;
      const listener = this.#listenerOf(event, name, Date.now());
      unwatched(() => target.addListener(listener));
      this.#listeners.set(event, { target, listener });
    }

    /** @param {string} event */
    unlisten(event) {
      const listening = this.#listeners.get(event);
      if (!listening) return;
      unwatched(() => listening.target.removeListener(listening.listener));
      this.#listeners.delete(event);
      this.#answering.delete(event);
    }

    /** @param {string} event @param {string} name @param {number} since @returns {(...args: any[]) => unknown} */
    #listenerOf(event, name, since) {
      if (/^on(UserScript)?Connect/.test(name)) return (port) => onConnect(event, port, since);
      if (!/^on(UserScript)?Message/.test(name)) return (...args) => this.reportValue(event, { type: "fired", event }, args);
      return (message, sender, sendResponse) =>
        onMessage(event, this.#answering.has(event), message, sender, sendResponse);
    }

    /**
     * Send a frame that `event` caused, or hold it until Python says whether it listens.
     * @param {string | undefined} event @param {FromAgent} frame @param {string | Promise<string>} [payload]
     */
    report(event, frame, payload) {
      if (this.#held && event) this.#held.push({ event, frame, payload });
      else send(frame, payload);
    }

    /** @param {string | undefined} event @param {FromAgent} frame @param {unknown} value */
    reportValue(event, frame, value) {
      attempt(frame.type, () => this.report(event, frame, encode(value)));
    }

    /** @param {string} event @param {boolean} answers */
    #listenOrTell(event, answers) {
      try {
        this.listen(event, answers);
      } catch (error) {
        send({ type: "notListening", event, error: scriptError(error) });
      }
    }
  }

  return new Events();
})
