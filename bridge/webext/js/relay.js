// @ts-check
/**
 * The relay: owns the WebSocket to Python, and forwards lines between it and the agents.
 *
 * It is an extension of its own, because a page's content security policy and the browser's rules for local networks
 * bind content scripts but not an extension's background. It looks into none of the frames that it forwards. The agent
 * that stands in the relay itself (Python's `external` context) reaches it through `portbridgeLocal`.
 *
 * @param {import("./types").RelayConfig} config
 */
((config) => {
  "use strict";

  const VERSION = 1;
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

  /** @param {object} frame */
  const say = (frame) => send(0, JSON.stringify(frame));

  socket.onopen = () => {
    socket.send(`0 ${JSON.stringify({ type: "greeting", version: VERSION })}`);
    for (const line of waiting) socket.send(line);
    waiting = [];
    setInterval(() => say({ type: "heartbeat" }), HEARTBEAT_MS);
  };

  socket.onmessage = ({ data }) => {
    /** @type {string[]} */
    let bodies = []; // of lines for the same link, which go together
    let last = 0;
    const forward = () => bodies.length && links.get(last)?.postMessage(bodies.join("\n"));
    for (const line of data.split("\n")) {
      const space = line.indexOf(" ");
      const link = Number(line.slice(0, space));
      if (link !== last) {
        forward();
        bodies = [];
        last = link;
      }
      if (link) bodies.push(line.slice(space + 1));
      else onFrame(JSON.parse(line.slice(space + 1)));
    }
    forward();
  };

  socket.onclose = () => {
    for (const link of links.values()) link.disconnect();
    links.clear();
  };

  /** @param {any} frame */
  const onFrame = (frame) => {
    switch (frame.type) {
      case "drop":
        links.get(frame.link)?.disconnect();
        return close(frame.link);
      default:
        return say({ type: "refused", frame: String(frame.type), reason: "the relay knows no such frame" });
    }
  };

  /** @param {number} link */
  const close = (link) => {
    if (links.delete(link)) say({ type: "linkClosed", link });
  };

  /**
   * @param {{ postMessage(body: string): void, disconnect(): void }} port
   * @param {object} sender
   */
  const open = (port, sender) => {
    const link = nextLink++;
    links.set(link, port);
    say({ type: "linkOpened", link, sender });
    return link;
  };

  api.runtime.onConnectExternal.addListener((/** @type {import("./types").Port} */ port) => {
    if (port.name !== config.linkName) return;
    const link = open(port, port.sender ?? {});
    port.onMessage.addListener((body) => send(link, body));
    port.onDisconnect.addListener(() => {
      void api.runtime.lastError;
      close(link);
    });
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
