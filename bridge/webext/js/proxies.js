// @ts-check
/**
 * Proxies in front of native functions, for those who stand between the extension's scripts and its API.
 *
 * The package puts this expression into the agent. Each call of it returns functions that share one switch: `aside` lets
 * the agent's own calls pass all proxies that `replace` has made.
 */
(() => {
  "use strict";

  const { apply } = Reflect;
  let isAside = 0;

  /** @type {import("./types").Proxies["replace"]} */
  const replace = (owner, name, call) => {
    const native = owner?.[name];
    if (typeof native !== "function") return;
    owner[name] = new Proxy(native, {
      apply: (target, self, args) => (isAside ? apply(target, self, args) : call(target, self, args)),
    });
  };

  /** @type {import("./types").Unwatched} */
  const aside = (action) => {
    isAside++;
    try {
      return action();
    } finally {
      isAside--;
    }
  };

  /** @type {import("./types").Proxies["whenThere"]} */
  const whenThere = (owner, name, found) => {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name);
    if (!descriptor?.get) return found(descriptor?.value);
    const get = new Proxy(descriptor.get, {
      apply(native, self, args) {
        const member = apply(native, self, args);
        found(member);
        return typeof member === "function" ? owner[name] : member; // `found` may have replaced a function
      },
    });
    Object.defineProperty(owner, name, { ...descriptor, get });
  };

  return { replace, aside, whenThere };
})
