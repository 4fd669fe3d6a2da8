// @ts-check
/** Reads the table of values that `protocol/clone.py` describes. A file may hold anything, so trust nothing in it. */
import { bytesOf, showBytes, showView } from "./binary.js";
import { container, scalar, showJson } from "./shown.js";
import { quoted, visible } from "./text.js";

/** @typedef {import("./shown.js").Shown} Shown */

const BROKEN = scalar("broken", "not a known value");
const LATEST = 8.64e15; // the most milliseconds that a Date can have

/** @param {unknown} table the root, then the nodes @returns {Shown} */
export const showTable = (table) => (Array.isArray(table) ? new Table(table).member(table[0]) : BROKEN);

class Table {
  /** @type {any[]} */ #nodes;
  /** @type {Set<number>} */ #shared = new Set();

  /** @param {any[]} table */
  constructor(table) {
    this.#nodes = table; // nodes are numbered from 1, and the root comes before them
    const met = new Set();
    for (const [reference] of [table[0], ...table.slice(1).flat()].filter(Array.isArray)) {
      if (met.has(reference)) this.#shared.add(reference);
      met.add(reference);
    }
  }

  /** @param {any} member @returns {Shown} */
  member(member) {
    try {
      return this.#member(member);
    } catch {
      return BROKEN;
    }
  }

  /** @param {any} member @returns {Shown} */
  #member(member) {
    if (!Array.isArray(member)) return typeof member === "object" && member ? BROKEN : showJson(member);
    const [type, text] = member;
    switch (type) {
      case "undefined":
        return scalar(type, "undefined");
      case "hole":
        return scalar(type, "empty");
      case "number":
        return scalar(type, visible(text));
      case "bigint":
        return scalar(type, `${visible(text)}n`);
      default:
        return { ...this.#node(this.#nodes[type]), reference: this.#shared.has(type) ? type : undefined };
    }
  }

  /** @param {any[]} node @returns {Shown} */
  #node([type, ...values]) {
    switch (type) {
      case "Object":
        return container(type, "", values.length / 2, (index) => this.#item(values, index), "{}");
      case "Array":
        return container(type, "", values.length, (index) => [String(index), this.member(values[index])], "[]");
      case "Sparse":
        return this.#sparse(values);
      case "Map":
        return container(type, "Map ", values.length / 2, (index) => this.#entry(values, index), "{}");
      case "Set":
        return container(type, "Set ", values.length, (index) => ["", this.member(values[index])], "{}");
      case "Error":
        return this.#error(values);
      case "Boxed":
        return scalar(type, `boxed ${this.member(values[0]).text}`);
      case "Date":
        return scalar(type, `Date ${date(values[0])}`);
      case "RegExp":
        return scalar(type, visible(`/${values[0]}/${values[1]}`));
      case "Opaque":
        return scalar(type, `${visible(values[0])} (content unknown)`);
      default:
        return this.#bytes(type, values);
    }
  }

  /** @param {string} type @param {any[]} values @returns {Shown} */
  #bytes(type, [first, second, third, fourth]) {
    switch (type) {
      case "ArrayBuffer":
        return showBytes(type, bytesOf(first));
      case "Blob":
        return showBytes(`Blob ${quoted(second)}`, bytesOf(first));
      case "File":
        return showBytes(`File ${quoted(third)} ${quoted(second)}`, bytesOf(first));
      case "View":
        return showView(String(first), this.#buffer(second), third, fourth);
      default:
        return BROKEN;
    }
  }

  /** @param {any} member */
  #buffer(member) {
    const [type, base64] = this.#nodes[member[0]];
    return type === "ArrayBuffer" ? bytesOf(base64) : new Uint8Array();
  }

  /** @param {any[]} values @param {number} index @returns {[string, Shown]} */
  #item(values, index) {
    return [visible(values[2 * index]), this.member(values[2 * index + 1])];
  }

  /** @param {any[]} values @returns {Shown} */
  #sparse([length, ...items]) {
    const text = `Array of ${visible(length)} `;
    return container("Array", text, items.length / 2, (index) => this.#item(items, index), "{}");
  }

  /** @param {any[]} values @param {number} index @returns {[string, Shown]} */
  #entry(values, index) {
    const key = this.member(values[2 * index]);
    const value = this.member(values[2 * index + 1]);
    if (!key.count) return [key.text, value];
    return ["", container("entry", "", 2, (part) => (part ? ["value", value] : ["key", key]), "{}")];
  }

  /** @param {any[]} values @returns {Shown} */
  #error([type, name, message, ...items]) {
    const kind = type === "DOMException" ? "DOMException " : "";
    const text = `${kind}${visible(name)}: ${visible(message)}`;
    return container(type, text, items.length / 2, (index) => this.#item(items, index));
  }
}

/** @param {unknown} milliseconds */
const date = (milliseconds) => {
  if (typeof milliseconds !== "number") return "invalid";
  return Math.abs(milliseconds) <= LATEST ? new Date(milliseconds).toISOString() : `${milliseconds} ms`;
};
