{
  const { api, log, spy, text, who, snapshot, send } = observer;
  const place = window === top ? "top" : location.protocol === "about:" ? location.pathname : location.pathname.slice(1);
  addEventListener("message", async ({ data }) => {
    if (data.open && place === "top") api.runtime.sendMessage("open a page");
    if (data.wake && place === "top") api.runtime.sendMessage("wake up");
    if (data.rest && place === "top") api.runtime.sendMessage("report");
    if (!data.report) return;
    await send(`content ${place}`, await snapshot().catch((error) => `${error} ${error.stack}`));
  });
  document.addEventListener("DOMContentLoaded", () => log.push(`loaded ${document.documentElement.outerHTML}`));
  new MutationObserver((records) => {
    for (const { addedNodes, removedNodes } of records) {
      for (const node of addedNodes) log.push(`added ${node.nodeName}`);
      for (const node of removedNodes) log.push(`removed ${node.nodeName}`);
    }
  }).observe(document, { childList: true, subtree: true });
  spy(EventTarget.prototype, ["addEventListener", "removeEventListener", "dispatchEvent"]);
  spy(JSON, ["stringify", "parse"]);
  api.runtime.onMessage.addListener((message, sender) => void log.push(`message ${text(message)} from ${who(sender)}`));
  api.runtime.onConnect.addListener((port) => void log.push(`port ${port.name}`));
}
