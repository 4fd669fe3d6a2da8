/**
 * What both ends of a measured port do. Every context of the benchmark's extension loads this first.
 *
 * `serve` is the genuine script that whoever measures talks to, be it Python or this same file in another context;
 * `obey` is the pure JavaScript that the bridge is compared with.
 */
globalThis.api = globalThis.browser ?? globalThis.chrome;

/** What the end that was connected to does, by the port's name. */
const SERVES = {
  echo: (port) => port.onMessage.addListener((message) => port.postMessage(message)),
  sink: (port) => port.onMessage.addListener((message) => message.last && port.postMessage("done")),
  source: (port) => port.onMessage.addListener(({ count }) => post(port, count)),
  greet: (port) => port.postMessage("hello"),
  orders: (port) => port.onMessage.addListener(async (order) => port.postMessage(await obey(order))),
  onward(port) {
    let next;
    port.onMessage.addListener((message) => {
      if (next) next.postMessage(message);
      else next = openWay(message, (answer) => port.postMessage(answer));
    });
  },
};

/**
 * Opens a port whose messages go on along some hops, each of them an order of `CONNECTS`; the last end echoes. A last
 * hop that is `once` needs no port: it is an order of `ASKS`.
 */
function openWay([hop, ...hops], listener) {
  if (hop.once) return { postMessage: (message) => ASKS[hop.place](hop)(message).then(listener) };
  const port = CONNECTS[hop.place](hop)(hops.length ? "onward" : "echo");
  if (hops.length) port.postMessage(hops);
  port.onMessage.addListener(listener);
  return port;
}

/** What the end that connects measures; each takes `connect` and the order, and resolves with milliseconds. */
globalThis.MEASURES = {
  /**
   * `count` round trips one after another, of a small message or of a text of `size` characters. Each time is the mean
   * of `together` of them, because the clock ticks in tenths of a millisecond.
   */
  roundTrips(connect, { count, together, size }) {
    const port = connect("echo");
    const text = size && "x".repeat(size);
    const times = [];
    let done = 0;
    let start = performance.now();
    return new Promise((resolve) => {
      port.onMessage.addListener(() => {
        if (++done % together === 0) {
          const now = performance.now();
          times.push((now - start) / together);
          start = now;
        }
        if (done < count) return port.postMessage(text ?? { x: done });
        port.disconnect();
        resolve(times);
      });
      port.postMessage(text ?? { x: 0 });
    });
  },

  /** `count` messages to the other end, which says when it has the last one. */
  out: (connect, { count }) => until(connect("sink"), 1, (port) => post(port, count)),

  /** `count` messages from the other end, from the moment it is asked for them. */
  in: (connect, { count }) => until(connect("source"), count, (port) => port.postMessage({ count })),

  /** `count` messages to the other end and back, all posted at once. */
  echo: (connect, { count }) => until(connect("echo"), count, (port) => post(port, count)),

  /** Opening `count` ports, until each has brought its first message. */
  openPorts(connect, { count }) {
    const start = performance.now();
    return new Promise((resolve) => {
      let greeted = 0;
      const ports = Array.from({ length: count }, () => {
        const port = connect("greet");
        port.onMessage.addListener(() => {
          if (++greeted < count) return;
          const taken = performance.now() - start;
          for (const open of ports) open.disconnect();
          resolve([taken]);
        });
        return port;
      });
    });
  },
};

/** How to connect from here, by where Python stands in the figure that is compared. */
globalThis.CONNECTS = {
  page: () => (name) => api.runtime.connect({ name }),
  content: () => (name) => api.runtime.connect({ name }),
};

function post(port, count) {
  for (let x = 1; x < count; x++) port.postMessage({ x });
  port.postMessage({ x: count, last: true });
}

function until(port, count, start) {
  const began = performance.now();
  return new Promise((resolve) => {
    let received = 0;
    port.onMessage.addListener(() => {
      if (++received < count) return;
      port.disconnect();
      resolve([performance.now() - began]);
    });
    start(port);
  });
}

/**
 * A WebSocket to Python that sends back what it gets: text as it is; what has the mark `>` when it has been at the end
 * of the way whose hops came last as a list. Each way is opened once.
 */
globalThis.openEcho = (url) => {
  const socket = new WebSocket(url);
  const ways = {};
  let way;
  socket.onmessage = ({ data }) => {
    if (data[0] === ">") return way.postMessage(JSON.parse(data.slice(1)));
    if (data[0] !== "[") return socket.send(data);
    way = ways[data] ??= openWay(JSON.parse(data), (message) => socket.send(JSON.stringify(message)));
  };
};

globalThis.serve = (port) => SERVES[port.name]?.(port);

globalThis.serveAs = (role, port) => SERVES[role](port);

globalThis.obey = (order) => MEASURES[order.measure](CONNECTS[order.place](order), order);
