// @ts-check
/**
 * The relay: owns the WebSocket to Python, and forwards lines between it and the agents.
 *
 * It is an extension of its own, because a page's content security policy and the browser's rules for local networks
 * apply to content scripts but not to an extension's background. It does not look into the frames that it forwards. The
 * agent in the relay itself (Python's `external` context) reaches it through `portbridgeLocal`.
 */
((/** @type {import("./types").RelayConfig} */ config) => {
  "use strict";

  const HEARTBEAT_MS = 20_000; // a worker may be stopped after 30 s without an event
  const api = /** @type {import("./types").Api} */ (globalThis.browser ?? globalThis.chrome);

  /** @type {Map<number, { postMessage(body: string): void, disconnect(): void }>} */
  const links = new Map();
  let nextLink = 1;

  const socket = new WebSocket(config.url);
  /** @type {string[]} */
  let waiting = [];

  /** @param {number} link @param {string} bodies one or more, each a line */
  const send = (link, bodies) => {
    const line = `${link} ${bodies.replaceAll("\n", `\n${link} `)}`;
    if (socket.readyState === WebSocket.CONNECTING) waiting.push(line);
    else socket.send(line);
  };

  /** @param {import("./frames").FromRelay} frame */
  const say = (frame) => send(0, JSON.stringify(frame));

  socket.onopen = () => {
    const lines = waiting;
    waiting = [];
    say({ type: "greeting", version: config.protocol.version });
    for (const line of lines) socket.send(line);
    setInterval(() => say({ type: "heartbeat" }), HEARTBEAT_MS);
  };

  socket.onmessage = ({ data }) => {
    /** @type {string[]} */
    let bodies = []; // of consecutive lines for one link, which go together
    let last = 0;
    const forward = () => {
      if (bodies.length) post(last, bodies.join("\n"));
    };
    for (const line of data.split("\n")) {
      const space = line.indexOf(" ");
      const link = Number(line.slice(0, space));
      if (link !== last) {
        forward();
        bodies = [];
        last = link;
      }
      if (link) bodies.push(line.slice(space + 1));
      else receive(line.slice(space + 1));
    }
    forward();
  };

  socket.onclose = () => {
    for (const link of links.keys()) drop(link);
  };

  /** @param {number} link @param {string} bodies */
  const post = (link, bodies) => {
    try {
      links.get(link)?.postMessage(bodies);
    } catch {
      drop(link); // only this one, so that other agents still get their frames
    }
  };

  /** @param {string} header of a frame for the relay itself */
  const receive = (header) => {
    try {
      onFrame(JSON.parse(header));
    } catch (error) {
      say({ type: "refused", frame: header.slice(0, 200), reason: String(error) });
    }
  };

  /** @param {import("./frames").ToRelay} frame */
  const onFrame = (frame) => {
    switch (frame.type) {
      case "drop":
        return drop(frame.link);
      default:
        return unknown(frame.type);
    }
  };

  /** @param {never} type which tsc accepts only if every frame has a case */
  const unknown = (type) => say({ type: "refused", frame: String(type), reason: "the relay knows no such frame" });

  /** @param {number} link */
  const drop = (link) => {
    try {
      links.get(link)?.disconnect();
    } catch {
      // already gone
    }
    close(link);
  };

  /** @param {number} link */
  const close = (link) => {
    if (links.delete(link)) say({ type: "linkClosed", link });
  };

  /**
   * @param {{ postMessage(body: string): void, disconnect(): void }} port
   * @param {Record<string, unknown>} sender
   */
  const open = (port, sender) => {
    const link = nextLink++;
    links.set(link, port);
    say({ type: "linkOpened", link, sender });
    return link;
  };

  api.runtime.onConnectExternal.addListener((/** @type {import("./types").Port} */ port) => {
    if (port.name !== config.linkName) return;
    const link = open(port, /** @type {Record<string, unknown>} */ (port.sender ?? {}));
    port.onMessage.addListener((body) => send(link, body));
    port.onDisconnect.addListener(() => {
      void api.runtime.lastError;
      close(link);
    });
  });

  // Firefox reports no disabling when it reloads an extension.
  const { onDisabled, onUninstalled } = api.management;
  onDisabled.addListener(({ id }) => say({ type: "extensionUnloaded", extension: id }));
  onUninstalled.addListener((extension) => {
    const id = typeof extension === "string" ? extension : extension.id; // Chromium gives the id
    say({ type: "extensionUnloaded", extension: id, uninstalled: true });
  });

  globalThis.portbridgeLocal = {
    connect() {
      /** @type {(body: string) => void} */
      let receive = () => {};
      const link = open({ postMessage: (body) => receive(body), disconnect() {} }, { id: api.runtime.id });
      return {
        postMessage: (body) => send(link, body),
        onMessage: { addListener: (listener) => void (receive = listener) },
        onDisconnect: { addListener() {} },
      };
    },
  };
})(PORTBRIDGE_CONFIG);
