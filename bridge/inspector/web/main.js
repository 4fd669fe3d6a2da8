// @ts-check
/** The inspector's page: connects to Python, and hands its messages to the parts of the page. */

import { createTrafficView } from "../../report/web/view.js";
import { Connect } from "./connect.js";
import { Connection } from "./connection.js";
import { Contexts } from "./contexts.js";
import { byId, complain, nextFrame, refuse, write } from "./dom.js";
import { Holds } from "./holds.js";
import { listenForKeys } from "./keys.js";
import { Listening } from "./listening.js";
import { Others } from "./others.js";
import { Permissions } from "./permissions.js";
import { Ports } from "./ports.js";
import { Requests } from "./requests.js";
import { Toolbar } from "./toolbar.js";

/** @import { BridgeState, ContextState, LaunchInfo, RecordBatch } from "./messages.js" */

const view = createTrafficView(byId("view"), { live: true });
const connection = new Connection(new WebSocket(new URL("socket", location.href.replace(/^http/, "ws"))), {
  launchInfo: showLaunchInfo,
  bridgeState: (message) => nextFrame(() => showState(message)),
  recordBatch: (message) => nextFrame(() => showRecords(message)),
  postRefused: ({ port, text }) => ports.postRefused(port, text),
  ended,
});
const toolbar = new Toolbar(connection);
const holds = new Holds(connection);
const ports = new Ports(connection, (record) => view.select(record), (name) => holds.offer(name));
const others = new Others((record, name) => {
  view.select(record);
  holds.offer(name);
});
const requests = new Requests(connection);
const permissions = new Permissions(connection);
const listening = new Listening(connection);
const connect = new Connect(connection, (port) => ports.opened(port));
const contexts = new Contexts(showContext);
/** @type {BridgeState | undefined} */
let state;
let over = false;

setInterval(() => {
  if (over) return;
  requests.showAges();
  permissions.showAges();
  holds.showAges();
}, 1000);

/** @param {LaunchInfo} message */
function showLaunchInfo(message) {
  document.title = `${message.name} – inspector`;
  write(byId("name"), message.name || "Inspector");
  write(byId("where"), `${message.browser} · ${message.extension}`);
  byId("where").title = message.extension;
  write(byId("connection"), "Connected");
  byId("quiet").hidden = message.recording;
  toolbar.showLaunchInfo(message);
  connect.showOwnId(message.extension);
}

/** @param {BridgeState} message */
function showState(message) {
  if (over) return;
  state = message;
  toolbar.show(message);
  contexts.show(message.contexts);
  showContext(contexts.chosen);
  requests.show(message.requests);
  permissions.show(message);
  ports.show(message.ports);
  others.show(ports.records);
  holds.show(message, others.names);
}

/** @param {ContextState | undefined} context The chosen one. */
function showContext(context) {
  connect.show(context, state?.contexts ?? []);
  listening.show(context);
}

/** @param {RecordBatch} message */
function showRecords({ records, leftOut }) {
  view.add(records);
  if (others.add(records)) others.show(ports.records);
  if (leftOut) complain(byId("left-out"), `${leftOut.toLocaleString("en")} records left out here`);
  connection.batchShown();
}

/** @param {string} reason */
function ended(reason) {
  over = true;
  document.body.classList.add("over");
  write(byId("connection"), "Ended");
  complain(byId("ended"), `${reason.replace(/\.?$/, ".")} You can still read what came before, but do nothing more.`);
  for (const control of document.querySelectorAll("[data-command], [data-acts]")) {
    refuse(/** @type {HTMLElement} */ (control), reason);
  }
}

listenForKeys([
  { key: "c", does: "Contexts", run: () => contexts.focus() },
  { key: "o", does: "Open a port or ask from the chosen context", run: () => connect.focus() },
  { key: "a", does: "Open requests, to answer", run: () => requests.focus() },
  { key: "u", does: "Permission requests", run: () => permissions.focus() },
  { key: "h", does: "Held messages", run: () => holds.focus() },
  { key: "p", does: "Python’s ports", run: () => ports.focus() },
  { key: "m", does: "Message for the chosen port", run: () => ports.focusMessage() },
  { key: "r", does: "Other open ports", run: () => others.focus() },
  { key: "t", does: "Timeline", run: () => byId("timeline").focus() },
  { key: "↑ ↓ ← →", does: "In the tree and the lists" },
  { key: "Ctrl+Enter", does: "In a field for a message: send" },
]);
