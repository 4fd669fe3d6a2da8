// @ts-check
/** Values as a reader sees them: a type, a text, and members that are made one at a time. */
import { counted, cut, grouped, quoted, visible } from "./text.js";

/**
 * @typedef {object} Shown
 * @property {string} type `string`, `number`, `Object`, `Map` ...
 * @property {string} text of a scalar: the value; of a container: what comes before its members on one line
 * @property {number} count of members
 * @property {(index: number) => [string, Shown]} member its name, empty if it has none, and its value
 * @property {string} [brackets] the two characters around the members on one line; without them, the line has no members
 * @property {string} [size] of a container: what to show in its place while its members are visible
 * @property {string} [piece] of a long string: this part of it
 * @property {number} [reference] of an object that occurs more than once: a number that is the same each time
 */

const LONG = 200; // characters; a longer string is shown in pieces
const PIECE = 5_000; // characters of one piece of a long string

/** @param {string} type @param {string} text @returns {Shown} */
export const scalar = (type, text) => ({ type, text, count: 0, member: () => ["", scalar("", "")] });

/**
 * @param {string} type
 * @param {string} text
 * @param {number} count
 * @param {(index: number) => [string, Shown]} member
 * @param {string} [brackets]
 * @returns {Shown}
 */
export const container = (type, text, count, member, brackets) => {
  const size = count && brackets ? `${type} (${grouped(count)})` : undefined;
  return { type, text, count, member, brackets, size };
};

/** Text, long or not. @param {string} value @param {(text: string) => string} write how a short one is written */
export const showText = (value, write = visible) => {
  if (value.length <= LONG) return scalar("string", write(value));
  const shown = container("string", write(cut(value, LONG)), Math.ceil(value.length / PIECE), (index) => [
    "",
    { ...scalar("piece", ""), piece: value.slice(index * PIECE, (index + 1) * PIECE) },
  ]);
  return { ...shown, size: `text of ${counted(value.length, "character")}` };
};

/** @param {any} value one that JSON has @returns {Shown} */
export const showJson = (value) => {
  if (typeof value === "string") return showText(value, quoted);
  if (value === null) return scalar("null", "null");
  if (typeof value !== "object") return scalar(typeof value, Object.is(value, -0) ? "-0" : String(value));
  if (Array.isArray(value)) {
    return container("Array", "", value.length, (index) => [String(index), showJson(value[index])], "[]");
  }
  const keys = Object.keys(value);
  return container("Object", "", keys.length, (index) => [visible(keys[index]), showJson(value[keys[index]])], "{}");
};
