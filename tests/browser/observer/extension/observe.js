/** What a script can see from where it stands. SITE is the address of the tests' own site. */
var observer = (() => {
  const api = globalThis.browser?.runtime ? globalThis.browser : globalThis.chrome;
  const log = [];

  const text = (value) => {
    try {
      return JSON.stringify(value) ?? String(value);
    } catch (error) {
      return String(error);
    }
  };

  /** A sender, without what differs from run to run. */
  const who = ({ url, origin, frameId, tab, ...more }) => text({ url, origin, top: frameId === 0, tab: tab && Object.keys(tab), more: Object.keys(more) });

  /** What a page or a worker loaded, and what the browser noted of it, but for what depends on time. */
  const timeline = () =>
    performance
      .getEntries()
      .filter(({ entryType }) => ["navigation", "resource", "mark", "measure"].includes(entryType))
      .map(({ entryType, initiatorType, name }) => `${entryType} ${initiatorType} ${name}`);

  const describeProperty = (object, key) => {
    const { value, get, set, ...flags } = Object.getOwnPropertyDescriptor(object, key);
    const names = Object.keys(flags).filter((flag) => flags[flag]);
    const functions = [value, get, set].filter((item) => typeof item === "function");
    const details = functions.map((item) => `${item.name}/${item.length} ${Function.prototype.toString.call(item)}`);
    const events = /^on[A-Z]/.test(String(key)) && value?.hasListeners ? [`${value.hasListeners()}`] : [];
    return [get ? "accessor" : typeof value, ...names, ...details, ...events].join(" ").replace(/\s+/g, " ").slice(0, 300);
  };

  /** The own properties of an object: names, flags, and the functions' texts. */
  const describe = (object) => {
    const found = { prototype: String(Object.getPrototypeOf(object)?.constructor?.name) };
    for (const key of Reflect.ownKeys(object)) found[String(key)] = describeProperty(object, key);
    return found;
  };

  const describeApi = (root) => {
    const found = {};
    for (const [name, namespace] of Object.entries(root ?? {})) {
      if (namespace && typeof namespace === "object") found[name] = describe(namespace);
    }
    return { own: root && describe(root), ...found };
  };

  const PROTOTYPES = ["Object", "Function", "Array", "Promise", "Map", "Error", "EventTarget", "Event", "Performance"];

  const attempt = async (action) => {
    try {
      return await action();
    } catch (error) {
      return String(error);
    }
  };

  const packageFiles = async () => {
    const root = await new Promise((resolve) => api.runtime.getPackageDirectoryEntry(resolve));
    const entries = await new Promise((resolve, reject) => root.createReader().readEntries(resolve, reject));
    return entries.map((entry) => entry.name);
  };

  const fetchText = async (path) => {
    const body = await (await fetch(api.runtime.getURL(path))).text();
    return path === "manifest.json" ? JSON.parse(body) : body.split("\n");
  };

  const windows = (views) => views.map((view) => view.location.href);
  const tab = ({ url, title, status, active, pinned, incognito, index }) => ({ url, title, status, active, pinned, incognito, index });

  const QUESTIONS = {
    contexts: async () => (await api.runtime.getContexts({})).map(({ contextType, documentUrl, frameId }) => text({ contextType, documentUrl, top: frameId === 0 })),
    packageFiles,
    manifestFile: () => fetchText("manifest.json"),
    pageFile: () => fetchText("page.html"),
    workerFile: () => fetchText("worker.js"),
    views: () => windows(api.extension.getViews()),
    backgroundPage: () => String(api.extension.getBackgroundPage()),
    self: () => api.management.getSelf(),
    extensions: async () => (await api.management.getAll()).filter(({ type }) => type === "extension").map(({ name }) => name),
    permissions: async () => text(await api.permissions.getAll()),
    contentScripts: () => api.scripting.getRegisteredContentScripts(),
    rules: async () => [await api.declarativeNetRequest.getDynamicRules(), await api.declarativeNetRequest.getSessionRules()],
    tabs: async () => (await api.tabs.query({})).map(tab).map(text),
    windows: async () => (await api.windows.getAll({ populate: true })).map(({ type, state, tabs }) => text([type, state, tabs.length])),
    frames: async () => {
      const found = [];
      for (const { id, url } of await api.tabs.query({})) {
        for (const frame of (await api.webNavigation.getAllFrames({ tabId: id })) ?? []) found.push(`${url} ${frame.frameId === 0} ${frame.url}`);
      }
      return found;
    },
    storage: async () => text([await api.storage.local.get(), await api.storage.session?.get(), await api.storage.sync.get()]),
    platform: () => api.runtime.getPlatformInfo(),
    alarms: () => api.alarms.getAll(),
    cookies: async () => (await api.cookies.getAll({})).map(text),
    caches: () => caches.keys(),
    databases: async () => (await indexedDB.databases()).map(text),
    webStorage: () => text([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
    registration: () => `${self.registration.scope} ${self.serviceWorker?.state}`,
    clients: async () => (await self.clients.matchAll({ includeUncontrolled: true })).map(({ url }) => url),
  };

  const ask = async () => {
    const answers = {};
    for (const [name, question] of Object.entries(QUESTIONS)) answers[name] = await attempt(question);
    return answers;
  };

  const dom = () => ({
    readyState: document.readyState,
    html: document.documentElement.outerHTML,
    scripts: [...document.scripts].map(({ outerHTML }) => outerHTML),
    sheets: document.adoptedStyleSheets.length + document.styleSheets.length,
    baseURI: document.baseURI,
    referrer: document.referrer,
    windows: window.length,
    history: history.length,
    expandos: [document, document.documentElement, document.head, document.body].flatMap((node) => Reflect.ownKeys(node).map(String)),
  });

  // Whoever reads what is logged calls these.
  const looked = [];
  const bait = {
    get member() {
      looked.push("the getter");
      return 1;
    },
    toJSON: () => looked.push("toJSON()"),
    toString: () => looked.push("toString()"),
  };
  console.debug("bait", bait, new Proxy(bait, { ownKeys: (target) => (looked.push("the proxy"), Reflect.ownKeys(target)) }));

  const snapshot = async () => ({
    first: globalThis.first,
    entry: globalThis.entry,
    guarded: globalThis.listening,
    log: [...log],
    url: location.href,
    manifest: api.runtime.getManifest(),
    manifestText: navigator.userAgent.includes("Firefox") ? "" : text(api.runtime.getManifest()), // Firefox orders it anew each time
    sameManifest: api.runtime.getManifest() === api.runtime.getManifest(),
    stack: new Error("later").stack,
    lastError: String(api.runtime.lastError),
    dom: globalThis.document && dom(),
    globals: describe(globalThis),
    console: describe(console),
    looked: [...looked],
    chrome: describeApi(globalThis.chrome),
    browser: describeApi(globalThis.browser),
    ...Object.fromEntries(PROTOTYPES.filter((name) => globalThis[name]).map((name) => [`${name}.prototype`, describe(globalThis[name].prototype)])),
    performance: timeline(),
    answers: await ask(),
  });

  const send = (name, report) =>
    fetch(`SITEreport/${encodeURIComponent(name)}`, { method: "POST", mode: "no-cors", body: JSON.stringify(report) });

  /** Note each call of these functions from now on. */
  const spy = (object, names) => {
    for (const name of names) {
      const original = object[name];
      object[name] = function (...args) {
        log.push(`call ${name} ${args.filter((item) => typeof item === "string")}`);
        return Reflect.apply(original, this, args);
      };
    }
  };

  addEventListener("error", (event) => log.push(`error ${event.message}`));
  addEventListener("unhandledrejection", (event) => log.push(`rejection ${event.reason}`));
  globalThis.document?.addEventListener("securitypolicyviolation", (event) => log.push(`violation ${event.blockedURI}`));

  return { api, log, text, who, snapshot, send, spy };
})();
