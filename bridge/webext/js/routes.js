// @ts-check
/**
 * Routes: lets Python stand between the extension's own scripts of a context and the ports that reach them.
 *
 * The package puts this expression into the agent if `launch(routes=True)`. It stands at the receiver's end of a port. The
 * port is the genuine one between the two scripts: the opener's end is left alone, and what the receiver's scripts hold is
 * the browser's own object. Only here, the scripts' listeners get what Python lets them have, and what the scripts post
 * goes to Python first. What a script can notice of this: docs/fidelity.md.
 */
((/** @type {import("./types").RoutesConfig} */ config) => {
  "use strict";

  /** @typedef {import("./types").Port} Port */
  const { apply } = Reflect;
  const { parse, stringify } = JSON;
  const { structuredClone, queueMicrotask } = globalThis; // a script may replace them
  const { api, apis, encode, decode, tell, unwatched, copySender, linkName, structured } = config;
  const { callsRemoved, disconnected } = config;
  const EVENTS = ["runtime.onConnect", "runtime.onConnectExternal"];

  /** @type {import("./frames").Routing | undefined} */ let routing; // undefined until Python has said it
  let lastRoute = 0;
  /** @type {Map<number, RoutedPort>} */ const routes = new Map(); // in which Python has a say
  /** @type {WeakMap<object, RoutedPort | undefined>} */ const decided = new WeakMap(); // undefined: nobody routes this port
  /** @type {WeakMap<object, Map<Function, Function>>} */
  const standing = new WeakMap(); // by event, since Firefox has two API objects that share them

  /** Whether a port of that name goes to Python first. @param {unknown} name */
  const asks = (name) => !routing || routing.asks || (typeof name === "string" && routing.names.includes(name));

  /**
   * Call a script's listener as the browser does: what it throws is an uncaught error, and stops nobody else.
   * @param {Function} listener @param {any} self @param {any[]} args
   */
  const callListener = (listener, self, args) => {
    try {
      apply(listener, self, args);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };

  /**
   * Replace a native method with a proxy.
   * @param {any} owner @param {string} name @param {(native: Function, self: any, args: any[]) => any} call
   */
  const replace = (owner, name, call) => {
    const native = owner[name];
    if (typeof native !== "function") return;
    owner[name] = new Proxy(native, {
      apply: (target, self, args) => (aside ? apply(target, self, args) : call(target, self, args)),
    });
  };

  let aside = 0;

  /** @type {import("./types").Unwatched} */
  const unrouted = (action) => {
    aside++;
    try {
      return action();
    } finally {
      aside--;
    }
  };

  /** The messages of one direction of a port. */
  class Direction {
    /** @type {Map<number, any>} */ #held = new Map();
    #last = 0;
    #isFree = false;
    #route;
    #byOpener;
    #forward;

    /** @param {number} route @param {boolean} byOpener @param {(message: any) => void} forward */
    constructor(route, byOpener, forward) {
      this.#route = route;
      this.#byOpener = byOpener;
      this.#forward = forward;
    }

    /** @param {any} value */
    take(value) {
      if (this.#isFree) return this.#forward(value);
      const message = ++this.#last;
      this.#held.set(message, value);
      /** @type {import("./frames").RoutedMessage} */
      const frame = { type: "routedMessage", route: this.#route, message, byOpener: this.#byOpener };
      try {
        tell(frame, encode(value));
      } catch {
        tell({ ...frame, unreadable: true });
      }
    }

    /** It goes on as it came. @param {number} message */
    pass(message) {
      if (!this.#held.has(message)) return;
      const value = this.#held.get(message);
      this.#held.delete(message);
      this.#forward(value);
    }

    /** Python has it now. @param {number} message */
    drop(message) {
      this.#held.delete(message);
    }

    /** Messages need not go to Python any more. Those that are there go first. */
    free() {
      this.#isFree = true;
      for (const message of [...this.#held.keys()]) this.pass(message);
    }

    /** Messages go to Python again, after this answer. */
    hold() {
      this.#isFree = false;
      tell({ type: "routeHeld", route: this.#route, byOpener: this.#byOpener });
    }
  }

  /** What stands in the place of an event of a routed port: it has the scripts' listeners. */
  class Listeners {
    #listeners = new Set();

    /** @param {any} event */
    constructor(event) {
      const listeners = this.#listeners;
      /** @param {any[]} args */
      const isListener = ([listener]) => typeof listener === "function"; // else the browser says what is wrong
      replace(event, "addListener", (native, self, args) => {
        if (!isListener(args)) return apply(native, self, args);
        listeners.add(args[0]);
      });
      replace(event, "removeListener", (native, self, args) => {
        if (!isListener(args)) return apply(native, self, args);
        listeners.delete(args[0]);
      });
      replace(event, "hasListener", (native, self, args) =>
        isListener(args) ? listeners.has(args[0]) : apply(native, self, args),
      );
      replace(event, "hasListeners", () => listeners.size > 0); // Chromium's
    }

    /** @param {any[]} args */
    call(...args) {
      for (const listener of [...this.#listeners]) {
        // One that an earlier one has just removed: Chromium calls it still, Firefox does not.
        if (callsRemoved || this.#listeners.has(listener)) callListener(listener, undefined, args);
      }
    }
  }

  /** A port that has reached this context, and in which Python has a say. */
  class RoutedPort {
    id = ++lastRoute;
    /** @type {Port} */ #port;
    /** @type {string} */ #event;
    #onMessage;
    #onDisconnect;
    #isConnected = false; // whether the scripts have it
    #isClosed = false; // for the scripts
    #isGone = false; // the browser has closed it
    /** @type {{ message: string } | undefined} */ #error;
    #isLeft = false; // Python has no say any more
    /** @type {Function} */ #post;
    /** @type {Function} */ #disconnect;

    /** @param {string} event @param {Port} port */
    constructor(event, port) {
      this.#event = event;
      this.#port = port;
      this.byOpener = new Direction(this.id, true, (message) => this.deliver(message));
      this.byReceiver = new Direction(this.id, false, (message) => this.post(message));
      const { postMessage, disconnect } = port;
      this.#post = (/** @type {any} */ message) => apply(postMessage, port, [message]);
      this.#disconnect = () => apply(disconnect, port, []);
      unwatched(() => {
        // Before the scripts' listeners have another place.
        port.onMessage.addListener((message) => this.byOpener.take(message));
        port.onDisconnect.addListener(() => this.#ended());
      });
      this.#onMessage = new Listeners(port.onMessage);
      this.#onDisconnect = new Listeners(port.onDisconnect);
      replace(port, "postMessage", (native, self, args) => {
        if (this.#isClosed && !this.#isGone) throw new Error(disconnected);
        if (this.#isClosed) return apply(native, self, args); // throws in the browser's words
        this.#posted(native, self, args);
      });
      replace(port, "disconnect", () => this.#disconnectedByScript());
    }

    /** @param {Function} native @param {any} self @param {any[]} args */
    #posted(native, self, args) {
      let copy;
      try {
        copy = this.#copy(args);
      } catch {
        return apply(native, self, args); // says what is wrong with it
      }
      this.byReceiver.take(copy);
    }

    /** What arrives of a message, made at once, since the script may change it. @param {any[]} args */
    #copy(args) {
      const [message] = args;
      if (!args.length) throw new TypeError("no message");
      if (structured) return structuredClone(message);
      const text = stringify(message);
      if (text === undefined) throw new TypeError("not JSON");
      return parse(text);
    }

    #disconnectedByScript() {
      if (this.#isClosed) return;
      this.#isClosed = true;
      if (this.#isLeft) this.close();
      else tell({ type: "routedClose", route: this.id, byOpener: false });
    }

    #ended() {
      this.#isGone = true;
      const error = this.#port.error ?? api.runtime.lastError; // the latter is there only during this callback
      this.#error = error ? { message: String(error.message) } : undefined;
      if (this.#isLeft) this.end();
      else tell({ type: "routedClose", route: this.id, byOpener: true, error: this.#error });
    }

    /** Let the scripts have the port. */
    connect() {
      if (this.#isConnected) return;
      this.#isConnected = true;
      const listeners = [...(scripts.get(this.#event)?.keys() ?? [])];
      if (!listeners.length) return this.close(); // they listen no longer
      for (const listener of listeners) callListener(listener, undefined, [this.#port]);
    }

    /** Give the receiver's scripts a message. @param {any} message */
    deliver(message) {
      if (!this.#isClosed) this.#onMessage.call(message, this.#port);
    }

    /** Post to the opener. @param {any} message */
    post(message) {
      if (this.#isGone) return; // as when the opener goes while a message is under way
      this.#post(message);
    }

    /** Close it for the opener. */
    close() {
      if (!this.#isGone) this.#disconnect();
      this.#isGone = true;
    }

    /** Close it for the receiver's scripts. */
    end() {
      if (this.#isClosed) return;
      this.#isClosed = true;
      this.#withError(() => this.#onDisconnect.call(this.#port));
    }

    /**
     * Chromium says why a port closed in runtime.lastError, and only in the listeners of its own event.
     * @param {() => void} action
     */
    #withError(action) {
      const error = this.#error;
      if (!error || "error" in this.#port || api.runtime.lastError) return action();
      for (const { runtime } of apis) Object.defineProperty(runtime, "lastError", { value: error, configurable: true });
      try {
        action();
      } finally {
        for (const { runtime } of apis) delete runtime.lastError;
      }
    }

    /** Python has no say in it any more: all goes on as without it. */
    leave() {
      if (this.#isLeft) return;
      this.#isLeft = true;
      routes.delete(this.id);
      this.connect();
      this.byOpener.free();
      this.byReceiver.free();
      if (this.#isGone) this.end();
      else if (this.#isClosed) this.close();
    }
  }

  // --- the scripts' listeners ---------------------------------------------------------------------------------------

  /** @type {Map<string, Map<Function, Function>>} */
  const scripts = new Map(); // by event: their listeners, and what stands for each

  /** @param {string} event @param {Port} port @returns {boolean} whether Python has a say in it */
  const isRouted = (event, port) => {
    if (!decided.has(port)) {
      const route = port.name !== linkName && asks(port.name) ? new RoutedPort(event, port) : undefined;
      decided.set(port, route);
      if (route) {
        routes.set(route.id, route);
        const name = typeof port.name === "string" ? port.name : null;
        tell({ type: "routed", route: route.id, event, name, sender: copySender(port) });
      }
    }
    return Boolean(decided.get(port));
  };

  /** What stands for a script's listener of connections. @type {import("./types").StandIn} */
  const ofConnections = (path, listener) =>
    /** @this {any} */ function (/** @type {any[]} */ ...given) {
      if (!isRouted(path, given[0])) return apply(listener, this, given);
    };

  /**
   * Have something else stand for each listener that the scripts add to an event.
   * @param {any} event @param {string} path such as "runtime.onConnect" @param {import("./types").StandIn} standInOf
   * @returns {Map<Function, Function>} the scripts' listeners, and what stands for each
   */
  const standAt = (event, path, standInOf) => {
    const listeners = standing.get(event) ?? new Map();
    if (!event?.addListener || standing.has(event)) return listeners;
    standing.set(event, listeners);
    /** @param {any[]} args @returns {any[]} */
    const stand = ([listener, ...others]) => [listeners.get(listener) ?? listener, ...others];
    replace(event, "addListener", (native, self, args) => {
      const [listener] = args;
      if (typeof listener !== "function" || listeners.has(listener)) return apply(native, self, stand(args));
      const standIn = standInOf(path, listener);
      const result = apply(native, self, [standIn, ...args.slice(1)]);
      listeners.set(listener, standIn);
      return result;
    });
    replace(event, "removeListener", (native, self, args) => {
      const result = apply(native, self, stand(args));
      listeners.delete(args[0]);
      return result;
    });
    replace(event, "hasListener", (native, self, args) => apply(native, self, stand(args)));
    return listeners;
  };

  for (const { runtime } of apis) {
    for (const path of EVENTS) scripts.set(path, standAt(runtime[path.slice(path.indexOf(".") + 1)], path, ofConnections));
  }

  /** @param {number} id */
  const direction = (id, /** @type {boolean | undefined} */ byOpener) => {
    const route = routes.get(id);
    return byOpener ? route?.byOpener : route?.byReceiver;
  };

  return {
    unrouted,
    standAt,

    /** Python says what it routes. @param {import("./frames").Routing} wanted */
    set(wanted) {
      routing = wanted;
    },

    /** Carry out what Python wants with a port. @param {import("./frames").ToRoute} frame @param {string | undefined} payload */
    onFrame(frame, payload) {
      const route = routes.get(frame.route);
      switch (frame.type) {
        case "routeConnect":
          return route?.connect();
        case "routePass":
          return direction(frame.route, frame.byOpener)?.pass(frame.message);
        case "routeTake":
          return direction(frame.route, frame.byOpener)?.drop(frame.message);
        case "routeFree":
          return direction(frame.route, frame.byOpener)?.free();
        case "routeHold":
          return direction(frame.route, frame.byOpener)?.hold();
        case "routePost":
          if (frame.toOpener) route?.post(decode(payload ?? "null"));
          else route?.deliver(decode(payload ?? "null"));
          return;
        case "routeClose":
          if (frame.toOpener) route?.close();
          else route?.end();
          return;
        case "routeLeave":
          return route?.leave();
      }
    },

    /** The link is gone. */
    abandon() {
      routing = { names: [] };
      for (const route of [...routes.values()]) route.leave();
    },
  };
})
