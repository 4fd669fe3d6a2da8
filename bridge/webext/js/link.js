// @ts-check
/**
 * The agent's connection to Python: sends frames, those of one tick together, takes frames, joins those that came in pieces.
 *
 * The package puts this expression into the agent. A link begins as a port to the relay; see `dial` for where it may go on.
 */
((/** @type {import("./types").LinkConfig} */ config) => {
  "use strict";

  /** @typedef {import("./frames").FromAgent} FromAgent */
  const { connect, isNative, onFrame, onLost, onClose, onCut } = config;
  const { maxPiece, piece, lastPiece } = config.protocol;
  const BATCH = 256 * 1024; // characters of small frames that go together; larger batches gain nothing
  // When frames become ready as fast as a script posts in a loop, those of a millisecond go together. (Nobody who waits for
  // an answer before the next message is that fast.)
  const HURRY_MS = 0.25;
  const BURST = 4;
  const { parse, stringify } = JSON;
  // Before a script of the extension may replace them, or what they have.
  const { WebSocket, performance, setTimeout } = globalThis;
  const { send: sendOn, close: closeOf } = WebSocket.prototype;
  const { apply } = Reflect;
  const now = () => performance.now();
  const later = isNative(setTimeout) ? (/** @type {() => void} */ action) => setTimeout(action, 1) : queueMicrotask;

  /**
   * Where to cut a text near `end`: not inside a surrogate pair, whose halves a WebSocket would replace.
   * @param {string} text @param {number} end
   */
  const cut = (text, end) => (/[\ud800-\udbff]/.test(text.charAt(end - 1)) ? end - 1 : end);

  class Link {
    /** @type {import("./types").LinkPort | undefined} */ #port;
    /** @type {WebSocket | undefined} */ #socket; // to Python itself, once this end has moved there
    /** @type {string[] | undefined} */ #held; // what the socket brings before Python has moved, too
    #life = 0;
    #pieces = "";
    #header = ""; // of the last frame, which posts on one port share
    /** @type {import("./frames").ToAgent | undefined} */ #frame;
    /** @type {string[]} */ #ready = [];
    #sent = 0; // when frames were last sent
    #hurried = 0; // how often in a row that was no longer ago than HURRY_MS
    /** @type {Promise<void> | undefined} */ #last; // of the frames that wait for a Blob to be read

    constructor() {
      // What is gathered would go with the document. (A worker is ended without a word.)
      if (globalThis.document) addEventListener("pagehide", () => this.#sendReady());
    }

    get life() {
      return this.#life;
    }

    open() {
      const port = connect();
      this.#port = port;
      this.#life++;
      this.#pieces = "";
      this.#ready = [];
      this.#held = this.#last = undefined;
      port.onMessage.addListener((/** @type {string} */ bodies) => {
        if (port === this.#port) this.#receiveAll(bodies);
      });
      port.onDisconnect.addListener(() => {
        if (port === this.#port) this.close();
      });
    }

    close() {
      if (!this.#port) return;
      this.#port = undefined;
      if (this.#socket) apply(closeOf, this.#socket, []);
      this.#socket = undefined;
      onClose();
    }

    /**
     * Connect to Python itself, and move there: see `Moved` in `protocol/frames.py`. If that fails, nothing changes.
     * @param {string} url
     */
    dial(url) {
      const port = this.#port;
      const socket = new WebSocket(url);
      /** @type {string[]} */
      const held = (this.#held = []);
      socket.onopen = () => {
        if (port !== this.#port) return apply(closeOf, socket, []);
        this.#write({ type: "moved" });
        this.#sendReady();
        this.#socket = socket;
      };
      socket.onmessage = ({ data }) => {
        if (port !== this.#port) return;
        if (this.#held === held) held.push(data);
        else this.#receiveAll(data);
      };
      socket.onclose = () => {
        if (socket !== this.#socket) return;
        port?.disconnect?.(); // the network let go of the socket, and frames are lost: begin anew, through the relay
        this.close();
        onCut();
      };
    }

    /** Python has moved. */
    moved() {
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const bodies of held) this.#receiveAll(bodies);
    }

    /**
     * @param {FromAgent} frame
     * @param {string | Promise<string>} [payload] from `values.encode`
     */
    send(frame, payload) {
      if (!this.#last && typeof payload !== "object") return this.#write(frame, payload);
      const port = this.#port;
      const sent = Promise.resolve(this.#last).then(async () => {
        try {
          const text = await payload;
          if (port === this.#port) this.#write(frame, text);
        } catch (error) {
          if (port === this.#port) onLost(frame, error);
        }
        if (this.#last === sent) this.#last = undefined;
      });
      this.#last = sent;
    }

    /** @param {FromAgent} frame @param {string} [payload] */
    #write(frame, payload) {
      const header = stringify(frame);
      if (this.#socket && frame.type === "accepted") this.#mark(frame.port);
      const body = payload === undefined ? header : `${header}\t${payload}`;
      if (body.length <= maxPiece || this.#socket) return this.#post(body);
      let start = 0;
      for (let end = cut(body, maxPiece); end < body.length; end = cut(body, start + maxPiece)) {
        this.#post(piece + body.slice(start, end));
        start = end;
      }
      this.#post(lastPiece + body.slice(start));
    }

    /** @param {number} port */
    #mark(port) {
      /** @type {FromAgent} */
      const marker = { type: "marker", port };
      this.#postNow(stringify(marker), this.#port);
    }

    /** @param {string} body */
    #post(body) {
      this.#ready.push(body);
      if (this.#ready.length > 1) return;
      const hurries = now() - this.#sent < HURRY_MS;
      this.#hurried = hurries ? this.#hurried + 1 : 0;
      if (this.#hurried < BURST) void this.#sendSoon();
      else later(() => this.#sendReady());
    }

    async #sendSoon() {
      await undefined; // the end of the script that runs; no function that a script of the extension may have replaced
      this.#sendReady();
    }

    #sendReady() {
      this.#sent = now();
      const bodies = this.#ready;
      this.#ready = [];
      for (let start = 0, end = 0; start < bodies.length; start = end) {
        let room = BATCH;
        do room -= bodies[end++].length;
        while (end < bodies.length && bodies[end].length <= room);
        this.#postNow(bodies.slice(start, end).join("\n"));
      }
    }

    /** @param {string} bodies @param {import("./types").LinkPort} [port] for what goes through the relay in any case */
    #postNow(bodies, port = this.#socket ? undefined : this.#port) {
      try {
        if (port) port.postMessage(bodies);
        else if (this.#socket) apply(sendOn, this.#socket, [bodies]);
      } catch {
        this.close(); // an orphan: the extension was reloaded under this content script
      }
    }

    /** @param {string} bodies */
    #receiveAll(bodies) {
      const port = this.#port;
      for (const body of bodies.split("\n")) {
        if (port === this.#port) this.#receive(body); // else one of them ended this life
      }
    }

    /** @param {string} body */
    #receive(body) {
      const whole = body.startsWith("{") ? body : this.#join(body);
      if (whole === undefined) return;
      const [header, payload] = whole.split("\t");
      let frame;
      try {
        frame = this.#parse(header);
        onFrame(frame, payload);
      } catch (error) {
        onLost(frame, error);
      }
    }

    /**
     * @param {string} body a piece of one
     * @returns {string | undefined} the whole, if this is the last piece
     */
    #join(body) {
      this.#pieces += body.slice(1);
      if (body.startsWith(piece)) return;
      const whole = this.#pieces;
      this.#pieces = "";
      return whole;
    }

    /** @param {string} header */
    #parse(header) {
      if (header !== this.#header || !this.#frame) {
        this.#frame = /** @type {import("./frames").ToAgent} */ (parse(header));
        this.#header = header;
      }
      return this.#frame;
    }
  }

  return new Link();
})
