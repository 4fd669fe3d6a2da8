// @ts-check
/** Bytes as a reader sees them. */
import { container, scalar } from "./shown.js";
import { counted, visible } from "./text.js";

/** @typedef {import("./shown.js").Shown} Shown */

const LINE = 16; // bytes
const IN_LINE = 8; // bytes that are shown if they share a line with other values
const VIEWS = /^(?:Big)?(?:Int|Uint|Float)\d+Array$|^Uint8ClampedArray$/;

/** @param {Uint8Array} bytes */
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

/** @param {Uint8Array} bytes */
const ascii = (bytes) => String.fromCharCode(...bytes.map((byte) => (byte < 32 || byte > 126 ? 46 : byte)));

/** @param {unknown} base64 */
export const bytesOf = (base64) => Uint8Array.from(atob(String(base64)), (character) => character.charCodeAt(0));

/** Lines of hexadecimal numbers. @param {string} type @param {Uint8Array} bytes @returns {Shown} */
export const showBytes = (type, bytes) => {
  const more = bytes.length > IN_LINE ? " …" : "";
  const text = `${visible(type)} (${counted(bytes.length, "byte")}) ${hex(bytes.subarray(0, IN_LINE))}${more}`;
  return container(type, text.trimEnd(), Math.ceil(bytes.length / LINE), (index) => {
    const line = bytes.subarray(index * LINE, (index + 1) * LINE);
    const offset = (index * LINE).toString(16).padStart(4, "0");
    return [offset, scalar("bytes", `${hex(line).padEnd(3 * LINE)} ${ascii(line)}`)];
  });
};

/**
 * The numbers in a view on a buffer; for a DataView, or a view that this browser does not know, the bytes.
 * @param {string} type
 * @param {Uint8Array} buffer
 * @param {number} offset
 * @param {number} length in bytes
 * @returns {Shown}
 */
export const showView = (type, buffer, offset, length) => {
  const View = VIEWS.test(type) ? /** @type {any} */ (globalThis)[type] : undefined;
  if (!View) return showBytes(type, buffer.subarray(offset, offset + length));
  const elements = new View(buffer.buffer, offset, length / View.BYTES_PER_ELEMENT);
  const element = (/** @type {number} */ index) => {
    const value = elements[index];
    return scalar(typeof value, typeof value === "bigint" ? `${value}n` : String(value));
  };
  return container(type, `${type} `, elements.length, (index) => [String(index), element(index)], "[]");
};
