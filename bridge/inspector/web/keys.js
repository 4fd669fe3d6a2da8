// @ts-check
/** Single keys that jump to a part of the page, and the list of them. */

import { byId, make } from "./dom.js";

/**
 * @typedef {object} Key
 * @property {string} key
 * @property {string} does
 * @property {() => void} [run] Missing if other code already handles the key.
 */

/**
 * Makes keys work outside of fields, and lists them in the dialog that "?" opens.
 *
 * @param {Key[]} keys
 */
export function listenForKeys(keys) {
  const help = /** @type {HTMLDialogElement} */ (byId("help"));
  const wanted = /** @type {HTMLInputElement} */ (byId("single-keys"));
  const open = () => help.open || help.showModal();
  const all = [{ key: "?", does: "This list", run: open }, ...keys];
  byId("help-button").addEventListener("click", open);
  byId("keys").append(...all.flatMap(({ key, does }) => [make("dt", "", key), make("dd", "", does)]));
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || help.open) return;
    if (!wanted.checked || takesText(event.target)) return;
    const run = all.find(({ key }) => key === event.key)?.run;
    if (!run) return;
    event.preventDefault();
    run();
  });
}

/** @param {EventTarget | null} target */
function takesText(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button"].includes(target.type);
  return target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName);
}
