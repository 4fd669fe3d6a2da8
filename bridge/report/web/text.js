// @ts-check
/** Makes text that others wrote safe to show: nothing in it stays invisible or reorders the text around it. */

const CONTROLS = "\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2060-\\u206f\\ufff9-\\ufffb";
const BLANKS = "\\u00ad\\u061c\\u115f\\u1160\\u180e\\u200b-\\u200f\\u3164\\ufeff";
const HALVES = "[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]";
const HIDDEN = new RegExp(`[${CONTROLS}${BLANKS}]|${HALVES}`, "g");
const ESCAPES = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/** @param {string} character */
const escape = (character) =>
  ESCAPES.get(character) ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/**
 * The text with escapes for what one cannot see: control characters, direction marks, lone surrogates.
 * @param {unknown} text
 */
export const visible = (text) => String(text).replace(HIDDEN, escape);

/** As `visible`, but lines stay lines. @param {string} text */
export const visibleLines = (text) =>
  text.replace(HIDDEN, (character) => (character === "\n" || character === "\t" ? character : escape(character)));

/** As `visible`, in quotes, as JSON writes it. @param {string} text */
export const quoted = (text) => `"${visible(text.replaceAll("\\", "\\\\").replaceAll('"', '\\"'))}"`;

/** The beginning, with an ellipsis if more follows. @param {string} text @param {number} length */
export const cut = (text, length) => (text.length > length ? `${text.slice(0, length)}…` : text);

/** @param {number} number */
export const grouped = (number) => number.toLocaleString("en");

/** @param {number} number @param {string} one @param {string} [many] */
export const counted = (number, one, many = `${one}s`) => `${grouped(number)} ${number === 1 ? one : many}`;
