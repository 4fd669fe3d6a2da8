// @ts-check
/** Turns each record into an event, and connects it to ports and places, as `traffic/history.py` does. */
import { whole } from "./defaults.js";
import { Places } from "./places.js";

/**
 * @typedef {import("./places.js").Place} Place
 * @typedef {import("./places.js").Lifeline} Lifeline
 * @typedef {import("./payload.js").Payload} Payload
 *
 * @typedef {"launch" | "begin" | "end" | "connect" | "accept" | "post" | "disconnect" | "request" | "hear" | "answer"
 *   | "console" | "dispatch" | "route" | "omitted" | "unknown"} Kind
 *
 * @typedef {object} End where something comes from or goes to
 * @property {Place} place
 * @property {Lifeline} lifeline of the place, or Python's if it acts there
 *
 * @typedef {object} Port as `RecordedPort`
 * @property {number} id
 * @property {string | null} name
 * @property {End} opener
 * @property {End[]} receivers
 * @property {End | null} leadsTo
 * @property {Event | null} connect the event of its opening
 * @property {Event[]} early the opener's last messages, which still get another receiver if the port is accepted later
 * @property {Event | null} closed the event of its end
 *
 * @typedef {object} Request a one-time message
 * @property {End} asker
 * @property {End[]} receivers
 * @property {Event | null} asked
 *
 * @typedef {object} Event one row of the views
 * @property {number} number from 0 on
 * @property {Kind} kind
 * @property {any} record
 * @property {number} time seconds since the launch
 * @property {End | null} from
 * @property {() => End[]} to may return more ends later, when more is known
 * @property {Port | null} port
 * @property {Request | null} request
 * @property {Payload | null} payload
 * @property {boolean} superseded another event says more exactly why the port closed
 */

/** @type {Record<string, Kind>} */
const KINDS = {
  launched: "launch",
  began: "begin",
  ended: "end",
  opened: "connect",
  accepted: "accept",
  posted: "post",
  closed: "disconnect",
  asked: "request",
  heard: "hear",
  answered: "answer",
  console: "console",
  dispatched: "dispatch",
  routed: "route",
  routedRequest: "route",
  omitted: "omitted",
};

const EARLY = 100; // messages kept in a port's `early`, at least

const nobody = () => /** @type {End[]} */ ([]);

export class Model {
  /** @type {Event[]} */ events = [];
  /** @type {Map<number, Port>} */ ports = new Map();
  places = new Places();
  /** @type {Record<string, any>} */ launch = {};
  omitted = 0;
  #count = 0;
  /** @type {Map<number, Request>} */ #requests = new Map();

  /**
   * Add a record.
   * @param {any} line one line of the file, parsed
   * @returns {Event[]} its event, then earlier events about which it tells more
   */
  add(line) {
    const record = whole(line);
    /** @type {Event} */
    const event = {
      number: this.#count++,
      kind: KINDS[String(record.type)] ?? "unknown",
      record,
      time: Number(record.time),
      from: null,
      to: nobody,
      port: null,
      request: null,
      payload: record.payload ?? null,
      superseded: false,
    };
    this.events.push(event);
    const oldest = this.events[0].number;
    return [event, ...this.#take(event, record).filter(({ number }) => number >= oldest)];
  }

  /** Forget the oldest events, but nothing about places and ports. @param {number} count */
  forget(count) {
    this.events.splice(0, count);
  }

  /** @param {Event} event @param {any} record @returns {Event[]} */
  #take(event, record) {
    switch (event.kind) {
      case "launch":
        this.launch = record;
        return [];
      case "begin":
        this.places.begin(event.number, record);
        event.from = this.#end(event, record.place);
        return [];
      case "dispatch":
      case "route":
        event.from = this.#end(event, record.place, "python");
        return [];
      case "console":
        event.from = this.#end(event, record.place);
        return [];
      case "end":
        event.from = this.#end(event, record.place);
        this.places.end(event.number, record.place);
        return [];
      case "omitted":
        this.omitted += Number(record.count) || 0;
        return [];
      case "unknown":
        return [];
      default:
        return "port" in record ? this.#takeOfPort(event, record) : this.#takeOneTime(event, record);
    }
  }

