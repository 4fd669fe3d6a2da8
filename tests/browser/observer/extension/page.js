{
  const { api, log, snapshot, send } = observer;
  const name = location.pathname.slice(1);
  document.addEventListener("DOMContentLoaded", () => log.push(`loaded ${document.documentElement.outerHTML}`));
  // A popup may be closed when another page comes to the front, so it does not wait to be asked.
  if (name === "popup.html") addEventListener("load", () => setTimeout(async () => send(name, await snapshot())));
  else addEventListener("load", () => setTimeout(() => send(`${name} is open`, {})));
  api.runtime.onMessage.addListener((message) => {
    if (message === "report") void snapshot().then((report) => send(name, report));
  });
}
