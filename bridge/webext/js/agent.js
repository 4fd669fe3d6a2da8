// @ts-check
/**
 * The agent: the first script in each context of the copied extension, which acts for Python there.
 *
 * It carries out Python's frames with the context's own extension API, so that every Port is a genuine one, and reports
 * what those Ports do. It adds no globals, changes no prototype and no function but runtime.getManifest(), and listens to
 * nothing that Python did not ask for, apart from the guarded events (see events.js). `protocol/frames.py` defines the
 * frames.
 */
((
  /** @type {import("./types").AgentConfig} */ config,
  /** @type {import("./types").Values} */ values, // values.js
  /** @type {import("./types").MakeLink} */ makeLink, // link.js
  /** @type {import("./types").MakeEvents} */ makeEvents, // events.js
  /** @type {import("./types").MakePorts} */ makePorts, // ports.js
  /** @type {import("./types").MakeRequests} */ makeRequests, // requests.js
  /** @type {import("./types").MakeProxies} */ makeProxies, // proxies.js
  /** @type {import("./types").Watch | undefined} */ watch, // watch.js, if the extension's own scripts are recorded
  /** @type {import("./types").MakeRoutes | undefined} */ makeRoutes, // routes.js, if their ports can be routed
  /** @type {import("./types").MakeMessageRoutes | undefined} */ makeMessageRoutes, // message_routes.js, likewise
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
        setRouting(frame.routing ?? { names: [] });
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
        return answer(frame.id, () => setRouting(frame.routing));
      case "routeConnect":
      case "routePass":
      case "routeTake":
      case "routeFree":
      case "routeHold":
      case "routePost":
      case "routeClose":
      case "routeLeave":
        return routes?.onFrame(frame, payload);
      case "routeAsk":
        if (!frame.id) return messageRoutes?.onFrame(frame, payload);
        return answer(frame.id, () => messageRoutes?.onFrame(frame, payload));
      case "routeAnswer":
        return answer(frame.id, () => messageRoutes?.onFrame(frame, payload));
      case "routeReject":
        return messageRoutes?.onFrame(frame, payload);
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

  /** @param {import("./frames").Routing} routing */
  const setRouting = (routing) => {
    routes?.set(routing);
    messageRoutes?.set(routing);
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
      messageRoutes?.abandon();
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
  /** @type {import("./types").Send} */
  const tell = (frame, payload) => link.send(frame, payload);
  /** Runs the agent's own calls unwatched and unrouted. @type {import("./types").Unwatched} */
  const unwatched = (action) => unwatchedOnly(() => (routes ? routes.unrouted(action) : action()));
  /** @type {import("./types").Unwatched} */
  const unwatchedOnly = watch
    ? watch({ ...{ api, apis, encode, tell, copySender }, proxies: makeProxies(), ...config.watch })
    : (action) => action();
  const { linkName, structured, disconnected, callsRemoved, listenersThrow, emptyToNative } = config;
  const { decode } = values;
  const routes = makeRoutes?.({
    ...{ api, apis, encode, decode, tell, unwatched: unwatchedOnly, copySender },
    ...{ linkName, structured, disconnected, callsRemoved, listenersThrow, emptyToNative, proxies: makeProxies() },
  });
  const respondsAtOnce = config.cacheClosesPorts; // in Chromium, where a listener's promise is not the only answer
  const messageRoutes =
    routes && makeMessageRoutes?.({ apis, encode, decode, tell, copySender, standAt: routes.standAt, respondsAtOnce, structured });
  const events = makeEvents({
    ...{ locate, encode, scriptError, unwatched, send: tell, attempt },
    onConnect(event, port, since) {
      if (port.name !== config.linkName) ports.accept(event, port, since); // the relay gets agents' links through this event, too
    },
    onMessage: (...given) => requests.hear(...given),
    forget: (frame) => (frame.type === "asked" ? requests.letGo(frame.request) : ports.forget(frame)),
  });
  /** @type {import("./types").Events["reportValue"]} */
  const reportValue = (event, frame, value) => events.reportValue(event, frame, value);
  const requests = makeRequests({ respondsAtOnce, copySender, reportValue });
  const ports = makePorts({
    ...{ api, locate, decode: values.decode, copySender, scriptError, unwatched, send: tell, reportValue },
    report: (event, frame) => events.report(event, frame),
  });
  events.guard(wanted());
  open();
  if (config.token) link.send({ type: "found", token: config.token });
  // This listener runs before the page's own, but those run before Python gets the frame.
  if (config.kind !== "content") globalThis.document?.addEventListener("DOMContentLoaded", () => link.send({ type: "loaded" }));
})(
  PORTBRIDGE_CONFIG,
  PORTBRIDGE_VALUES,
  PORTBRIDGE_LINK,
  PORTBRIDGE_EVENTS,
  PORTBRIDGE_PORTS,
  PORTBRIDGE_REQUESTS,
  PORTBRIDGE_PROXIES,
  PORTBRIDGE_WATCH,
  PORTBRIDGE_ROUTES,
  PORTBRIDGE_MESSAGE_ROUTES,
);
