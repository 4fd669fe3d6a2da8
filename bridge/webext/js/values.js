// @ts-check
/**
 * Values as text: JSON if that keeps everything in the value, else the table that `protocol/clone.py` describes.
 *
 * The package puts this expression into the agent. It runs with the prototypes of the extension under test, which may
 * have changed them. It tells types by `Object.prototype.toString`, since an object may come from another global.
 */
(() => {
  "use strict";

  const MARK = "*";
  const CHUNK = 0x8000; // arguments that String.fromCharCode takes at once
  const DIGITS = 600; // of a bigint in decimal
  const HOLES = 100_000; // in the arrays of one message that are written in full
  const ERRORS = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
  const ERROR_MEMBERS = ["stack", "cause", "errors"];
  const { parse, stringify } = JSON;

  /** @param {unknown} value */
  const typeOf = (value) => Object.prototype.toString.call(value).slice(8, -1);

  /** @param {ArrayBuffer} buffer */
  const toBase64 = (buffer) => {
    const length = buffer.byteLength;
    let text = "";
    for (let at = 0; at < length; at += CHUNK) {
      // Not subarray(): Firefox forbids that to a content script if the buffer is the page's, as a Blob's is (153).
      text += String.fromCharCode(...new Uint8Array(buffer, at, Math.min(CHUNK, length - at)));
    }
    return btoa(text);
  };

  /** @param {string} text */
  const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

  // Long ones are hexadecimal: Python refuses to read thousands of decimal digits, which takes quadratic time.
  /** @param {bigint} value */
  const fromBigInt = (value) => {
    const text = String(value);
    if (text.length <= DIGITS) return text;
    return text[0] === "-" ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
  };

  /** @param {string} text */
  const toBigInt = (text) => (text.startsWith("-0x") ? -BigInt(text.slice(1)) : BigInt(text));

  /**
   * Whether JSON keeps everything in the value: it has no types that JSON lacks, no holes, nothing shared.
   * @param {unknown} root
   */
  const isPlain = (root) => {
    const waiting = [root];
    let met; // the objects, once there is more than one: most messages are flat
    let objects = 0;
    while (waiting.length) {
      const value = /** @type {any} */ (waiting.pop());
      if (typeof value === "string" || typeof value === "boolean" || value === null) continue;
      if (typeof value === "number") {
        if (!Number.isFinite(value) || Object.is(value, -0)) return false;
        continue;
      }
      if (typeof value !== "object") return false;
      if (++objects > 1) {
        met ??= new Set([root]);
        if (met.has(value)) return false;
        met.add(value);
      }
      const isArray = Array.isArray(value);
      if (!isArray && typeOf(value) !== "Object") return false;
      const members = Object.values(value);
      if (isArray && members.length < value.length) return false;
      for (const member of members) waiting.push(member);
    }
    return true;
  };

  /** Writes a table. */
  class Writer {
    /** @type {object[]} */ #objects = [];
    /** @type {Map<object, number>} */ #indexes = new Map();
    /** @type {Promise<void>[]} */ #reading = [];
    #holes = 0;

    /**
     * @param {unknown} root
     * @returns {string | Promise<string>} a promise if a Blob has to be read
     */
    write(root) {
      const table = [this.#member(root)];
      for (const value of this.#objects) table.push(this.#node(value)); // #node() adds more
      const text = () => MARK + stringify(table);
      return this.#reading.length ? Promise.all(this.#reading).then(text) : text();
    }

    /** @param {any} value */
    #member(value) {
      switch (typeof value) {
        case "undefined":
          return ["undefined"];
        case "bigint":
          return ["bigint", fromBigInt(value)];
        case "number":
          if (Object.is(value, -0)) return ["number", "-0"];
          return Number.isFinite(value) ? value : ["number", String(value)];
        case "object":
          return value === null ? null : [this.#reference(value)];
        default:
          return value;
      }
    }

    /** @param {object} value */
    #reference(value) {
      const known = this.#indexes.get(value);
      if (known) return known;
      const index = this.#objects.push(value);
      this.#indexes.set(value, index);
      return index;
    }

    /** @param {any} value */
    #node(value) {
      const type = typeOf(value);
      switch (type) {
        case "Object":
          return [type, ...this.#items(value, Object.keys(value))];
        case "Array":
          return this.#array(value);
        case "Map":
          return [type, ...[...value].flat().map((member) => this.#member(member))];
        case "Set":
          return [type, ...[...value].map((member) => this.#member(member))];
        case "Date":
          return [type, Number.isNaN(value.getTime()) ? null : value.getTime()];
        case "RegExp":
          return [type, String(value.source), String(value.flags)];
        case "ArrayBuffer":
          return [type, toBase64(value)];
        case "Blob":
          return this.#read(value, [type, "", value.type]);
        case "File":
          return this.#read(value, [type, "", value.type, value.name, value.lastModified]);
        case "Error":
        case "DOMException": {
          const keys = ERROR_MEMBERS.filter((key) => key in value);
          return ["Error", type, String(value.name), String(value.message), ...this.#items(value, keys)];
        }
        case "Number":
        case "String":
        case "Boolean":
        case "BigInt":
          return ["Boxed", this.#member(value.valueOf())];
        default:
          if (!ArrayBuffer.isView(value)) return ["Opaque", type];
          return ["View", type, this.#member(value.buffer), value.byteOffset, value.byteLength];
      }
    }

    // An array may be long and have nothing in it: its length is no measure of the work that it may cost.
    /** @param {any[]} value */
    #array(value) {
      const keys = Object.keys(value);
      const holes = Math.max(0, value.length - keys.length);
      if (!holes || this.#holes + holes <= HOLES) {
        this.#holes += holes;
        return ["Array", ...Array.from(value, (member, index) => (index in value ? this.#member(member) : ["hole"]))];
      }
      const indexes = keys.filter((key) => String(Number(key) >>> 0) === key && Number(key) < value.length).map(Number);
      return ["Sparse", value.length, ...indexes.flatMap((index) => [index, this.#member(value[index])])];
    }

    /** @param {any} value @param {string[]} keys */
    #items(value, keys) {
      return keys.flatMap((key) => [key, this.#member(value[key])]);
    }

    /** @param {Blob} blob @param {any[]} node */
    #read(blob, node) {
      this.#reading.push(
        blob.arrayBuffer().then((buffer) => {
          node[1] = toBase64(buffer);
        }),
      );
      return node;
    }
  }

  /** Reads the values back from a table. */
  class Reader {
    /** @type {any[][]} */ #nodes;
    /** @type {any[]} */ #objects;

    /** @param {any[][]} nodes */
    constructor(nodes) {
      this.#nodes = nodes;
      this.#objects = nodes.map((node) => this.#begin(node));
    }

    /** @param {any} root */
    read(root) {
      this.#nodes.forEach((node, index) => {
        if (node[0] === "View") this.#objects[index] = this.#view(node); // needs its buffer, and nothing needs a view
      });
      this.#nodes.forEach((node, index) => this.#end(node, this.#objects[index]));
      return this.#member(root);
    }

    /** @param {any} member */
    #member(member) {
      if (!Array.isArray(member)) return member;
      const [type, text] = member;
      if (typeof type === "number") return this.#objects[type - 1];
      if (type === "number") return Number(text);
      return type === "bigint" ? toBigInt(text) : undefined;
    }

    /** @param {any[]} node */
    #begin([type, ...values]) {
      switch (type) {
        case "Object":
          return {};
        case "Array":
          return new Array(values.length);
        case "Sparse":
          return new Array(values[0]);
        case "Map":
          return new Map();
        case "Set":
          return new Set();
        case "Date":
          return new Date(values[0] ?? NaN);
        case "RegExp":
          return new RegExp(values[0], values[1]);
        case "ArrayBuffer":
          return fromBase64(values[0]).buffer;
        case "Blob":
          return new Blob([fromBase64(values[0])], { type: values[1] });
        case "File":
          return new File([fromBase64(values[0])], values[2], { type: values[1], lastModified: values[3] });
        case "Error":
          return this.#error(values[0], values[1], values[2]);
        case "Boxed":
          return Object(this.#member(values[0]));
        default:
          return undefined;
      }
    }

    /** @param {string} type @param {string} name @param {string} message */
    #error(type, name, message) {
      if (type === "DOMException") return new DOMException(message, name);
      const error = new (/** @type {Record<string, ErrorConstructor>} */ (ERRORS)[name] ?? Error)(message);
      if (error.name !== name) this.#define(error, "name", name);
      return error;
    }

    /** @param {any[]} node */
    #view([, type, buffer, offset, length]) {
      const View = /** @type {any} */ (globalThis)[type];
      return new View(this.#member(buffer), offset, length / (View.BYTES_PER_ELEMENT ?? 1));
    }

    /** @param {any[]} node @param {any} value */
    #end([type, ...members], value) {
      switch (type) {
        case "Object":
          return this.#assign(value, members, true);
        case "Array":
          return members.forEach((member, index) => {
            if (member?.[0] !== "hole") value[index] = this.#member(member);
          });
        case "Sparse":
          for (let at = 1; at < members.length; at += 2) value[members[at]] = this.#member(members[at + 1]);
          return;
        case "Map":
          for (let at = 0; at < members.length; at += 2) value.set(this.#member(members[at]), this.#member(members[at + 1]));
          return;
        case "Set":
          for (const member of members) value.add(this.#member(member));
          return;
        case "Error":
          return this.#assign(value, members.slice(3), false);
      }
    }

    /** @param {any} value @param {any[]} items @param {boolean} enumerable */
    #assign(value, items, enumerable) {
      for (let at = 0; at < items.length; at += 2) this.#define(value, items[at], this.#member(items[at + 1]), enumerable);
    }

    // Not by assignment, since assigning to `__proto__` sets the prototype.
    /** @param {any} value @param {string} key @param {any} member @param {boolean} [enumerable] */
    #define(value, key, member, enumerable = false) {
      Object.defineProperty(value, key, { value: member, enumerable, configurable: true, writable: true });
    }
  }

  return {
    /**
     * @param {unknown} value
     * @param {boolean} structured whether it may contain more than JSON can hold
     * @returns {string | Promise<string>} a promise if a Blob has to be read
     */
    encode: (value, structured) => (structured && !isPlain(value) ? new Writer().write(value) : stringify(value)),

    /** @param {string} text */
    decode: (text) => {
      if (!text.startsWith(MARK)) return parse(text);
      const [root, ...nodes] = parse(text.slice(1));
      return new Reader(nodes).read(root);
    },
  };
})()
