/**
 * The background: takes orders from Python by a socket of its own (the yardstick) or by a port (the extension under
 * test), and passes on to the page and the content script those that are theirs.
 */
if ("importScripts" in globalThis) importScripts("config.js", "ports.js", "messages.js");

/** Ports by which the other contexts take orders. */
const others = {};
/** Ports that the other contexts opened to have messages passed on. */
const onward = {};
/** Open ports for Playwright's `worker.evaluate`, by the place in the figure beside it: the same kinds of contexts. */
globalThis.askable = {};

Object.assign(CONNECTS, {
  background: ({ tab = others.content.sender.tab.id }) => (name) => api.tabs.connect(tab, { name, frameId: 0 }),
  intoPage: () => () => onward.page,
  external: ({ extension }) => (name) => api.runtime.connect(extension, { name }),
  native: ({ application }) => () => api.runtime.connectNative(application),
});
Object.assign(ASKS, {
  background: ({ tab }) => (message) => api.tabs.sendMessage(tab, message, { frameId: 0 }),
  external: ({ extension }) => (message) => api.runtime.sendMessage(extension, message),
});

function pass(port, order) {
  return new Promise((resolve) => {
    const listener = (answer) => {
      port.onMessage.removeListener(listener);
      resolve(answer);
    };
    port.onMessage.addListener(listener);
    port.postMessage(order);
  });
}

async function carryOut(order) {
  if (order.measure === "openPage") return void api.tabs.create({ url: "page.html" });
  if (order.measure === "openAskable") return void (askable[order.place] ??= CONNECTS[order.place](order)("echo"));
  const other = order.place === "page" || order.place === "content";
  return other ? pass(others[order.place], order) : obey(order);
}

function connectToPython(url) {
  openEcho(`${url}echo/background`);
  const orders = new WebSocket(`${url}orders`);
  const say = (message) => orders.send(JSON.stringify(message));
  orders.onmessage = async ({ data }) => {
    const { id, ...order } = JSON.parse(data);
    try {
      say({ id, result: (await carryOut(order)) ?? null });
    } catch (error) {
      say({ id, error: String(error) });
    }
  };
  const arrived = (place) => orders.readyState === WebSocket.OPEN && say({ arrived: place });
  orders.onopen = () => {
    say({ extension: api.runtime.id });
    for (const place of Object.keys(others)) arrived(place);
  };
  return arrived;
}

const arrived = BENCH.url ? connectToPython(BENCH.url) : () => {};

api.runtime.onConnect.addListener((port) => {
  const [does, place] = port.name.split(" in ");
  if (does === "echoes") askable[place] = port;
  else if (does === "goes onward") onward[place] = port;
  else if (does !== "takes orders") return serve(port);
  else {
    others[place] = port;
    arrived(place);
  }
});
api.runtime.onConnectExternal.addListener(serve);
api.runtime.onMessage.addListener(answer);
api.runtime.onMessageExternal.addListener(answer);

// What a user writes who can reach the worker only (Playwright in Chromium): what was asked waits for evaluations.
const asked = [];
let wake = () => {};
api.runtime.onMessage.addListener((message, sender, sendResponse) => {
  if (message.to !== "evaluate") return false;
  asked.push({ message, sendResponse });
  wake();
  return true;
});
globalThis.takeAsked = async () => {
  while (!asked.length) await new Promise((resolve) => (wake = resolve));
  return asked[0].message;
};
globalThis.answerAsked = (answer) => asked.shift().sendResponse(answer);
