// @ts-check
/** A field in which somebody types a message as JSON. Ctrl+Enter submits its form. */

import { complain } from "./dom.js";

export class MessageField {
  #area;
  #error;
  /** The texts of what else the field was used for. @type {Map<number, string>} */
  #drafts = new Map();

  /**
   * @param {HTMLTextAreaElement} area
   * @param {HTMLElement} error Where it says what is wrong.
   */
  constructor(area, error) {
    this.#area = area;
    this.#error = error;
    area.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      area.form?.requestSubmit();
    });
    area.addEventListener("input", () => this.complain(""));
  }

  /** The text, if it is JSON; otherwise says what is wrong, and returns undefined. */
  read() {
    const text = this.#area.value;
    const wrong = text.trim() ? whyNoJson(text) : "Type a message, as JSON.";
    this.complain(wrong);
    return wrong ? undefined : text;
  }

  /** Says what is wrong; "" clears it. @param {string} text */
  complain(text) {
    complain(this.#error, text, this.#area);
  }

  /**
   * Keeps the text for when the field is used for `former` again, and shows what was typed for `next`.
   *
   * @param {number | undefined} former
   * @param {number | undefined} next
   * @param {string} [initial] What is shown for `next` at first; by default what is there.
   */
  exchange(former, next, initial) {
    if (former !== undefined) this.#drafts.set(former, this.#area.value);
    if (next !== undefined) this.#area.value = this.#drafts.get(next) ?? initial ?? this.#area.value;
    this.complain("");
  }

  focus() {
    this.#area.focus();
  }
}

/** @param {string} text */
function whyNoJson(text) {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return `This is not JSON: ${/** @type {Error} */ (error).message}`;
  }
}
