{
  const { api, log, text, who, snapshot, send } = observer;

  const IGNORED = /^(onUserScript|onBrowserUpdate|onRestart)/;
  const brief = (args) => {
    const [one, two] = args;
    if (one?.onMessage) return `port ${one.name} from ${who(one.sender)}`;
    return `${text(one)} ${two?.url ? `from ${who(two)}` : ""}`;
  };
  for (const name of Object.keys(api.runtime)) {
    if (!/^on[A-Z]/.test(name) || IGNORED.test(name)) continue;
    api.runtime[name].addListener((...args) => void log.push(`runtime.${name} ${brief(args)}`));
  }
  const HEARD = {
    tabs: ["onCreated", "onRemoved", "onAttached", "onDetached", "onReplaced", "onMoved"],
    windows: ["onCreated", "onRemoved"],
    management: ["onInstalled", "onUninstalled", "onEnabled", "onDisabled"],
    permissions: ["onAdded", "onRemoved"],
    webNavigation: ["onCommitted", "onCreatedNavigationTarget", "onErrorOccurred"],
    cookies: ["onChanged"],
    storage: ["onChanged"],
  };
  for (const [namespace, names] of Object.entries(HEARD)) {
    for (const name of names) {
      api[namespace]?.[name]?.addListener((details) => {
        const { name: title = "", url = "", transitionType = "", error = "" } = details ?? {};
        log.push([`${namespace}.${name}`, title, url, transitionType, error].join(" ").trim());
      });
    }
  }
  (api.action ?? api.browserAction).onClicked.addListener(() => log.push("action.onClicked"));
  api.webRequest.onBeforeRequest.addListener(
    ({ url, type, initiator, originUrl }) => void log.push(`webRequest ${type} ${url} from ${initiator ?? originUrl}`),
    { urls: ["<all_urls>"] },
  );
  let woken = false;
  api.runtime.onMessage.addListener((message) => {
    if (message === "open a page") api.tabs.create({ url: api.runtime.getURL("page.html"), active: false });
    if (message === "report") void snapshot().then((report) => send("background", report));
    if (message === "wake up" && !woken) void snapshot().then((report) => send("background woken", report));
    woken = true;
  });
}
