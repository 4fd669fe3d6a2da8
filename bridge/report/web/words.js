// @ts-check
/** Events in words. */
import { line, show } from "./payload.js";
import { labelOf, shortAddress } from "./places.js";
import { counted, quoted, visible } from "./text.js";

/**
 * @typedef {import("./model.js").Event} Event
 * @typedef {import("./model.js").End} End
 * @typedef {import("./model.js").Port} Port
 */

/** @type {Record<import("./model.js").Kind, string>} */
export const KIND_WORDS = {
  launch: "launch",
  begin: "begins",
  end: "ends",
  connect: "connect",
  accept: "accept",
  post: "message",
  disconnect: "disconnect",
  request: "request",
  hear: "heard",
  answer: "answer",
  console: "console",
  dispatch: "dispatch",
  route: "route",
  omitted: "left out",
  unknown: "unknown",
};
/** @type {Record<string, string>} */
const ACTORS = { script: "by a script", python: "by Python", browser: "by the browser" };

/** Seconds since the launch. @param {Event} event @param {number} [digits] */
export const timeOf = (event, digits = 3) => event.time.toFixed(digits);

/** @param {Event} event */
export const isFailure = ({ kind, record }) =>
  kind === "console" ? record.level === "error" : Boolean(record.error);

/** @param {End | null} end */
export const endText = (end) => {
  if (!end) return "";
  const place = labelOf(end.place);
  return end.lifeline.kind === "python" ? `Python in ${place}` : place;
};

/** @param {Event} event */
export const fromText = (event) => endText(event.from);

/** @param {Event} event */
export const toText = (event) => event.to().map(endText).join(", ");

/** @param {Port | null} port */
const portText = (port) => {
  if (!port) return "";
  if (port.name === null) return `port ${port.id}`;
  return port.name === "" ? `port ${port.id}` : visible(port.name);
};

/** The port that an event is about; a route's record has only its name. @param {Event} event */
export const portOf = ({ kind, port, record }) => {
  if (kind !== "route") return portText(port);
  if (record.type === "routedRequest") return "";
  return record.name ? visible(record.name) : record.name === null ? "no name" : "empty name";
};

/** What an event says, in one line. @param {Event} event @returns {string} */
export const tellOf = (event) => {
  const { record } = event;
  switch (event.kind) {
    case "launch":
      return visible(`${record.browser}, ${record.name} ${record.version}, recorded: ${record.record}`);
    case "begin":
      return shortAddress(record.url);
    case "end":
      return visible(record.reason);
    case "connect":
      return visible(`${record.function}${record.target ? ` to ${record.target}` : ""}`);
    case "accept":
    case "hear":
      return visible(record.event);
    case "disconnect":
      return closing(event);
    case "dispatch":
      return `${visible(record.event)}, which did not happen`;
    case "route":
      return visible(record.what) + (event.payload ? `: ${message(event)}` : "");
    case "console":
      return `${record.uncaught ? "uncaught" : visible(record.level)}: ${visible(record.text)}`;
    case "omitted":
      return `${counted(Number(record.count) || 0, "record")} left out here: ${visible(record.reason)}`;
    case "unknown":
      return `a record of an unknown type: ${quoted(String(record.type))}`;
    default:
      return message(event);
  }
};

/** @param {Event} event */
const message = ({ record, payload }) => {
  if (record.error) return visible(record.error);
  if (!payload) return "no answer";
  const cut = payload.length === undefined ? "" : `cut, ${counted(payload.length, "character")}: `;
  return cut + line(show(payload));
};

/** @param {Event} event */
const closing = ({ record, superseded }) => {
  const by = ACTORS[record.by] ?? visible(record.by);
  const why = [record.reason, record.error].filter(Boolean).map(visible).join("; ");
  return `${superseded ? "end seen, " : ""}${by}${why ? `: ${why}` : ""}`;
};

/** An event as one sentence, for a reader who cannot see the diagram. @param {Event} event */
export const sentenceOf = (event) => {
  const to = toText(event);
  const name = portOf(event);
  const port = name ? ` on ${name}` : "";
  const way = `${event.from ? `, ${fromText(event)}` : ""}${to ? ` to ${to}` : ""}`;
  return `${timeOf(event)} s, ${KIND_WORDS[event.kind]}${port}${way}: ${tellOf(event)}`;
};
