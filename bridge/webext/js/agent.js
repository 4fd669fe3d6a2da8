// @ts-check
/**
 * The agent: the first script in each context of the copied extension, which acts for Python there.
 *
 * It carries out Python's frames with the context's own extension API, so that every Port is a genuine one, and reports
 * what those Ports do. It adds no globals, changes no prototype and no function but runtime.getManifest(), and listens to
 * nothing that Python did not ask for, apart from the guarded events (see `Events`). `protocol/frames.py` defines the
 * frames.
 */
((
  /** @type {import("./types").AgentConfig} */ config,
  /** @type {import("./types").Values} */ values, // values.js
  /** @type {import("./types").MakeLink} */ makeLink, // link.js
  /** @type {import("./types").Watch | undefined} */ watch, // watch.js, if the extension's own scripts are recorded
  /** @type {import("./types").MakeRoutes | undefined} */ makeRoutes, // routes.js, if their ports can be routed
) => {
  "use strict";

  /** @typedef {import("./frames").FromAgent} FromAgent */
  /** @typedef {import("./frames").ToAgent} ToAgent */
  const { parse, stringify } = JSON;
  const { apply } = Reflect;
  const { addEventListener: listenTo, dispatchEvent: dispatch, CustomEvent } = globalThis; // a script may replace them
  // Remove this script's element, so that the page finds only its own scripts. In the page that Firefox makes for
  // background.scripts, white space precedes each script; if the scripts are modules, currentScript is null.
  const isFirst = config.kind === "background" && !config.worker;
  const script = globalThis.document?.currentScript ?? (isFirst ? globalThis.document?.scripts[0] : undefined);
  if (isFirst && script?.previousSibling?.nodeName === "#text") script.previousSibling.remove();
  script?.remove();
  // globalThis, because a script's own `const browser` at top level would hide the global, and throw until it has run.
  const found = globalThis.browser?.runtime ? globalThis.browser : globalThis.chrome;
  if (!found?.runtime?.connect) return; // a sandboxed page has no extension API
  if (config.worker && !("ServiceWorkerGlobalScope" in globalThis)) return; // a page imports the worker's module
  const api = found;

  /** @param {Function} f */
  const isNative = (f) => String(f).includes("[native code]"); // Playwright replaces some

  /** @param {unknown} value */
  const encode = (value) => values.encode(value, config.structured);

  /**
   * Describes what was thrown. The extension's scripts may have thrown it, so it can be anything.
   * @param {any} error
   */
  const scriptError = (error) => {
    try {
      const { name, message } = error ?? {};
      return { name: String(name ?? "Error"), message: String(message ?? error) };
    } catch {
      return { name: "Error", message: "What was thrown cannot be read" };
    }
  };

  const SENDER = {
    id: "string",
    url: "string",
    origin: "string",
    tab: "object",
    frameId: "number",
    documentId: "string",
    documentLifecycle: "string",
    nativeApplication: "string",
    tlsChannelId: "string",
  };

  /** @type {WeakMap<object, Record<string, unknown>>} */
  const senders = new WeakMap();

  /**
   * A copy of a port's sender, the first time that we see the port: a script may change the sender later. A script that got
   * the port before us may even have made it something that no browser makes; the copy is then empty.
   * @param {{ sender?: unknown }} port
   * @returns {Record<string, unknown>}
   */
  const copySender = (port) => {
    const copy = senders.get(port) ?? readSender(port);
    senders.set(port, copy);
    return copy;
  };

  /** @param {{ sender?: unknown }} port @returns {Record<string, unknown>} */
  const readSender = (port) => {
    try {
      const copy = parse(stringify(port.sender));
      /** @param {unknown} member @param {string} type */
      const fits = (member, type) => (member ?? undefined) === undefined || (typeof member === type && !Array.isArray(member));
      const isSender = fits(copy, "object") && Object.entries(SENDER).every(([name, type]) => fits(copy[name], type));
      return isSender ? copy : {};
    } catch {
      return {};
    }
  };

  /**
   * The object that holds the last name of a dotted path, and that name.
   * @param {string} path such as "storage.local.get"
   * @returns {[any, string]}
   */
  const locate = (path) => {
    if (path === "window.close") return [globalThis, "close"]; // a popup is in no tab, so nobody else can close it
    // Manifest V2 calls the toolbar button browserAction.
    const names = (api.action ? path : path.replace(/^action\./, "browserAction.")).split(".");
    const last = /** @type {string} */ (names.pop());
    let owner = /** @type {any} */ (api);
    for (const name of names) owner = owner?.[name];
    if (owner?.[last] === undefined) throw new Error(`${path} does not exist in this context`);
    return [owner, last];
  };

  /**
   * Whether this context may connect to Python directly. It may not if Playwright's route_web_socket() has replaced the
   * browser's class, nor in frames of web pages, where the browser may ask its user about access to local networks, nor
   * if the document sets a content security policy of its own.
   */
  const canDial = () =>
    config.dials &&
    isNative(globalThis.WebSocket) &&
    globalThis.top === globalThis.window?.self &&
    !globalThis.document?.querySelector("meta[http-equiv=content-security-policy i]");

  /**
   * Connect to Python directly, if that is allowed. As long as the document is parsed, a policy in a `<meta>` element may
   * follow, which the connection would have escaped.
   * @param {string} url
   */
  const dialOnceParsed = (url) => {
    const { document } = globalThis;
    const dial = () => canDial() && link.dial(url);
    if (document?.readyState === "loading") apply(listenTo, document, ["readystatechange", dial, { once: true }]);
    else dial();
  };

  /** The ports that Python holds in this context. */
  class Ports {
    /** @type {Map<number, import("./types").Port>} */ #ports = new Map();
    #nextId = 1; // odd, since ports that Python opens get even numbers
    /** @type {Events} */ #events;

    /** @param {Events} events */
    constructor(events) {
      this.#events = events;
    }

    /** @param {number} id @param {string} path @param {string} payload */
    connect(id, path, payload) {
      try {
        const [owner, name] = locate(path);
        this.#watch(
          id,
          unwatched(() => owner[name](...values.decode(payload))),
        );
      } catch (error) {
        link.send({ type: "disconnected", port: id, error: scriptError(error) });
      }
    }

    /** @param {string} event @param {import("./types").Port} port @param {number} since */
    accept(event, port, since) {
      const id = this.#nextId;
      this.#nextId += 2;
      const name = typeof port.name === "string" ? port.name : null; // a script may have set it to anything
      this.#events.report(event, { type: "accepted", port: id, event, name, sender: copySender(port), since });
      this.#watch(id, port, event);
    }

    /** @param {number} id @param {string} payload */
    post(id, payload) {
      const port = this.#ports.get(id);
      if (!port) throw new Error("This is a disconnected port"); // Python says it in the browser's words
      const message = values.decode(payload);
      unwatched(() => port.postMessage(message));
    }

    /** @param {number} id */
    disconnect(id) {
      const port = this.#ports.get(id);
      this.#ports.delete(id);
      link.send({ type: "closed", port: id });
      unwatched(() => port?.disconnect());
    }

    /**
     * Drop a port that the guard accepted and Python does not want. It belongs to the extension's listeners. If there are
     * none, disconnect it, as the browser would have done without the guard. Firefox cannot tell whether there are any.
     * @param {FromAgent} frame
     */
    forget(frame) {
      if (frame.type !== "accepted") return;
      const port = this.#ports.get(frame.port);
      this.#ports.delete(frame.port);
      const [owner, name] = locate(frame.event);
      if (owner[name].hasListeners?.() === false) unwatched(() => port?.disconnect());
    }

    /** The link broke, and Python has forgotten its ports: disconnect them. */
    abandon() {
      const ports = [...this.#ports.values()];
      this.#ports.clear();
      for (const port of ports) {
        try {
          unwatched(() => port.disconnect());
        } catch {
          // a script has replaced disconnect()
        }
      }
    }

    /** @param {number} id @param {import("./types").Port} port @param {string} [event] */
    #watch(id, port, event) {
      this.#ports.set(id, port);
      /** @param {any} message */
      const onMessage = (message) => {
        if (this.#ports.get(id) === port) this.#events.reportValue(event, { type: "message", port: id }, message);
      };
      const onDisconnect = () => {
        const error = port.error ?? api.runtime.lastError; // lastError is set only during this callback
        if (this.#ports.get(id) !== port) return;
        this.#ports.delete(id);
        this.#events.report(event, { type: "disconnected", port: id, error: error ? scriptError(error) : undefined });
      };
      unwatched(() => {
        port.onMessage.addListener(onMessage);
        port.onDisconnect.addListener(onDisconnect);
      });
    }
  }

  /** The one-time messages that Python hears in this context, and whose askers wait for it. */
  class Requests {
    /** @type {Map<number, { respond(value: unknown): void, reject(error: Error): void }>} */ #open = new Map();
    #nextId = 1;
    /** @type {Events} */ #events;

    /** @param {Events} events */
    constructor(events) {
      this.#events = events;
    }

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
            const respond = config.cacheClosesPorts ? sendResponse : resolve;
            this.#open.set(request, { respond, reject });
          })
        : undefined;
      this.#events.reportValue(event, { type: "asked", request, event, sender: copySender({ sender }), open }, message);
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

  /**
   * The events of this context that Python listens to.
   *
   * A background must register its listeners while its script first runs, or it misses the event that woke it. There is
   * no time to ask Python then, so the agent is told before which events Python listens to (see `WakeState`), and holds
   * what they bring until Python's welcome comes. Events that Python does not listen to are left alone.
   */
  class Events {
    /** @type {Map<string, (...args: any[]) => unknown>} */ #listeners = new Map();
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
        if (events.includes(event)) link.send(frame, payload);
        else attempt("welcome", () => forget(frame));
      }
    }

    /** @param {string} event @param {boolean} [answers] */
    listen(event, answers = false) {
      if (answers) this.#answering.add(event);
      else this.#answering.delete(event);
      if (this.#listeners.has(event)) return;
      const [owner, name] = locate(event);
      const listener = this.#listenerOf(event, name, Date.now());
      unwatched(() => owner[name].addListener(listener));
      this.#listeners.set(event, listener);
    }

    /** @param {string} event */
    unlisten(event) {
      const listener = this.#listeners.get(event);
      if (!listener) return;
      const [owner, name] = locate(event);
      unwatched(() => owner[name].removeListener(listener));
      this.#listeners.delete(event);
      this.#answering.delete(event);
    }

    /** @param {string} event @param {string} name @param {number} since @returns {(...args: any[]) => unknown} */
    #listenerOf(event, name, since) {
      if (/^on(UserScript)?Connect/.test(name)) return (port) => this.#connected(event, port, since);
      if (!/^on(UserScript)?Message/.test(name)) return (...args) => this.reportValue(event, { type: "fired", event }, args);
      return (message, sender, sendResponse) =>
        requests.hear(event, this.#answering.has(event), message, sender, sendResponse);
    }

    /**
     * Send a frame that `event` caused, or hold it until Python says whether it listens.
     * @param {string | undefined} event @param {FromAgent} frame @param {string | Promise<string>} [payload]
     */
    report(event, frame, payload) {
      if (this.#held && event) this.#held.push({ event, frame, payload });
      else link.send(frame, payload);
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
        link.send({ type: "notListening", event, error: scriptError(error) });
      }
    }

    /** @param {string} event @param {import("./types").Port} port @param {number} since */
    #connected(event, port, since) {
      if (port.name !== config.linkName) ports.accept(event, port, since); // the relay gets agents' links through this event, too
    }
  }

  /**
   * Tell Python that a frame got lost, whether Python's or ours.
   * @param {string} type @param {unknown} error
   */
  const refuse = (type, error) => link.send({ type: "refused", frame: type, reason: scriptError(error).message });

  /** @param {string} type of the frame that gets lost if the action throws @param {() => unknown} action */
  const attempt = (type, action) => {
    try {
      action();
    } catch (error) {
      refuse(type, error);
    }
  };

  /** @param {ToAgent | FromAgent | undefined} frame @param {unknown} error */
  const onLost = (frame, error) => {
    if (frame?.type === "result") link.send({ type: "result", id: frame.id, error: scriptError(error) });
    else refuse(String(frame?.type ?? "unreadable"), error);
  };

  /** @param {number} id @param {() => unknown} action */
  const answer = async (id, action) => {
    const { life } = link;
    /** @type {import("./frames").Result} */
    const answered = { type: "result", id };
    let payload;
    try {
      const result = await action();
      if (result !== undefined) payload = encode(result);
    } catch (error) {
      answered.error = scriptError(error);
    }
    if (life === link.life) link.send(answered, payload); // else the link was reopened, and nobody waits for this
  };

  /** @param {number} port @param {number | undefined} id @param {string} payload */
  const post = (port, id, payload) => {
    if (id) return answer(id, () => ports.post(port, payload));
    try {
      ports.post(port, payload);
    } catch (error) {
      link.send({ type: "failed", port, error: scriptError(error) });
    }
  };

  /** @param {ToAgent} frame @param {string | undefined} payload */
  const onFrame = (frame, payload) => {
    switch (frame.type) {
      case "welcome":
        link.go(true);
        routes?.set(frame.routing ?? { names: [] });
        events.welcome(frame.events, frame.answers ?? []);
        if (frame.direct) dialOnceParsed(frame.direct);
        return;
      case "dropped":
        return link.go(false);
      case "moved":
        return link.moved();
      case "connect":
        return ports.connect(frame.port, frame.function, payload ?? "[]");
      case "post":
        return post(frame.port, frame.id, payload ?? "null");
      case "disconnect":
        return ports.disconnect(frame.port);
      case "listen":
        return answer(frame.id, () => events.listen(frame.event, frame.answers));
      case "unlisten":
        return answer(frame.id, () => events.unlisten(frame.event));
      case "respond":
        return answer(frame.id, () => requests.respond(frame.request, payload && values.decode(payload)));
      case "reject":
        return requests.reject(frame.request, frame.message);
      case "letGo":
        return requests.letGo(frame.request);
      case "setRouting":
        return answer(frame.id, () => routes?.set(frame.routing));
      case "routeConnect":
      case "routePass":
      case "routeTake":
      case "routeFree":
      case "routeHold":
      case "routePost":
      case "routeClose":
      case "routeLeave":
        return routes?.onFrame(frame, payload);
      case "beFindable":
        if (!findable()) {
          answerSearches();
          link.send({ type: "findable" });
        }
        return;
      case "call":
        return answer(frame.id, () => {
          const [owner, name] = locate(frame.function);
          return unwatched(() => owner[name](...values.decode(payload ?? "[]")));
        });
      default:
        return unknown(frame);
    }
  };

  /** @param {never} frame which tsc accepts only if every frame has a case */
  const unknown = (frame) => onLost(frame, "the agent knows no such frame");

  /**
   * What Python listens to, as a service worker's debugging session tells it: names of bindings, or a newer note.
   * @param {string[]} state
   */
  const wantedOf = (state) => ({
    events: state.filter((name) => name.startsWith("event:")).map((name) => name.slice(6)),
    answers: state.filter((name) => name.startsWith("answers:")).map((name) => name.slice(8)),
  });

  /** What Python listens to, before it can be asked. */
  const wanted = () => {
    if (!config.worker) return config.guard;
    const scope = /** @type {any} */ (globalThis);
    const note = scope[`${config.wakeState}!`];
    const names = Object.getOwnPropertyNames(scope).filter((name) => name.startsWith(config.wakeState));
    for (const name of names) delete scope[name];
    addEventListener(config.wakeState, (event) => {
      event.preventDefault(); // tells that an agent is here
      if (events.guarding) events.guard(wantedOf(/** @type {CustomEvent} */ (event).detail));
    });
    if (note) return wantedOf(note);
    return names.length ? wantedOf(names.map((name) => name.slice(config.wakeState.length + 1))) : config.guard;
  };

  const connectToRelay = () => {
    const port = unwatched(() => api.runtime.connect(config.relay, { name: config.linkName }));
    port.onDisconnect.addListener(() => void api.runtime.lastError); // read it, or Chromium logs it on the extension's console
    return port;
  };

  /** The extension page that the browser takes for the one of the manifest's devtools_page. */
  const isDevtoolsPage = () => {
    const page = api.runtime.getManifest().devtools_page ?? "";
    return api.runtime.getURL(page).split(/[?#]/)[0] === location.href.split(/[?#]/)[0];
  };

  /**
   * What this extension page is, or undefined if Python has to ask the browser: for a side panel or embedded options, and in
   * Firefox, where the page could see that somebody has looked up getViews().
   * Chromium's developer tools are a page of their own, which frames those of extensions.
   * @returns {string | undefined}
   */
  const viewOf = () => {
    const parent = /** @type {unknown} */ (globalThis.parent);
    const framed = parent !== globalThis && !location.ancestorOrigins?.[0]?.startsWith("devtools:");
    if (framed) return "frame";
    if (api.devtools?.inspectedWindow) return isDevtoolsPage() ? "devtools page" : "devtools panel";
    if (!api.extension) return "offscreen"; // such a document has only `runtime`
    if (!config.tellsViews) return undefined;
    return ["tab", "popup"].find((type) => api.extension?.getViews({ type }).includes(globalThis));
  };

  const open = (dials = canDial()) => {
    link.open();
    const url = String(globalThis.location?.href ?? "");
    const view = config.kind === "page" ? viewOf() : undefined;
    const isPrivate = config.splits && Boolean(api.extension?.inIncognitoContext);
    const { version } = config.protocol;
    link.send({ type: "hello", version, kind: config.kind, url, time: Date.now(), dials, view, private: isPrivate });
  };

  /** @param {boolean} [dials] */
  const openAgain = (dials) => {
    try {
      open(dials);
    } catch {
      // an orphan: the extension was reloaded under this content script
    }
  };

  /** @param {Event} event */
  const onSearch = (event) => {
    event.preventDefault(); // tells the one who asks that an agent is here
    const token = /** @type {CustomEvent} */ (event).detail;
    if (typeof token === "string") link.send({ type: "found", token });
  };

  /**
   * Make runtime.getManifest() return the author's manifest. A proxy has the native function's name and length.
   * @param {any[]} runtimes
   */
  const restoreManifest = (runtimes) => {
    /** @param {string} path */
    const address = (path) => api.runtime.getURL(path); // looked up only here, since in Firefox a look-up leaves a trace
    /** @param {any} manifest @param {import("./types").ManifestEdit} edit */
    const undo = (manifest, { path, drop, link, value }) => {
      const last = path[path.length - 1];
      const owner = path.slice(0, -1).reduce((inner, key) => inner[key], manifest);
      if (drop) owner[last].splice(0, drop);
      else if (link) owner[last] = Array.isArray(link) ? link.map(address) : address(link);
      else if (value === undefined) delete owner[last];
      else owner[last] = parse(stringify(value));
    };
    for (const runtime of runtimes) {
      if (!runtime.getManifest) continue; // an offscreen document lacks it
      runtime.getManifest = new Proxy(runtime.getManifest, {
        apply(native, self, args) {
          const manifest = apply(native, self, args);
          for (const edit of config.manifest) undo(manifest, edit);
          return manifest;
        },
      });
    }
  };

  /** @param {PageTransitionEvent} event */
  const onPageShow = (event) => {
    // Chromium's back/forward cache closes ports without telling the page: no onDisconnect, and posting does not throw.
    if (!event.persisted || !config.cacheClosesPorts) return;
    link.close();
    openAgain();
  };

  /**
   * Lets Python find this frame, by an event with a name that only this launch knows. Calling it again does no harm, and
   * restores the listeners that document.open() has removed.
   */
  const answerSearches = () => {
    apply(listenTo, undefined, [config.searchEvent, onSearch]);
    if (config.kind === "content") apply(listenTo, undefined, ["pageshow", onPageShow]);
  };

  /** Whether an agent in this frame hears searches. */
  const findable = () => !apply(dispatch, undefined, [new CustomEvent(config.searchEvent, { cancelable: true })]);

  const events = new Events();
  const ports = new Ports(events);
  const requests = new Requests(events);
  /** What a guarded event brought is not for Python. @param {FromAgent} frame */
  const forget = (frame) => (frame.type === "asked" ? requests.letGo(frame.request) : ports.forget(frame));
  const link = makeLink({
    protocol: config.protocol,
    connect: () => (config.local ? globalThis.portbridgeLocal.connect() : connectToRelay()),
    isNative,
    onFrame,
    onLost,
    onClose: () => {
      ports.abandon();
      requests.abandon();
      routes?.abandon();
    },
    onCut: openAgain,
  });
  const apis = new Set([api, globalThis.chrome?.runtime && globalThis.chrome.runtime !== api.runtime ? globalThis.chrome : api]);

  if (config.kind === "content") {
    if (findable()) return; // two of the manifest's entries brought the agent here
    answerSearches();
  } else if (globalThis.document && (config.kind === "page" || config.kind === "background")) {
    answerSearches();
  }
  if (config.kind === "page") answerSearches();
  if (config.manifest.length) restoreManifest([...apis].map(({ runtime }) => runtime));
  /** @param {FromAgent} frame @param {string} [payload] */
  const tell = (frame, payload) => link.send(frame, payload);
  /** Runs the agent's own calls unwatched and unrouted. @type {import("./types").Unwatched} */
  const unwatched = (action) => unwatchedOnly(() => (routes ? routes.unrouted(action) : action()));
  /** @type {import("./types").Unwatched} */
  const unwatchedOnly = watch ? watch({ api, apis, encode, tell, copySender, ...config.watch }) : (action) => action();
  const { linkName, structured, disconnected, callsRemoved } = config;
  const { decode } = values;
  const routes = makeRoutes?.({
    api,
    apis,
    encode,
    decode,
    tell,
    unwatched: unwatchedOnly,
    copySender,
    linkName,
    structured,
    disconnected,
    callsRemoved,
  });
  events.guard(wanted());
  open();
  if (config.token) link.send({ type: "found", token: config.token });
  // This listener runs before the page's own, but those run before Python gets the frame.
  if (config.kind !== "content") globalThis.document?.addEventListener("DOMContentLoaded", () => link.send({ type: "loaded" }));
})(PORTBRIDGE_CONFIG, PORTBRIDGE_VALUES, PORTBRIDGE_LINK, PORTBRIDGE_WATCH, PORTBRIDGE_ROUTES);
