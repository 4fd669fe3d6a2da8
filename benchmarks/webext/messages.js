/**
 * One-time messages: what the genuine scripts answer, and the pure JavaScript that the bridge is compared with. Every
 * context loads this after ports.js.
 */

/** How to ask from here, by where Python stands in the figure that is compared. */
globalThis.ASKS = {
  page: () => (message) => api.runtime.sendMessage(message),
  content: () => (message) => api.runtime.sendMessage(message),
};

/** The genuine script's listener; what has the member `to` is for somebody else, so this leaves it alone. */
globalThis.answer = (message, sender, sendResponse) => {
  if (!message.to) sendResponse(message);
};

Object.assign(MEASURES, {
  /** `count` requests one after another; each time is the mean of `together` of them, as in `roundTrips`. */
  async asks(_, { count, together, to, ...order }) {
    const ask = ASKS[order.place](order);
    const times = [];
    let start = performance.now();
    for (let done = 1; done <= count; done++) {
      await ask({ x: done, to });
      if (done % together) continue;
      const now = performance.now();
      times.push((now - start) / together);
      start = now;
    }
    return times;
  },

  /** `count` requests at once, until all have their answers. */
  async asksAtOnce(_, { count, to, ...order }) {
    const ask = ASKS[order.place](order);
    const start = performance.now();
    await Promise.all(Array.from({ length: count }, (_, x) => ask({ x, to })));
    return [performance.now() - start];
  },
});
