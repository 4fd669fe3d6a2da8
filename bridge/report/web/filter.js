// @ts-check
/** Which events a reader wants to see. */
import { contains } from "./payload.js";
import { fromText, isFailure, portOf, tellOf, toText } from "./words.js";

/**
 * @typedef {import("./model.js").Event} Event
 * @typedef {import("./model.js").Kind} Kind
 *
 * @typedef {object} Wish null: any
 * @property {string} text
 * @property {string | null} name of the port
 * @property {string | null} lifeline its key
 * @property {string | null} kind a key of `KINDS`
 * @property {number | null} port its number
 */

/** @type {Record<string, [string, (event: Event) => boolean]>} */
export const KINDS = {
  messages: ["messages, requests, answers", ({ kind }) => ["post", "request", "answer"].includes(kind)],
  post: ["messages on ports", ({ kind }) => kind === "post"],
  oneTime: ["requests and answers", ({ request }) => request !== null],
  ports: ["connects and disconnects", ({ kind }) => ["connect", "accept", "disconnect"].includes(kind)],
  places: ["places that begin and end", ({ kind }) => kind === "begin" || kind === "end"],
  console: ["lines on consoles", ({ kind }) => kind === "console"],
  route: ["what routes did", ({ kind }) => kind === "route"],
  dispatch: ["events that did not happen", ({ kind }) => kind === "dispatch"],
  errors: ["errors", isFailure],
};

/** @type {Wish} */
export const ANY = { text: "", name: null, lifeline: null, kind: null, port: null };

/**
 * Whether the reader wants to see an event. A note that records were left out is always shown.
 * @param {Wish} wish
 * @param {Event} event
 */
export const accepts = (wish, event) => {
  if (event.kind === "omitted") return true;
  const { name, lifeline, kind, port, text } = wish;
  if (port !== null && event.port?.id !== port) return false;
  if (name !== null && nameOf(event) !== name) return false;
  if (kind !== null && !KINDS[kind][1](event)) return false;
  if (lifeline !== null && !ends(event).some((end) => end?.lifeline.key === lifeline)) return false;
  return !text || hasText(event, text.toLowerCase());
};

/**
 * The name of the port that an event is about. The record of a route has only the name, not the port.
 * @param {Event} event
 * @returns {string | undefined}
 */
export const nameOf = ({ port, record }) => {
  if (record.type === "routed") return record.name ?? "";
  return port ? (port.name ?? "") : undefined;
};

/** @param {Event} event */
const ends = (event) => [event.from, ...event.to()];

/** @param {Event} event @param {string} wanted */
const hasText = (event, wanted) => {
  if (event.payload && contains(event.payload, wanted)) return true;
  const { record } = event;
  const told = event.payload ? `${record.function ?? ""} ${record.what ?? ""} ${record.name ?? ""}` : `${tellOf(event)} ${record.url ?? ""}`;
  return [fromText(event), toText(event), portOf(event), told].join("\n").toLowerCase().includes(wanted);
};
