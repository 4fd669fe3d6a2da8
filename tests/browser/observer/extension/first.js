var first = (() => {
  const { runtime } = globalThis.browser?.runtime ? globalThis.browser : globalThis.chrome;
  return {
    manifest: runtime.getManifest(),
    chromeManifest: chrome.runtime.getManifest(),
    manifestText: navigator.userAgent.includes("Firefox") ? "" : JSON.stringify(runtime.getManifest()), // Firefox orders it anew each time
    stack: new Error("the first script").stack,
    lastError: String(runtime.lastError),
    listeners: Object.keys(runtime)
      .filter((name) => name.startsWith("on") && runtime[name]?.hasListeners)
      .map((name) => `${name} ${runtime[name].hasListeners()}`),
    resources: performance.getEntriesByType("resource").map(({ initiatorType, name }) => `${initiatorType} ${name}`),
    ...(globalThis.document && {
      readyState: document.readyState,
      currentScript: document.currentScript?.outerHTML,
      scripts: [...document.scripts].map((script) => script.outerHTML),
      html: document.documentElement?.outerHTML,
      children: [...document.childNodes].map((node) => node.nodeName),
    }),
  };
})();
