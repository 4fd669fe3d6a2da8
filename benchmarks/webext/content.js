/** The content script: the genuine other end of ports and messages from the background, and a measuring end of its own. */
api.runtime.onConnect.addListener(serve);
api.runtime.onMessage.addListener(answer);

if (BENCH.url) {
  const orders = api.runtime.connect({ name: "takes orders in content" });
  orders.onMessage.addListener(async (order) => orders.postMessage(await obey(order)));
}

// What a user writes who can reach pages only (Playwright in Firefox, Selenium): by DOM events to a port and back.
if (BENCH.answersPage) {
  const port = api.runtime.connect({ name: "echo" });
  port.onMessage.addListener((message) => {
    dispatchEvent(new CustomEvent("bench-answer", { detail: JSON.stringify(message) }));
  });
  addEventListener("bench-ask", ({ detail }) => port.postMessage(JSON.parse(detail)));
}
document.documentElement.dataset.bench = "ready";
