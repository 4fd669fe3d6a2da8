// @ts-check
/**
 * The agent's connection to Python: sends frames, those of one tick together; receives frames, and joins their pieces.
 *
 * The package puts this expression into the agent. A link begins as a port to the relay, and may move: see `dial`.
 */
((/** @type {import("./types").LinkConfig} */ config) => {
  "use strict";

  /** @typedef {import("./frames").FromAgent} FromAgent */
  const { connect, isNative, onFrame, onLost, onClose, onCut } = config;
  const { maxPiece, piece, lastPiece } = config.protocol;
  const BATCH = 256 * 1024; // characters of small frames that go together; larger batches gain nothing
  // Frames that come as fast as a script can post in a loop are gathered for a millisecond. (Whoever waits for an answer
  // before the next message is never that fast.)
  const HURRY_MS = 0.25;
  const BURST = 4;
  const GATHER_MS = 1;
  // Nobody waits for the report that a script posted a message: it goes with the next frame, or after this. To send each
  // at once would take longer than the message itself, which goes back and forth between scripts meanwhile.
  const REPORT_MS = 5;
  const NOW = 2;
  const LATER = 1;
  const { parse, stringify } = JSON;
  // Taken now, before a script of the extension can replace them or their members.
  const { WebSocket, performance, setTimeout, addEventListener, removeEventListener } = globalThis;
  const { send: sendOn, close: closeOf } = WebSocket.prototype;
  const { apply } = Reflect;
  const now = () => performance.now();
  /** @type {(action: () => void, ms: number) => void} */
  const later = isNative(setTimeout) ? setTimeout : queueMicrotask;

  /**
   * Where to cut a text near `end`: not inside a surrogate pair, whose halves a WebSocket would replace.
   * @param {string} text @param {number} end
   */
  const cut = (text, end) => (/[\ud800-\udbff]/.test(text.charAt(end - 1)) ? end - 1 : end);

  class Link {
    /** @type {import("./types").LinkPort | undefined} */ #port;
    /** @type {WebSocket | undefined} */ #socket; // directly to Python, once this end has moved to it
    /** @type {string[] | undefined} */ #held; // what the socket brings until Python says that it has moved
    #life = 0;
    #pieces = "";
    #header = ""; // of the last frame: posts on one port share it, and need no parsing
    /** @type {import("./frames").ToAgent | undefined} */ #frame;
    /** @type {FromAgent | undefined} */ #written; // the last frame, and its text: a port's messages share one
    #text = "";
    /** @type {string[]} */ #ready = [];
    #due = 0; // when those are to be sent, LATER or NOW
    #sent = 0; // when frames were last sent
    #hurried = 0; // how many sends in a row began within HURRY_MS of the one before
    #goesOn = false; // Python has said welcome, and not that it drops this link
    /** @type {Promise<void> | undefined} */ #last; // done when the last frame that waits for a Blob is sent

    #onPageHide = () => this.#sendReady();

    get life() {
      return this.#life;
    }

    open() {
      const port = connect();
      this.#port = port;
      this.#life++;
      this.#pieces = "";
      this.#ready = [];
      this.#due = 0;
      this.#goesOn = false;
      this.#held = this.#last = undefined;
      port.onMessage.addListener((/** @type {string} */ bodies) => {
        if (port === this.#port) this.#receiveAll(bodies);
      });
      port.onDisconnect.addListener(() => {
        if (port !== this.#port) return;
        const goesOn = this.#goesOn;
        this.close();
        if (goesOn) onCut(); // the relay's worker was stopped: a connection starts it again
      });
    }

    /** @param {boolean} on whether another port follows when this one ends */
    go(on) {
      this.#goesOn = on;
    }

    close() {
      if (!this.#port) return;
      this.#port = undefined;
      if (this.#socket) apply(closeOf, this.#socket, []);
      this.#socket = undefined;
      onClose();
    }

    /**
     * Connect to Python directly, and move to that socket: see `Moved` in `protocol/frames.py`. If the socket does not
     * open, nothing changes.
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
        port?.disconnect?.(); // the socket broke and frames are lost: start over, through the relay
        this.close();
        onCut(false);
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
      if (frame !== this.#written) {
        this.#text = stringify(frame);
        this.#written = frame;
      }
      const header = this.#text;
      if (this.#socket && frame.type === "accepted") this.#mark(frame.port);
      const body = payload === undefined ? header : `${header}\t${payload}`;
      if (body.length <= maxPiece || this.#socket) return this.#post(body, frame.type === "watchedPost" ? LATER : NOW);
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

    /** @param {string} body @param {number} [due] */
    #post(body, due = NOW) {
      this.#ready.push(body);
      if (this.#due >= due) return;
      this.#due = due;
      if (due === LATER) return this.#sendLater(REPORT_MS);
      const hurries = now() - this.#sent < HURRY_MS;
      this.#hurried = hurries ? this.#hurried + 1 : 0;
      if (this.#hurried < BURST) void this.#sendSoon();
      else this.#sendLater(GATHER_MS);
    }

    async #sendSoon() {
      await undefined; // until the running script ends, without a function that the extension may have replaced
      this.#sendReady();
    }

    // Frames still gathered would be lost with the document. (A worker gets no notice of its end.) The listener is there no
    // longer than they are: when a tab closes, Firefox stops each script that still runs in it, at once, and says so on
    // its console.
    /** @param {number} ms */
    #sendLater(ms) {
      if (globalThis.document) addEventListener("pagehide", this.#onPageHide);
      later(() => {
        if (globalThis.document) removeEventListener("pagehide", this.#onPageHide);
        this.#sendReady();
      }, ms);
    }

    #sendReady() {
      this.#due = 0;
      if (!this.#ready.length) return; // they went with a frame that came later
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

    /** @param {string} bodies @param {import("./types").LinkPort} [port] for what must go through the relay */
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
        if (port === this.#port) this.#receive(body); // else one of these frames closed the link
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
     * @param {string} body a piece of a larger body
     * @returns {string | undefined} the whole body, if this is the last piece
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
