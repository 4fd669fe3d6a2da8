// @ts-check
/**
 * The agent's ports: those that Python holds in this context, whether it opened or accepted them.
 *
 * The package puts this expression into the agent.
 */
((/** @type {import("./types").PortsConfig} */ config) => {
  "use strict";

  /** @typedef {import("./frames").FromAgent} FromAgent */
  const { api, locate, decode, copySender, scriptError, unwatched, send, report, reportValue } = config;

  class Ports {
    /** @type {Map<number, import("./types").Port>} */ #ports = new Map();
    #nextId = 1; // odd, since ports that Python opens get even numbers

    /** @param {number} id @param {string} path @param {string} payload */
    connect(id, path, payload) {
      try {
        const [owner, name] = locate(path);
        this.#watch(
          id,
          unwatched(() => owner[name](...decode(payload))),
        );
      } catch (error) {
        send({ type: "disconnected", port: id, error: scriptError(error) });
      }
    }

    /** @param {string} event @param {import("./types").Port} port @param {number} since */
    accept(event, port, since) {
      const id = this.#nextId;
      this.#nextId += 2;
      const name = typeof port.name === "string" ? port.name : null; // a script may have set it to anything
      report(event, { type: "accepted", port: id, event, name, sender: copySender(port), since });
      this.#watch(id, port, event);
    }

    /** @param {number} id @param {string} payload */
    post(id, payload) {
      const port = this.#ports.get(id);
      if (!port) throw new Error("This is a disconnected port"); // Python says it in the browser's words
      const message = decode(payload);
      unwatched(() => port.postMessage(message));
    }

    /** @param {number} id */
    disconnect(id) {
      const port = this.#ports.get(id);
      this.#ports.delete(id);
      send({ type: "closed", port: id });
      unwatched(() => port?.disconnect());
    }

    /**
     * Drop a port that the guard accepted and Python does not want. It belongs to the extension's listeners. If there are
     * none, disconnect it, as the browser would have done without the guard. Firefox cannot tell whether there are any.
     * @param {FromAgent} frame
     */
    forget(frame) {
      if (frame.type !== "accepted") return;
      const port = this.#ports.get(frame.port);
      this.#ports.delete(frame.port);
      const [owner, name] = locate(frame.event);
      if (owner[name].hasListeners?.() === false) unwatched(() => port?.disconnect());
    }

    /** The link broke, and Python has forgotten its ports: disconnect them. */
    abandon() {
      const ports = [...this.#ports.values()];
      this.#ports.clear();
      for (const port of ports) {
        try {
          unwatched(() => port.disconnect());
        } catch {
          // a script has replaced disconnect()
        }
      }
    }

    /** @param {number} id @param {import("./types").Port} port @param {string} [event] */
    #watch(id, port, event) {
      this.#ports.set(id, port);
      /** @type {FromAgent} */
      const frame = { type: "message", port: id };
      /** @param {any} message */
      const onMessage = (message) => {
        if (this.#ports.get(id) === port) reportValue(event, frame, message);
      };
      const onDisconnect = () => {
        const error = port.error ?? api.runtime.lastError; // lastError is set only during this callback
        if (this.#ports.get(id) !== port) return;
        this.#ports.delete(id);
        report(event, { type: "disconnected", port: id, error: error ? scriptError(error) : undefined });
      };
      unwatched(() => {
        port.onMessage.addListener(onMessage);
        port.onDisconnect.addListener(onDisconnect);
      });
    }
  }

  return new Ports();
})
