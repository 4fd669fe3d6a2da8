// @ts-check
/**
 * The player: carries out steps with the genuine API of its context, and says what it observes there.
 *
 * It knows nothing of the bridge. Its orders come over a WebSocket of its own; those of one message are carried out in
 * one tick. `python_player.py` does the same through the bridge's public API; `steps.py` defines the steps.
 */
((config) => {
  "use strict";

  const FENCE = "fence";
  const api = globalThis.browser?.runtime ? globalThis.browser : globalThis.chrome;
  /** @type {WebSocket} */
  let socket;
  /** @type {string[]} */
  let waiting = []; // what is observed before the socket is open
  /** @type {Map<string, any>} */
  const ports = new Map();
  /** @type {Map<string, { event: any, listener: any }>} */
  const listeners = new Map();
  /** @type {((answer?: any) => void)[]} */
  let kept = []; // sendResponse of the messages that a listener said it would answer later
  let play = 0; // answers of an earlier play are no matter of this one

  const say = (message) => {
    const text = JSON.stringify(message);
    if (socket?.readyState !== WebSocket.OPEN) waiting.push(text);
    else socket.send(text);
  };
  const log = (...entry) => say({ entry });
  const errorOf = (error) => (error ? { name: error.name, message: error.message } : null);

  // --- values ---------------------------------------------------------------------------------------------------------

  /** The text of a value; `values.describe` gives the same for Python's. */
  const describe = (value) => {
    if (value === undefined) return "undefined";
    if (value === null || typeof value === "boolean") return String(value);
    if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
    if (typeof value === "string") return JSON.stringify(value);
    if (Array.isArray(value)) return `[${Array.from(value, describe).join(", ")}]`;
    if (typeof value !== "object") return typeof value;
    const members = Object.keys(value).map((key) => `${JSON.stringify(key)}: ${describe(value[key])}`);
    return `{${members.join(", ")}}`;
  };
  const short = (text) => (text.length <= config.shown ? text : `${text.length} characters`);

  /** @param {{ json?: string, named?: string }} written */
  const value = ({ json, named }) => (named === undefined ? JSON.parse(json) : config.values[named]());

  // --- ports ----------------------------------------------------------------------------------------------------------

  const OWN = Symbol("a failure that a step wants");

  const run = (steps, self) => {
    for (const step of steps ?? []) {
      if (step.port && step.op !== "connect" && !ports.has(step.port)) continue; // its connect() threw
      try {
        OPERATIONS[step.op](step, step.port ?? self);
      } catch (error) {
        if (error?.[OWN]) throw error;
        log("threw", step.label, errorOf(error));
      }
    }
  };

  const portOf = (handle) => ports.get(handle);

  const newHandle = (name) => {
    let handle = name;
    for (let number = 2; ports.has(handle); number++) handle = `${name}#${number}`;
    return handle;
  };

  /** Keep a port, and record what happens to it. */
  const keep = (handle, port, { hears = true, onMessage, onDisconnect }) => {
    ports.set(handle, port);
    if (!hears) return;
    add(port.onMessage, `${handle} onMessage`, onMessageListener(handle, undefined, onMessage));
    add(port.onDisconnect, `${handle} onDisconnect`, onDisconnectListener(handle, undefined, onDisconnect));
  };

  const add = (event, name, listener) => {
    listeners.set(name, { event, listener });
    event.addListener(listener);
  };

  const onMessageListener = (handle, name, then) => (message, port) => {
    log("message", handle, short(describe(message)), name ?? null);
    if (port !== ports.get(handle)) log("other port", handle);
    run(then, handle);
  };

  const onDisconnectListener = (handle, name, then) => (port) => {
    log("disconnected", handle, errorOf(port.error), errorOf(api.runtime.lastError), name ?? null);
    if (port !== ports.get(handle)) log("other port", handle);
    run(then, handle);
  };

  const onConnectListener = (step) => (port) => {
    if (port.name?.startsWith(FENCE)) return;
    const handle = newHandle(port.name ?? "");
    log("connected", handle, port.name, JSON.parse(JSON.stringify(port.sender ?? null)), step.listener ?? null);
    keep(handle, port, step);
    run(step.then, handle);
  };

  // --- one-time messages ------------------------------------------------------------------------------------------------

  /** What a listener of each shape does about the answer, which it gives by returning or by `respond`. */
  const SHAPES = {
    "in time": (answer, respond) => void respond(answer),
    "in an async function": async (answer, respond) => respond(answer),
    later(answer, respond) {
      kept.push(respond);
      return true;
    },
    never: () => true,
    promises: async (answer) => answer,
    silent: () => undefined,
    throws() {
      throw new Error("a listener that throws");
    },
    rejects: async () => Promise.reject(new Error("a listener that rejects")),
  };

  const onAskedListener = (step) => (message, sender, respond) => {
    log("asked", short(describe(message)), JSON.parse(JSON.stringify(sender ?? null)), step.listener ?? null);
    run(step.then);
    return SHAPES[step.shape](step.value && value(step.value), respond);
  };

  const ask = (key, answer) => {
    const now = play;
    const said = (...entry) => now === play && log(...entry);
    answer.then(
      (answer) => said("answered", key, short(describe(answer))),
      (error) => said("rejected", key, errorOf(error)),
    );
  };

  /** @returns {[any, any]} the owner and the value of a dotted path */
  const locate = (path, root) => {
    let owner = root;
    let found = root;
    for (const name of path.split(".")) [owner, found] = [found, found?.[name]];
    return [owner, found];
  };

  // --- steps ----------------------------------------------------------------------------------------------------------

  let ticks = 0; // of this background

  const OPERATIONS = {
    connect(step, handle) {
      const [owner, connect] = locate(step.function, api);
      keep(handle, connect.apply(owner, step.arguments.map(value)), step);
    },
    post(step, handle) {
      if (step.value) portOf(handle).postMessage(value(step.value));
      else portOf(handle).postMessage();
    },
    disconnect: (step, handle) => portOf(handle).disconnect(),
    listen: (step) => add(locate(step.event, api)[1], step.listener ?? step.event, onConnectListener(step)),
    ask(step) {
      const [owner, send] = locate(step.function, api);
      ask(step.key, send.apply(owner, step.arguments.map(value)));
    },
    askWithCallback(step) {
      const [owner, send] = locate(step.function, api);
      const callback = (answer) => log("called back", step.key, describe(answer), errorOf(api.runtime.lastError));
      send.apply(owner, [...step.arguments.map(value), callback]);
    },
    beAsked: (step) => add(locate(step.event, api)[1], step.listener ?? step.event, onAskedListener(step)),
    respond(step) {
      const respond = step.again ? kept[0] : step.latest ? kept.pop() : kept.shift();
      if (step.value) respond?.(value(step.value));
      else respond?.();
    },
    hear(step, handle) {
      const make = step.event === "onMessage" ? onMessageListener : onDisconnectListener;
      add(portOf(handle)[step.event], step.listener, make(handle, step.listener, step.then));
    },
    again(step) {
      const { event, listener } = /** @type {any} */ (listeners.get(step.listener));
      event.addListener(listener);
    },
    remove(step) {
      const { event, listener } = /** @type {any} */ (listeners.get(step.listener));
      event.removeListener(listener);
    },
    has(step) {
      const { event, listener } = /** @type {any} */ (listeners.get(step.listener));
      log("answer", step.label, describe(event.hasListener(listener)));
    },
    look(step, handle) {
      const [, found] = locate(step.path, handle === undefined ? api : portOf(handle));
      log("answer", step.label, typeof found === "function" ? "a function" : describe(found));
    },
    set: (step, handle) => void (portOf(handle)[step.path] = value(step.value)),
    fail() {
      throw Object.assign(new Error("a listener that throws"), { [OWN]: true });
    },
    note: (step) => log("note", step.label),
    fetch(step) {
      fetch(step.url).then(
        () => log("fetched"),
        (error) => log("not fetched", errorOf(error)),
      );
    },
    tick: () => void setInterval(() => ticks++, 20),
    hasTicked: (step) => log("answer", step.label, String(ticks > 0)),
    hearSuspend: () => add(api.runtime.onSuspend, "runtime.onSuspend", () => log("suspending")),
  };

  // --- fences: two round trips between two contexts, so that whatever was under way between them has arrived -----------

  /** Answer the fence of that name, once: the listener goes when it comes. */
  const listenToFence = (name, event) => {
    add(event, name, (port) => {
      if (port.name !== name) return;
      event.removeListener(listeners.get(name)?.listener);
      listeners.delete(name);
      port.onMessage.addListener((message) => port.postMessage(message));
    });
  };

  const openFence = (name, path, args) =>
    new Promise((resolve, reject) => {
      const [owner, connect] = locate(path, api);
      const port = connect.apply(owner, args);
      port.onMessage.addListener((message) => {
        if (message < 2) return port.postMessage(message + 1);
        port.disconnect();
        resolve(true);
      });
      port.onDisconnect.addListener(() => reject(port.error ?? api.runtime.lastError ?? new Error("fence cut")));
      port.postMessage(1);
    });

  const reset = () => {
    for (const { event, listener } of listeners.values()) event.removeListener(listener);
    for (const port of ports.values()) port.disconnect();
    listeners.clear();
    ports.clear();
    kept = [];
    play++;
  };

  const ORDERS = {
    do: ({ steps }) => run(steps),
    call({ path, args }) {
      const [owner, call] = locate(path, api);
      return call.apply(owner, args);
    },
    fenceListen: ({ name, event }) => listenToFence(name, locate(event, api)[1]),
    fenceOpen: ({ name, path, args }) => openFence(name, path, args),
    reset,
    rest: () => socket.close(),
  };

  const onOpen = () => {
    const { href } = globalThis.location;
    const { kind, extension } = config;
    socket.send(JSON.stringify({ hello: { kind, extension, url: href, frame: globalThis.window?.name ?? "" } }));
    for (const text of waiting) socket.send(text);
    waiting = [];
  };

  const onMessage = async ({ data }) => {
    const order = JSON.parse(data);
    try {
      const result = ORDERS[order.order](order);
      say({ done: order.id, result: result instanceof Promise ? await result : undefined });
    } catch (error) {
      say({ done: order.id, error: String(error?.message ?? error) });
    }
  };

  // Once in thousands of frames Chromium 156 neither opens a content script's socket nor asks the server, where many
  // sockets of the same process were cut off: it stays in CONNECTING for ever, or is closed before it was open.
  const connect = (attempt) => {
    const url = attempt ? `${config.url}?attempt=${attempt}` : config.url;
    const current = (socket = Object.assign(new WebSocket(url), { onopen: onOpen, onmessage: onMessage }));
    let opened = false;
    current.addEventListener("open", () => (opened = true));
    const look = () => {
      if (opened) return;
      current.close();
      connect(attempt + 1);
    };
    setTimeout(look, config.patience);
  };
  connect(0);

  if (config.stands) {
    for (const event of ["runtime.onConnect", "runtime.onConnectExternal"]) {
      locate(event, api)[1].addListener(onConnectListener({})); // stays, so that the event wakes the background
    }
    api.runtime.onMessage.addListener(onAskedListener({ shape: "later" }));
  }
})(PLAYER_CONFIG);
