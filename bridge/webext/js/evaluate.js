// @ts-check
/**
 * Turns what an expression came to into an answer for Python: the function that it made is called, a promise awaited.
 *
 * The browser's debugger runs this in the world of the extension's scripts, for one `Context.evaluate()`; nothing of it
 * stays there. An answer is `=` and the value's text, `!` and what was thrown, or nothing if the value is falsy while
 * only a truthy one is wanted.
 */
(async (
  /** @type {any} */ it,
  /** @type {boolean} */ thrown, // whether `it` was thrown
  /** @type {string} */ argument,
  /** @type {boolean} */ wanted, // whether only a truthy value is wanted
) => {
  "use strict";
  const values = /** @type {import("./types").Values} */ (PORTBRIDGE_VALUES);

  /** @param {any} error which may be anything */
  const described = (error) => {
    try {
      const { name, message, stack } = error ?? {};
      return { name: String(name || "Error"), message: String(message ?? error), stack: String(stack ?? "") };
    } catch {
      return { name: "Error", message: "What was thrown cannot be read", stack: "" };
    }
  };

  try {
    if (thrown) throw it;
    const value = await (typeof it === "function" ? it(values.decode(argument)) : it);
    return wanted && !value ? "" : `=${await values.encode(value, true)}`;
  } catch (error) {
    return `!${JSON.stringify(described(error))}`;
  }
})
