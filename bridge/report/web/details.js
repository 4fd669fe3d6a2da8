// @ts-check
/** Everything known about one event, with its payload as a tree. */
import { make } from "./dom.js";
import { show } from "./payload.js";
import { counted, quoted, visible } from "./text.js";
import { Tree } from "./tree.js";
import { endText, fromText, KIND_WORDS, portOf, timeOf, toText } from "./words.js";

/**
 * @typedef {import("./model.js").Event} Event
 * @typedef {import("./model.js").Port} Port
 */

export class Details {
  /** @type {Tree | null} */ #tree = null;
  #content = make("div", { class: "traffic-details-content" });
  #close = make("button", { type: "button", class: "traffic-close", "aria-label": "Close the details" }, "✕");
  #onPort;

  /** @param {{ onClose: () => void, onPort: (port: Port) => void }} options */
  constructor({ onClose, onPort }) {
    this.#onPort = onPort;
    this.element = make("aside", { class: "traffic-details", "aria-label": "Details", hidden: "" });
    this.element.append(this.#close, this.#content);
    this.#close.addEventListener("click", onClose);
  }

  get isOpen() {
    return !this.element.hidden;
  }

  close() {
    this.element.hidden = true;
    this.#tree = null;
    this.#content.replaceChildren();
  }

  focus() {
    (this.#tree ?? this.#close).focus();
  }

  /** @param {Event} event @param {string} began the time of the launch, in ISO 8601 */
  open(event, began) {
    const { record, payload, port } = event;
    this.#tree = payload ? new Tree(show(payload)) : null;
    const list = make("dl", { class: "traffic-facts" });
    for (const [name, text] of this.#facts(event, began)) {
      if (text) list.append(make("dt", {}, name), make("dd", {}, text));
    }
    const only = port && make("button", { type: "button", class: "traffic-only" }, "Only this port");
    if (port && only) only.addEventListener("click", () => this.#onPort(port));
    const title = make("h2", { class: "traffic-title" }, KIND_WORDS[event.kind]);
    this.#content.replaceChildren(title, list, only || "", this.#cut(record.payload) ?? "", this.#tree?.element ?? "");
    this.element.hidden = false;
    this.element.scrollTop = 0;
  }

  /** @param {any} payload */
  #cut(payload) {
    if (payload?.length === undefined) return null;
    const [kept, whole] = [counted(payload.text?.length ?? 0, "character"), counted(payload.length, "character")];
    const text = `Cut: the record has the first ${kept} of ${whole} of the message's text.`;
    return make("p", { class: "traffic-cut" }, text);
  }

  /** @param {Event} event @param {string} began @returns {[string, string][]} */
  #facts(event, began) {
    const { record, port } = event;
    const name = port && (port.name === null ? "has none" : quoted(port.name));
    return [
      ["Time", `${timeOf(event, 6)} s${clock(began, event.time)}`],
      ["From", fromText(event)],
      ["To", toText(event)],
      ["Address", visible(event.from?.place.url || "")],
      ["Port", port ? `${port.id}, name ${name}` : portOf(event)],
      ["Opened", port && event.kind !== "connect" ? opened(port) : ""],
      ["By", visible(record.by ?? "")],
      ["Call", visible(record.function ?? "")],
      ["Target", visible(record.target ?? "")],
      ["Event", visible(record.event ?? "")],
      ["Route", visible(record.what ?? "")],
      ["Reason", visible(record.reason ?? "")],
      ["Error", visible(record.error ?? "")],
      ["Level", visible(record.level ?? "")],
      ["Text", visible(record.text ?? "")],
      ["Script", event.kind === "console" && record.url ? `${visible(record.url)}:${record.line}:${record.column}` : ""],
      ["Left out", record.count === undefined ? "" : counted(Number(record.count), "record")],
    ];
  }
}

/** @param {Port} port */
const opened = ({ opener, connect, closed }) => {
  const end = closed ? `, closed at ${timeOf(closed)} s` : "";
  return connect ? `at ${timeOf(connect)} s by ${endText(opener)}${end}` : `before the record begins${end}`;
};

/** @param {string} began @param {number} seconds */
const clock = (began, seconds) => {
  const at = new Date(Date.parse(began) + seconds * 1000);
  return Number.isNaN(at.getTime()) ? "" : `, ${at.toISOString().replace("T", " ").replace("Z", " UTC")}`;
};
