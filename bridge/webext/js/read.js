// @ts-check
/**
 * Reads an argument of a line on a console, for Python's `ConsoleLine.values`: its text, or "" if it has none.
 *
 * The browser's debugger runs this in the world of the extension's scripts, and only while Python listens to a console.
 */
(async (/** @type {any} */ it) => {
  "use strict";
  const values = /** @type {import("./types").Values} */ (PORTBRIDGE_VALUES);
  try {
    return await values.encode(it, true);
  } catch {
    return "";
  }
})
