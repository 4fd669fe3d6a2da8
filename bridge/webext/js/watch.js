// @ts-check
/**
 * Watches what the scripts of a context do with ports and one-time messages, and tells Python.
 *
 * The package puts this expression into the agent if the traffic of scripts is recorded. It replaces the functions that a
 * script calls with proxies, which call the native functions and return their results. It leaves the script's listeners
 * alone, and has listeners of its own only while the script has some. What a script can notice of this: docs/fidelity.md.
 *
 * A message is reported where it is posted. If no agent is there (in a native application, another extension, a web
 * page), it is reported where it arrives.
 */
((/** @type {import("./types").WatchConfig} */ config) => {
  "use strict";

  const { apply } = Reflect;
  /** @typedef {import("./frames").ScriptTarget} ScriptTarget */
  const { api, apis, encode, tell, copySender } = config;
  const { replace, aside: unwatched, whenThere } = config.proxies;
  const CONNECT_EVENTS = ["runtime.onConnect", "runtime.onConnectExternal"];
  const MESSAGE_EVENTS = ["runtime.onMessage", "runtime.onMessageExternal"];
  const USER_SCRIPT_EVENTS = ["runtime.onUserScriptConnect", "runtime.onUserScriptMessage"];

  /** @param {string} path such as "runtime.connect" */
  const last = (path) => path.slice(path.indexOf(".") + 1);

  let lastPort = 0;
  let lastRequest = 0;
  const met = new WeakSet(); // ports and events, since Firefox has two API objects that share them


  /**
   * Tell Python of a message; a long one is cut.
   * @param {import("./types").WatchedMessage} frame @param {unknown} message
   */
  const tellMessage = (frame, message) => {
    /** @param {string | undefined} text */
    const cut = (text) => {
      if (text === undefined) return tell(frame);
      if (text.length <= config.limit) return tell(frame, text);
      tell({ ...frame, length: text.length }, text.slice(0, config.limit));
    };
    try {
      const text = encode(message);
      if (typeof text === "object") text.then(cut, () => tell(frame));
      else cut(text);
    } catch {
      tell(frame); // the browser took it, but we cannot read it again: for example, a getter throws the second time
    }
  };

  /** A port that a script of this context holds. */
  class Watched {
    #id = ++lastPort;
    #got = 0;

    /** @param {any} port @param {boolean} outside whether there is no agent at the other end */
    constructor(port, outside) {
      met.add(port);
      replace(port, "postMessage", (native, self, args) => {
        apply(native, self, args);
        tellMessage({ type: "watchedPost", port: this.#id, time: Date.now(), ...this.#after() }, args[0]);
      });
      replace(port, "disconnect", (native, self, args) => {
        apply(native, self, args);
        this.#close(true);
      });
      unwatched(() => {
        if (outside) port.onMessage.addListener((/** @type {unknown} */ message) => this.#arrived(message));
        else accompany(port.onMessage, () => void this.#got++);
        // Do not read runtime.lastError: Chromium would no longer log it if the script does not read it.
        port.onDisconnect.addListener(() => {
          const failed = "error" in port ? Boolean(port.error) : Object.hasOwn(api.runtime, "lastError");
          this.#close(false, failed, port.error?.message);
        });
      });
    }

    get id() {
      return this.#id;
    }

    #after() {
      return this.#got ? { after: this.#got } : {};
    }

    /** @param {unknown} message */
    #arrived(message) {
      tellMessage({ type: "watchedPost", port: this.#id, time: Date.now(), arrived: true }, message);
    }

    /**
     * Python takes the first word on it.
     * @param {boolean} byScript @param {boolean} [failed] @param {string} [error]
     */
    #close(byScript, failed, error) {
      tell({ type: "watchedClose", port: this.#id, time: Date.now(), ...this.#after(), byScript, failed, error });
    }
  }

  // --- what scripts open and ask ------------------------------------------------------------------------------------

  /** @type {Record<string, (args: any[]) => ScriptTarget>} */
  const TARGETS = {
    "runtime.connect": ([id]) => (typeof id === "string" && id ? { extension: id } : {}),
    "runtime.connectNative": ([application]) => ({ application }),
    "runtime.sendNativeMessage": ([application]) => ({ application }),
    "tabs.connect": ([tab, info]) => ({ tab, ...inTab(info) }),
    "tabs.sendMessage": ([tab, , info]) => ({ tab, ...inTab(info) }),
    "runtime.sendMessage": (args) => (hasId(args) && args[0] ? { extension: args[0] } : {}),
  };

  /** @param {any} info */
  const inTab = (info) => {
    const { frameId, documentId } = typeof info === "object" && info ? info : /** @type {any} */ ({});
    return { ...(Number.isInteger(frameId) && { frame: frameId }), ...(documentId && { document: documentId }) };
  };

  /** Whether runtime.sendMessage() was called with an extension's id in front, perhaps null. @param {any[]} args */
  const hasId = (args) => {
    const given = args.filter((arg) => typeof arg !== "function");
    const mayBeId = typeof given[0] === "string" || given[0] === null || given[0] === undefined;
    return given.length > 1 && mayBeId && !(given.length === 2 && isOptions(given[1]));
  };

  /** @param {any} value */
  const isOptions = (value) => typeof value === "object" && value && "includeTlsChannelId" in value;

  /** @param {string} path @param {any[]} args */
  const messageOf = (path, args) => args[path === "runtime.sendMessage" ? Number(hasId(args)) : 1];

  /** @param {any} target */
  const leadsOutside = ({ application, extension }) => Boolean(application) || (extension && extension !== api.runtime.id);

  /** @param {any} owner @param {string} path */
  const watchConnect = (owner, path) =>
    replace(owner, last(path), (native, self, args) => {
      const port = apply(native, self, args);
      const target = TARGETS[path](args);
      const { id } = new Watched(port, leadsOutside(target));
      const name = typeof port.name === "string" ? port.name : null;
      tell({ type: "watchedOpen", port: id, time: Date.now(), function: path, name, target });
      return port;
    });

  /** @param {any} owner @param {string} path */
  const watchSend = (owner, path) =>
    replace(owner, last(path), (native, self, args) => {
      const request = ++lastRequest;
      const given = [...args];
      const callback = given.pop();
      if (args.length) given.push(typeof callback === "function" ? answering(request, callback) : callback);
      const result = apply(native, self, given);
      const target = TARGETS[path](args);
      tellMessage({ type: "watchedRequest", request, time: Date.now(), function: path, target }, messageOf(path, args));
      if (typeof result?.then !== "function") return result;
      return result.then(
        (/** @type {unknown} */ answer) => {
          answered(request, answer);
          return answer;
        },
        (/** @type {any} */ error) => {
          tell({ type: "watchedAnswer", request, time: Date.now(), error: String(error?.message ?? error) });
          throw error;
        },
      );
    });

  /** @param {number} request @param {Function} callback */
  const answering = (request, callback) =>
    /** @this {any} */ function (/** @type {any[]} */ ...values) {
      if (values.length) answered(request, values[0]);
      else tell({ type: "watchedAnswer", request, time: Date.now(), error: "there was no answer" });
      return apply(callback, this, values);
    };

  /** @param {number} request @param {unknown} answer */
  const answered = (request, answer) => {
    if (answer === undefined) tell({ type: "watchedAnswer", request, time: Date.now() });
    else tellMessage({ type: "watchedAnswer", request, time: Date.now() }, answer);
  };

  // --- what scripts listen to ---------------------------------------------------------------------------------------

  /**
   * Keep a listener of ours on the event, before the script's, as long as the script has one.
   * @param {any} event @param {(...args: any[]) => void} listener
   * @returns {() => number} when the script began to listen
   */
  const accompany = (event, listener) => {
    let since = 0;
    if (!event?.addListener || met.has(event)) return () => since;
    met.add(event);
    const own = new Set();
    const { addListener, removeListener } = event;
    replace(event, "addListener", (native, self, args) => {
      if (!own.size) {
        apply(addListener, event, [listener]);
        since = Date.now();
      }
      try {
        const result = apply(native, self, args);
        own.add(args[0]);
        return result;
      } finally {
        if (!own.size) apply(removeListener, event, [listener]);
      }
    });
    replace(event, "removeListener", (native, self, args) => {
      const result = apply(native, self, args);
      own.delete(args[0]);
      if (!own.size) apply(removeListener, event, [listener]);
      return result;
    });
    return () => since;
  };

  /** @param {string} event @param {any} port @param {number} since */
  const accepted = (event, port, since) => {
    if (met.has(port)) return;
    const sender = copySender(port);
    // No agent can be in the world of a user script.
    const { id } = new Watched(port, sender.id !== api.runtime.id || USER_SCRIPT_EVENTS.includes(event));
    const name = typeof port.name === "string" ? port.name : null;
    tell({ type: "watchedAccept", port: id, time: Date.now(), event, name, sender, since });
  };

  /** @param {string} event @param {unknown} message @param {object} sender */
  const heard = (event, message, sender) => {
    tellMessage({ type: "watchedHearing", time: Date.now(), event, sender: copySender({ sender }) }, message);
  };

  /** @param {any} event @param {string} path */
  const watchConnections = (event, path) => {
    const since = accompany(event, (port) => accepted(path, port, since()));
  };

  /** @param {any} event @param {string} path */
  const watchMessages = (event, path) => accompany(event, (message, sender) => heard(path, message, sender));

  for (const { runtime, tabs } of apis) {
    watchConnect(runtime, "runtime.connect");
    watchSend(runtime, "runtime.sendMessage");
    whenThere(runtime, "connectNative", () => watchConnect(runtime, "runtime.connectNative"));
    whenThere(runtime, "sendNativeMessage", () => watchSend(runtime, "runtime.sendNativeMessage"));
    watchConnect(tabs, "tabs.connect");
    watchSend(tabs, "tabs.sendMessage");
    for (const path of CONNECT_EVENTS) watchConnections(runtime[last(path)], path);
    for (const path of MESSAGE_EVENTS) watchMessages(runtime[last(path)], path);
    const [connect, message] = USER_SCRIPT_EVENTS;
    whenThere(runtime, last(connect), (event) => watchConnections(event, connect));
    whenThere(runtime, last(message), (event) => watchMessages(event, message));
  }

  return unwatched;
})
