// The page's side of the first connection: content script -> background.

"use strict";

(() => {
  const { runtime } = globalThis.browser ?? globalThis.chrome;
  let port = null;

  function connect() {
    port = runtime.connect({ name: "port-from-cs" });
    port.onMessage.addListener((message) => console.log("content script got", message));
    port.onDisconnect.addListener(() => {
      console.log("content script lost its port", runtime.lastError?.message ?? "");
      port = null;
    });
    port.postMessage({ greeting: "hello from content script" });
  }

  connect();

  document.addEventListener("click", () => {
    if (!port) connect(); // The background may have been stopped since; this starts it again.
    port.postMessage({ greeting: "they clicked the page!" });
  });
})();
