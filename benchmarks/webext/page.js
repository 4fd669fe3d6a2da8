/**
 * An extension page: a measuring end. It listens to no connection, or whatever connects to the background would reach
 * it too.
 */
api.runtime.connect({ name: "echoes in page" }).onMessage.addListener((message, port) => port.postMessage(message));

if (BENCH.url) {
  openEcho(`${BENCH.url}echo/page`);
  serveAs("onward", api.runtime.connect({ name: "goes onward in page" }));
}

const orders = api.runtime.connect({ name: "takes orders in page" });
orders.onMessage.addListener(async (order) => orders.postMessage(await obey(order)));
