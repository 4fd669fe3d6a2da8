/** As much of a browser as the agent and the relay need, for Node: globals, and how a test plays what lies beyond them. */

class FakeEvent {
  #listeners = new Set();
  addListener(listener) {
    this.#listeners.add(listener);
  }
  removeListener(listener) {
    this.#listeners.delete(listener);
  }
  hasListeners() {
    return this.#listeners.size > 0;
  }
  fire(...args) {
    for (const listener of [...this.#listeners]) listener(...args);
  }
}

class FakePort {
  posted = []; // by the script that holds it
  onMessage = new FakeEvent();
  onDisconnect = new FakeEvent();
  disconnected = false;
  constructor(name = "", sender = undefined) {
    Object.assign(this, { name, sender });
  }
  postMessage(message) {
    this.posted.push(message);
  }
  disconnect() {
    this.disconnected = true;
  }
  /** What the other end does. */
  says(...lines) {
    this.onMessage.fire(lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"));
  }
}

class FakeSocket {
  static CONNECTING = 0;
  static all = [];
  readyState = 0;
  sent = [];
  constructor(url) {
    this.url = url;
    FakeSocket.all.push(this);
  }
  send(text) {
    this.sent.push(text);
  }
  close() {
    this.readyState = 2;
  }
  opens() {
    this.readyState = 1;
    this.onopen();
  }
  says(...lines) {
    this.onmessage({ data: lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n") });
  }
}

const opened = []; // ports, by whoever
const connect = (...args) => {
  const port = new FakePort(args.at(-1)?.name);
  opened.push(port);
  return port;
};
const events = () => ({ onConnect: new FakeEvent(), onConnectExternal: new FakeEvent(), onMessage: new FakeEvent() });
globalThis.browser = {
  management: { onDisabled: new FakeEvent(), onUninstalled: new FakeEvent() },
  runtime: { id: "tested", connect, connectNative: connect, sendMessage: async () => "answer", getURL: String, ...events() },
  tabs: { connect, create: async (tab) => tab, sendMessage: async () => undefined },
};
globalThis.parent = globalThis;
globalThis.location = { href: "" };
globalThis.WebSocket = Object.assign(FakeSocket.bind(), FakeSocket, { prototype: FakeSocket.prototype }); // "[native code]"

let target = new EventTarget();
/** What document.open() does. */
const forgetListeners = () => (target = new EventTarget());
globalThis.addEventListener = function (...args) {
  return (this instanceof EventTarget ? this : target).addEventListener(...args); // a document, or the window
};
globalThis.removeEventListener = (...args) => target.removeEventListener(...args);
globalThis.dispatchEvent = (event) => target.dispatchEvent(event);
const comeBack = () => dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));

/** Return when whatever is under way has come to rest. */
const rest = () => new Promise((resolve) => setTimeout(resolve, 2));
/** The bodies that the agent posted on a link. */
const said = (link) => link.posted.flatMap((bodies) => bodies.split("\n"));
