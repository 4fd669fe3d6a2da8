// @ts-check
/** Payloads of records: how to show them, in one line or in full, and whether a text is in them. */
import { scalar, showJson, showText } from "./shown.js";
import { showTable } from "./structured.js";
import { cut } from "./text.js";

/**
 * @typedef {import("./shown.js").Shown} Shown
 *
 * @typedef {object} Payload as `Payload` of `traffic/records.py`
 * @property {unknown} [json]
 * @property {unknown} [structured]
 * @property {string} [source]
 * @property {string} [text]
 * @property {number} [length]
 */

const DEPTH = 4; // levels that one line shows
const BINARY = new Set(["ArrayBuffer", "Blob", "File"]);

/** @param {Payload} payload @returns {Shown} */
export const show = (payload) => {
  if (payload.text !== undefined) return showText(`${payload.text}…`);
  if (payload.source !== undefined) return showSource(payload.source);
  if (payload.structured !== undefined) return showTable(payload.structured);
  return "json" in payload ? showJson(payload.json) : scalar("nothing", "nothing");
};

/** @param {string} source */
const parse = (source) => JSON.parse(source.startsWith("*") ? source.slice(1) : source);

/** @param {string} source @returns {Shown} */
const showSource = (source) => {
  try {
    return (source.startsWith("*") ? showTable : showJson)(parse(source));
  } catch {
    return showText(source);
  }
};

/** The value in one line of about `room` characters at most. @param {Shown} shown @param {number} room */
export const line = (shown, room = 200) => cut(lineOf(shown, room, 0), room);

/** @param {Shown} shown @param {number} room @param {number} depth @returns {string} */
const lineOf = (shown, room, depth) => {
  if (!shown.brackets) return shown.text;
  const [open, close] = shown.brackets;
  if (depth === DEPTH && shown.count) return `${shown.text}${open}…${close}`;
  let text = `${shown.text}${open}`;
  for (let index = 0; index < shown.count; index++) {
    if (text.length > room) return `${text}…`;
    const [name, member] = shown.member(index);
    const named = shown.brackets === "{}" && name ? `${name}: ` : "";
    text += `${index ? ", " : ""}${named}${lineOf(member, room - text.length, depth + 1)}`;
  }
  return text + close;
};

const STRUCTURE = /[{}[\]:,]/; // only a whole line has these, not a single key or value

/**
 * Whether a key or a value in the message contains the text, or the line that shows the message does.
 * @param {Payload} payload
 * @param {string} wanted in lower case
 */
export const contains = (payload, wanted) =>
  inParts(payload, wanted) || (STRUCTURE.test(wanted) && line(show(payload)).toLowerCase().includes(wanted));

/** @param {Payload} payload @param {string} wanted */
const inParts = (payload, wanted) => {
  if (payload.text !== undefined) return payload.text.toLowerCase().includes(wanted);
  if (payload.source === undefined) return hasText(payload.structured ?? payload.json, wanted);
  try {
    return hasText(parse(payload.source), wanted);
  } catch {
    return payload.source.toLowerCase().includes(wanted);
  }
};

// Without recursion: depth has no limit.
/** @param {unknown} root @param {string} wanted */
const hasText = (root, wanted) => {
  const waiting = [root];
  while (waiting.length) {
    const value = waiting.pop();
    if (typeof value !== "object" || value === null) {
      if (String(value).toLowerCase().includes(wanted)) return true;
    } else if (Array.isArray(value)) {
      const from = BINARY.has(value[0]) ? 2 : 0; // skip base64, which nobody searches
      for (let index = from; index < value.length; index++) waiting.push(value[index]);
    } else {
      for (const [key, member] of Object.entries(value)) waiting.push(key, member);
    }
  }
  return false;
};