  /** @param {Event} event @param {any} record @returns {Event[]} */
  #takeOfPort(event, record) {
    const end = this.#end(event, record.place, record.by);
    const port = event.kind === "connect" ? this.#opened(event, record, end) : this.#port(event, record.port);
    event.port = port;
    event.from = end;
    switch (event.kind) {
      case "accept":
        port.receivers.push(end);
        return port.connect ? [port.connect, ...port.early] : port.early;
      case "disconnect":
        event.to = () => opposite(port, end);
        return this.#closed(event, port);
      default:
        event.to = () => opposite(port, end);
        if (event.kind === "post" && end.place === port.opener.place) remember(port, event);
        return [];
    }
  }

  /** @param {Event} event @param {any} record @param {End} opener @returns {Port} */
  #opened(event, record, opener) {
    const leadsTo = record.leads_to === null ? null : this.#end(event, record.leads_to);
    const port = { id: record.port, name: record.name, opener, receivers: [], leadsTo, connect: event, early: [], closed: null };
    this.ports.set(record.port, port);
    return port;
  }

  /** @param {Event} event @param {Port} port @returns {Event[]} */
  #closed(event, port) {
    const earlier = port.closed;
    if (earlier && earlier.record.by !== "browser") {
      event.superseded = true;
      return [];
    }
    port.closed = event;
    if (!earlier) return [];
    earlier.superseded = true; // that was only the browser seeing the end; this event says who closed the port
    return [earlier];
  }

  /** @param {Event} event @param {any} record @returns {Event[]} */
  #takeOneTime(event, record) {
    const end = this.#end(event, record.place, record.by);
    const request = event.kind === "request" ? this.#asked(event, record, end) : this.#request(record.request, end);
    event.request = request;
    event.from = end;
    if (event.kind === "hear") {
      request.receivers.push(end);
      return request.asked ? [request.asked] : [];
    }
    if (event.kind === "answer") {
      event.from = request.receivers[0] ?? null;
      event.to = () => [request.asker];
    } else event.to = () => request.receivers;
    return [];
  }

  /** @param {Event} event @param {any} record @param {End} asker @returns {Request} */
  #asked(event, record, asker) {
    const request = { asker, receivers: [], asked: event };
    this.#requests.set(record.request, request);
    return request;
  }

  /** @param {number} id @param {End} asker @returns {Request} */
  #request(id, asker) {
    return this.#requests.get(id) ?? { asker, receivers: [], asked: null };
  }

  /** @param {Event} event @param {number} id @returns {Port} */
  #port(event, id) {
    let port = this.ports.get(id);
    if (!port) {
      const opener = this.#end(event, 0); // the port was opened before the first record that was kept
      port = { id, name: "", opener, receivers: [], leadsTo: null, connect: null, early: [], closed: null };
      this.ports.set(id, port);
    }
    return port;
  }

  /** @param {Event} event @param {number} id of a place @param {string} [by] @returns {End} */
  #end(event, id, by) {
    const place = this.places.place(id, event.number);
    const python = by === "python" ? this.places.python(event.number) : null;
    return {
      place,
      get lifeline() {
        return python ?? place.lifeline; // a getter, since an unknown place gets another lifeline once it is known
      },
    };
  }
}

/** Where a message that is posted at `end` goes. @param {Port} port @param {End} end @returns {End[]} */
const opposite = (port, end) => {
  if (end.place !== port.opener.place) return [port.opener];
  if (port.receivers.length) return distinct(port.receivers);
  return port.leadsTo ? [port.leadsTo] : [];
};

/** @param {Port} port @param {Event} event */
const remember = (port, event) => {
  port.early.push(event);
  if (port.early.length > 2 * EARLY) port.early.splice(0, EARLY);
};

/** The ends without repetitions; on Python's lifeline, ends in different places differ. @param {End[]} ends */
const distinct = (ends) => ends.filter((end, index) => index === ends.findIndex((other) => isSame(end, other)));

/** @param {End} one @param {End} other */
const isSame = (one, other) => one.place === other.place && one.lifeline === other.lifeline;
