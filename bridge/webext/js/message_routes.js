// @ts-check
/**
 * Routes of one-time messages: lets Python stand between who asks and the extension's own scripts that hear it.
 *
 * The package puts this expression into the agent if `launch(routes=True)`. It stands at the receiver's end, in front of the
 * scripts' listeners of a context: the asker has asked as ever. What a script can notice of this: docs/fidelity.md.
 */
((/** @type {import("./types").MessageRoutesConfig} */ config) => {
  "use strict";

  const { apply } = Reflect;
  const { parse, stringify } = JSON;
  const { Promise, queueMicrotask, structuredClone } = globalThis; // a script may replace them
  const { apis, encode, decode, tell, copySender, standAt, respondsAtOnce, structured } = config;
  const EVENTS = ["runtime.onMessage", "runtime.onMessageExternal", "runtime.onUserScriptMessage"];

  /** @type {import("./frames").Routing | undefined} */ let routing; // undefined until Python has said it
  let lastRequest = 0;
  /** @type {Map<number, RoutedRequest>} */ const requests = new Map(); // in which Python has a say
  // All listeners get the same object for the sender of a message, and no other message has it. Undefined: nobody routes it.
  /** @type {WeakMap<object, RoutedRequest | undefined>} */ const decided = new WeakMap();
  /** @type {Map<string, Map<Function, Function>>} */ const scripts = new Map(); // by event: their listeners

  /** Whether a value has all that a pattern has. @param {any} value @param {any} pattern @returns {boolean} */
  const contains = (value, pattern) => {
    if (typeof pattern !== "object" || !pattern) return value === pattern;
    if (typeof value !== "object" || !value || Array.isArray(value) !== Array.isArray(pattern)) return false;
    if (Array.isArray(pattern) && value.length !== pattern.length) return false;
    return Object.keys(pattern).every((key) => Object.hasOwn(value, key) && contains(value[key], pattern[key]));
  };

  /** Whether a message goes to Python first. @param {unknown} message */
  const asks = (message) =>
    !routing || routing.asksMessages || routing.messages?.some((pattern) => contains(message, pattern));

  /** An answer as it arrives, made at once, since the script may change it. @param {unknown} value */
  const copyOf = (value) => {
    if (respondsAtOnce && value === undefined) return null; // so Chromium sends it
    if (structured) return structuredClone(value);
    const text = stringify(value);
    if (text === undefined && value !== undefined) throw new TypeError("The browser cannot send what the script answers");
    return text && parse(text);
  };

  /** What the scripts make of a message. @typedef {{ silent?: true, value?: unknown, reason?: unknown }} Outcome */

  /** @type {Outcome} */ const SILENT = { silent: true };

  /** What a listener threw is the answer, and in Firefox an uncaught error, too. @param {unknown} error */
  const uncaught = (error) =>
    queueMicrotask(() => {
      throw error;
    });

  /**
   * Call the scripts' listeners as Chromium does: they share one sendResponse(), and it works as long as one of them has
   * said that it will answer.
   * @param {Function[]} listeners @param {any} message @param {object} sender @param {(outcome: Outcome) => void} end
   */
  const askAsChromium = (listeners, message, sender, end) => {
    let waits = false;
    const sendResponse = (/** @type {unknown} */ value) => end({ value });
    for (const listener of listeners) {
      try {
        const result = apply(listener, undefined, [message, sender, sendResponse]);
        if (result === true) waits = true;
        if (!(result instanceof Promise)) continue;
        waits = true;
        result.then(sendResponse, (reason) => end({ reason }));
      } catch (error) {
        end({ reason: error });
      }
    }
    if (!waits) end(SILENT);
  };

  /** Firefox wraps a promise that it waits for, so an answer at once is before it. @param {Promise<unknown>} promise */
  const later = (promise) => new Promise((resolve, reject) => promise.then(resolve, reject));

  /**
   * Call the scripts' listeners as Firefox does: each has a sendResponse() of its own, which works later if the listener
   * returns true; and a promise that it returns is its answer.
   * @param {Function[]} listeners @param {any} message @param {object} sender @param {(outcome: Outcome) => void} end
   */
  const askAsFirefox = (listeners, message, sender, end) => {
    const answers = listeners.map((listener) => {
      let isAnswered = false;
      /** @type {(value: unknown) => void} */ let resolve = () => {};
      const answer = new Promise((settle) => (resolve = settle));
      const sendResponse = (/** @type {unknown} */ value) => {
        isAnswered = true;
        resolve(value);
      };
      try {
        const result = apply(listener, undefined, [message, sender, sendResponse]);
        if (result instanceof Promise) return later(result);
        if (result === true) return later(answer);
        return isAnswered ? answer : undefined;
      } catch (error) {
        uncaught(error);
        return Promise.reject(error);
      }
    });
    const given = answers.filter((answer) => answer);
    if (!given.length) return end(SILENT);
    Promise.race(given).then(
      (value) => end({ value }),
      (reason) => end({ reason }),
    );
  };

  /** A one-time message that has come to this context, and in which Python has a say. */
  class RoutedRequest {
    #id = ++lastRequest;
    #event;
    #message;
    #sender;
    #sendResponse;
    #alone = false; // Python is gone
    /** @type {(value: unknown) => void} */ #resolve = () => {};
    /** @type {(reason: unknown) => void} */ #reject = () => {};
    /** @type {Outcome | undefined} */ #outcome; // what the scripts have made of it
    /** @type {((outcome: Outcome) => void) | undefined} */ #end; // undefined until the scripts are asked
    /** What the browser takes for the answer. */
    answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });

    /** @param {string} event @param {unknown} message @param {object} sender @param {(value: unknown) => void} sendResponse */
    constructor(event, message, sender, sendResponse) {
      this.#event = event;
      this.#message = message;
      this.#sender = sender;
      this.#sendResponse = sendResponse;
      requests.set(this.#id, this);
      this.#tell();
    }

    #tell() {
      try {
        const text = encode(this.#message);
        if (typeof text === "object") text.catch(() => this.abandon());
        const sender = copySender({ sender: this.#sender });
        tell({ type: "routedAsk", request: this.#id, event: this.#event, sender }, text);
      } catch {
        queueMicrotask(() => this.abandon()); // Python cannot read it, and does not know it
      }
    }

    /** Let the scripts hear it. @param {unknown} message @param {(outcome: Outcome) => void} end */
    #ask(message, end) {
      this.#end = end;
      const listeners = [...(scripts.get(this.#event)?.keys() ?? [])];
      const ask = respondsAtOnce ? askAsChromium : askAsFirefox;
      ask(listeners, message, this.#sender, (outcome) => {
        if (this.#outcome) return; // the first one is the answer
        this.#outcome = outcome;
        this.#end?.(outcome);
      });
    }

    /** Let the scripts hear it and answer the asker. @param {string} [payload] what they hear in its place */
    pass(payload) {
      this.#ask(payload === undefined ? this.#message : decode(payload), (outcome) => this.#settle(outcome));
    }

    /**
     * The asker gets what the scripts have made of it; but silence is Python's to give, as somebody else may still answer.
     * @param {Outcome} outcome
     */
    #settle(outcome) {
      if (outcome.silent && !this.#alone) return tell({ type: "routedEnd", request: this.#id, silent: true });
      try {
        this.#give(outcome);
      } finally {
        tell({ type: "routedEnd", request: this.#id });
      }
    }

    /**
     * Let the scripts hear it, and give Python their answer, if they have one.
     * @param {string} [payload] what they hear in its place
     * @returns {Promise<{ answer?: unknown }>}
     */
    fetch(payload) {
      return new Promise((resolve, reject) => {
        this.#ask(payload === undefined ? this.#message : decode(payload), (outcome) => {
          if ("reason" in outcome) return reject(outcome.reason);
          if (outcome.silent) return resolve({});
          try {
            resolve({ answer: copyOf(outcome.value) });
          } catch (error) {
            reject(error);
            this.#settle(outcome); // the browser tells the script and the asker
          }
        });
      });
    }

    /** Answer the asker. @param {Outcome} outcome */
    #give(outcome) {
      requests.delete(this.#id);
      if (outcome.silent) this.#staySilent();
      else if ("reason" in outcome) this.#reject(outcome.reason);
      // Only sendResponse() says at once what cannot be sent, and Firefox does not take it beside a promise.
      else if (respondsAtOnce) this.#sendResponse(outcome.value);
      else this.#resolve(outcome.value);
    }

    /** @param {string | undefined} payload none if nobody answered */
    respond(payload) {
      this.#give(payload === undefined ? SILENT : { value: decode(payload) });
    }

    /** @param {string} message */
    reject(message) {
      this.#give({ reason: new Error(message) });
    }

    /** The asker gets what it gets if no listener answers. */
    #staySilent() {
      // Chromium 156 takes a rejection without words for silence; whatever else we say would be an answer.
      if (respondsAtOnce) this.#reject(new Error(""));
      else this.#resolve(undefined);
    }

    /** Python has no say in it any more: all goes on as without it. */
    leave() {
      if (!this.#end) return this.pass();
      this.#end = (outcome) => this.#settle(outcome);
      if (!this.#outcome) return;
      try {
        this.#settle(this.#outcome);
      } catch {
        // the browser has told the asker that it cannot send that
      }
    }

    /** Python is gone. */
    abandon() {
      this.#alone = true;
      this.leave();
    }
  }

  /** @type {import("./types").StandIn} */
  const ofMessages = (path, listener) =>
    /** @this {any} */ function (/** @type {any[]} */ ...given) {
      const [message, sender, sendResponse] = given;
      const isFirst = !decided.has(sender);
      if (isFirst) decided.set(sender, asks(message) ? new RoutedRequest(path, message, sender, sendResponse) : undefined);
      const request = decided.get(sender);
      if (!request) return apply(listener, this, given);
      return isFirst ? request.answer : undefined;
    };

  for (const { runtime } of apis) {
    for (const path of EVENTS) standAt(runtime, path, scripts, ofMessages);
  }

  return {
    /** Python says what it routes. @param {import("./frames").Routing} wanted */
    set(wanted) {
      routing = wanted;
    },

    /** Carry out what Python wants with a message. @param {import("./frames").ToMessageRoute} frame @param {string | undefined} payload */
    onFrame(frame, payload) {
      const request = requests.get(frame.request);
      switch (frame.type) {
        case "routeAsk":
          if (frame.id) return request?.fetch(payload);
          return payload === undefined ? request?.leave() : request?.pass(payload);
        case "routeAnswer":
          return request?.respond(payload);
        case "routeReject":
          return request?.reject(frame.message);
      }
    },

    /** The link is gone. */
    abandon() {
      routing = { names: [] };
      for (const request of [...requests.values()]) request.abandon();
    },
  };
})
