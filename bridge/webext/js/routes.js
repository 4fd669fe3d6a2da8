// @ts-check
/**
 * Routes: lets Python stand between the extension's own scripts of a context and their ports.
 *
 * The package puts this expression into the agent if `launch(routes=True)`. It stands at the receiver's end of a port, and
 * at the opener's only where the other end has no agent: in a native application or another extension. The port is the
 * genuine one: its other end is left alone, and what the scripts here hold is the browser's own object. Only here, the
 * scripts' listeners get what Python lets them have, and what the scripts post goes to Python first. What a script can
 * notice of this: docs/fidelity.md.
 */
((/** @type {import("./types").RoutesConfig} */ config) => {
  "use strict";

  /** @typedef {import("./types").Port} Port */
  const { apply } = Reflect;
  const { parse, stringify } = JSON;
  const { structuredClone, queueMicrotask, Promise } = globalThis; // a script may replace them
  const { api, apis, encode, decode, tell, unwatched, copySender, linkName, structured } = config;
  const { callsRemoved, listenersThrow, disconnected, emptyToNative } = config;
  const { replace, aside: unrouted, whenThere } = config.proxies;
  const EVENTS = ["runtime.onConnect", "runtime.onConnectExternal", "runtime.onUserScriptConnect"];

  /** @type {import("./frames").Routing | undefined} */ let routing; // undefined until Python has said it
  let lastRoute = 0;
  /** @type {Map<number, RoutedPort>} */ const routes = new Map(); // in which Python has a say
  /** @type {WeakMap<object, RoutedPort | undefined>} */ const decided = new WeakMap(); // undefined: nobody routes this port
  /** @type {WeakMap<object, Map<Function, Function>>} */
  const standing = new WeakMap(); // by event, since Firefox has two API objects that share them

  /** @param {Port} port */
  const nameOf = ({ name }) => (typeof name === "string" ? name : null);

  /** Whether a port of that name goes to Python first. @param {unknown} name */
  const asks = (name) => !routing || routing.asks || (typeof name === "string" && routing.names.includes(name));

  /**
   * Call a script's listener as the browser does. What it throws stops nobody else. Firefox tells the scripts of it, as an
   * uncaught error; Chromium does not. Of a promise that it returns, and that is rejected, it is the other way round.
   * @param {Function} listener @param {any} self @param {any[]} args
   */
  const callListener = (listener, self, args) => {
    try {
      const result = apply(listener, self, args);
      if (listenersThrow && result instanceof Promise) result.catch(() => {});
    } catch (error) {
      if (listenersThrow) queueMicrotask(() => raise(error));
    }
  };

  /** @param {unknown} error */
  const raise = (error) => {
    throw error;
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

  /** A port of the scripts here, in which Python has a say. Its near end is theirs, its far end is left alone. */
  class RoutedPort {
    id = ++lastRoute;
    /** @type {Port} */ #port;
    /** @type {boolean} */ #isOpener; // whether the scripts here opened it
    /** @type {boolean} */ #isNative;
    /** @type {(() => void) | undefined} */ #hand; // gives the scripts the port
    #onMessage;
    #onDisconnect;
    #fromNear;
    #fromFar;
    #isClosed = false; // for the scripts
    #isGone = false; // the browser has closed it
    /** @type {{ message: string } | undefined} */ #error;
    #isLeft = false; // Python has no say any more
    /** @type {Function} */ #post;
    /** @type {Function} */ #disconnect;

    /** @param {Port} port @param {{ hand?: (route: RoutedPort) => void, target?: import("./frames").ScriptTarget }} end */
    constructor(port, { hand, target }) {
      this.#port = port;
      this.#isOpener = Boolean(target);
      this.#isNative = target?.application !== undefined;
      this.#hand = hand && (() => hand(this));
      this.#fromNear = new Direction(this.id, this.#isOpener, (message) => this.#postNow(message));
      this.#fromFar = new Direction(this.id, !this.#isOpener, (message) => this.#deliver(message));
      const { postMessage, disconnect } = port;
      this.#post = (/** @type {any} */ message) => apply(postMessage, port, [message]);
      this.#disconnect = () => apply(disconnect, port, []);
      unwatched(() => {
        // Before the scripts' listeners have another place.
        port.onMessage.addListener((message) => this.#fromFar.take(message));
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

    /** @param {boolean} byOpener */
    direction(byOpener) {
      return byOpener === this.#isOpener ? this.#fromNear : this.#fromFar;
    }

    /** @param {Function} native @param {any} self @param {any[]} args */
    #posted(native, self, args) {
      let copy;
      try {
        copy = this.#copy(args);
      } catch {
        return apply(native, self, args); // says what is wrong with it
      }
      this.#fromNear.take(copy);
    }

    /** What arrives of a message, made at once, since the script may change it. @param {any[]} args */
    #copy(args) {
      const [message] = args;
      if (!args.length) throw new TypeError("no message");
      if (structured && !this.#isNative) return structuredClone(message);
      const text = stringify(message);
      if (text !== undefined) return parse(text);
      if (message === undefined || (this.#isNative && emptyToNative)) return undefined;
      throw new TypeError("not JSON");
    }

    #disconnectedByScript() {
      if (this.#isClosed) return;
      this.#isClosed = true;
      if (this.#isLeft) this.#closeFar();
      else tell({ type: "routedClose", route: this.id, byOpener: this.#isOpener });
    }

    /** The browser says that the far end is gone. */
    #ended() {
      this.#isGone = true;
      if (this.#isLeft) return this.#end();
      const error = this.#port.error ?? api.runtime.lastError; // the latter is there only during this callback
      if (error) this.#error = error;
      if (this.#port.error && !this.#isClosed) this.#port.error = null; // until the scripts hear of it
      tell({
        ...{ type: "routedClose", route: this.id, byOpener: !this.#isOpener },
        ...(error && { error: { message: String(error.message) } }),
      });
    }

    /** Let the scripts have the port, if they do not have it yet. */
    connect() {
      const hand = this.#hand;
      this.#hand = undefined;
      hand?.();
    }

    /** Give a message to an end. @param {boolean} toOpener @param {any} message */
    give(toOpener, message) {
      if (toOpener === this.#isOpener) this.#deliver(message);
      else this.#postNow(message);
    }

    /** @param {any} message */
    #deliver(message) {
      if (!this.#isClosed) this.#onMessage.call(message, this.#port);
    }

    /** @param {any} message */
    #postNow(message) {
      if (this.#isGone) return; // as when the other end goes while a message is under way
      this.#post(message);
    }

    /** Close an end. @param {boolean} forOpener @param {string} [error] why, for the scripts here */
    close(forOpener, error) {
      if (forOpener === this.#isOpener) this.#end(error);
      else this.#closeFar();
    }

    #closeFar() {
      if (!this.#isGone) this.#disconnect();
      this.#isGone = true;
    }

    /** Close it for the scripts here. @param {string} [error] */
    #end(error) {
      if (this.#isClosed) return;
      this.#isClosed = true;
      this.#withError(error, () => this.#onDisconnect.call(this.#port));
    }

    /**
     * Say why the port closed. Firefox says it in port.error, Chromium in runtime.lastError, and only in the listeners.
     * @param {string | undefined} text @param {() => void} action
     */
    #withError(text, action) {
      if (text === undefined) return action();
      if ("error" in this.#port) {
        this.#port.error = this.#error?.message === text ? this.#error : new Error(text);
        return action();
      }
      const lastError = { value: { message: text }, configurable: true, enumerable: true, writable: true };
      for (const { runtime } of apis) Object.defineProperty(runtime, "lastError", lastError);
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
      this.#fromFar.free();
      this.#fromNear.free();
      if (this.#isGone) this.#end(this.#error?.message);
      else if (this.#isClosed) this.#closeFar();
    }
  }

  // --- the scripts' listeners ---------------------------------------------------------------------------------------

  /** @type {Map<string, Map<Function, Function>>} */
  const scripts = new Map(); // by event: their listeners, and what stands for each

  /** @param {string} event @param {Port} port */
  const routed = (event, port) => {
    const route = new RoutedPort(port, { hand: (route) => handOver(event, port, route) });
    routes.set(route.id, route);
    tell({ type: "routed", route: route.id, event, name: nameOf(port), sender: copySender(port) });
    return route;
  };

  /** Call the scripts' listeners. @param {string} event @param {Port} port @param {RoutedPort} route */
  const handOver = (event, port, route) => {
    const listeners = [...(scripts.get(event)?.keys() ?? [])];
    if (!listeners.length) return route.close(true); // they listen no longer
    for (const listener of listeners) callListener(listener, undefined, [port]);
  };

  /** @param {string} event @param {Port} port @returns {boolean} whether Python has a say in it */
  const isRouted = (event, port) => {
    if (!decided.has(port)) {
      const route = port.name !== linkName && asks(port.name) ? routed(event, port) : undefined;
      decided.set(port, route);
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
  const listenersOf = (event, path, standInOf) => {
    const listeners = standing.get(event) ?? new Map();
    if (standing.has(event)) return listeners;
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

  /** @type {import("./types").Routes["standAt"]} */
  const standAt = (runtime, path, scripts, standInOf) =>
    whenThere(runtime, path.slice(path.indexOf(".") + 1), (event) => {
      if (event?.addListener) scripts.set(path, listenersOf(event, path, standInOf));
    });

  for (const { runtime } of apis) {
    for (const path of EVENTS) standAt(runtime, path, scripts, ofConnections);
  }

  // --- the scripts' calls -------------------------------------------------------------------------------------------

  /**
   * Stand in front of a function that opens ports. Those that lead to where an agent is are routed there.
   * @param {any} runtime @param {string} name @param {(args: any[]) => import("./frames").ScriptTarget | undefined} outside
   */
  const standBefore = (runtime, name, outside) =>
    replace(runtime, name, (native, self, args) => {
      const port = apply(native, self, args);
      const target = outside(args);
      if (target) opened(port, target);
      return port;
    });

  /** @param {Port} port @param {import("./frames").ScriptTarget} target */
  const opened = (port, target) => {
    const name = target.application ?? nameOf(port); // in Chromium, the port to an application has no name
    if (!asks(name)) return;
    const route = new RoutedPort(port, { target });
    routes.set(route.id, route);
    tell({ type: "routed", route: route.id, event: null, name, sender: null, target });
  };

  for (const { runtime } of apis) {
    standBefore(runtime, "connect", ([id]) =>
      typeof id === "string" && id && id !== api.runtime.id ? { extension: id } : undefined,
    );
    const native = (/** @type {any[]} */ [application]) => ({ application });
    whenThere(runtime, "connectNative", () => standBefore(runtime, "connectNative", native));
  }

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
          return route?.direction(Boolean(frame.byOpener)).pass(frame.message);
        case "routeTake":
          return route?.direction(Boolean(frame.byOpener)).drop(frame.message);
        case "routeFree":
          return route?.direction(Boolean(frame.byOpener)).free();
        case "routeHold":
          return route?.direction(Boolean(frame.byOpener)).hold();
        case "routePost":
          return route?.give(Boolean(frame.toOpener), decode(payload ?? "null"));
        case "routeClose":
          return route?.close(Boolean(frame.toOpener), frame.error);
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
