// Where all connections meet: a service worker in Chromium, an event page in Firefox. Both are stopped when idle and
// started again by the next event, so every listener is added at the top level.

"use strict";

const { action, runtime } = globalThis.browser ?? globalThis.chrome;

// Firefox says why a port closed in port.error, Chromium in runtime.lastError, during onDisconnect only.
const reason = (port) => (port.error ?? runtime.lastError)?.message ?? "no error";

// --- Content scripts: they connect, we answer ---------------------------------------------------------------------

/** Tab id -> the open ports of that tab. There may be several: a frame, or a page that is just being replaced. */
const portsOfTab = new Map();

runtime.onConnect.addListener((port) => {
  const tabId = port.sender.tab?.id; // Undefined for an extension page outside any tab, such as a popup.
  const ports = portsOfTab.get(tabId) ?? new Set();
  portsOfTab.set(tabId, ports.add(port));

  port.onMessage.addListener((message) => console.log("background got", message, "from tab", tabId));
  port.onDisconnect.addListener(() => {
    console.log("background lost a port of tab", tabId, reason(port));
    ports.delete(port);
    if (ports.size === 0) portsOfTab.delete(tabId);
  });
  port.postMessage({ greeting: "hi there content script!" });
});

// --- The native application: we connect ---------------------------------------------------------------------------

let nativePort = null;

function connectNative() {
  nativePort = runtime.connectNative("ping_pong");
  nativePort.onMessage.addListener((message) => console.log("background got", message, "from ping_pong"));
  nativePort.onDisconnect.addListener((port) => {
    console.log("background lost ping_pong:", reason(port)); // Also the answer if it is not installed.
    nativePort = null;
  });
}

connectNative();

// --- The toolbar button -------------------------------------------------------------------------------------------

action.onClicked.addListener(() => {
  for (const ports of portsOfTab.values()) {
    for (const port of ports) port.postMessage({ greeting: "they clicked the button!" });
  }
  if (!nativePort) connectNative();
  nativePort.postMessage("ping");
});

// --- Other extensions: they connect, we answer --------------------------------------------------------------------

runtime.onConnectExternal.addListener((port) => {
  console.log("background is connected to", port.sender.id);
  port.onMessage.addListener((message) => {
    console.log("background got", message, "from", port.sender.id);
    port.postMessage({ echo: message });
  });
  port.onDisconnect.addListener(() => console.log("background lost", port.sender.id, reason(port)));
  port.postMessage({ greeting: "hi there extension!" });
});

// --- One-time messages: anybody in the extension asks, we answer --------------------------------------------------

runtime.onMessage.addListener((message, sender, sendResponse) => {
  if (message.question === "Are you there?") sendResponse({ answer: "Yes, I am" });
});
