// @ts-check
/** The defaults from `traffic/records.py`: a line leaves out members that have them. */

const BY_SCRIPT = { by: "script" };

/** @type {Record<string, Record<string, unknown>>} */
export const DEFAULTS = {
  launched: { format: 1, began: "", browser: "", extension: "", name: "", version: "", record: "python" },
  began: { url: "", tab: null, frame: null },
  ended: { reason: "" },
  opened: { ...BY_SCRIPT, function: "runtime.connect", name: "", target: "", leads_to: null },
  accepted: { ...BY_SCRIPT, event: "runtime.onConnect" },
  posted: BY_SCRIPT,
  closed: { by: "browser", reason: "", error: null },
  asked: { ...BY_SCRIPT, function: "runtime.sendMessage", target: "" },
  heard: { event: "runtime.onMessage" },
  answered: { payload: null, error: null },
  console: { level: "log", text: "", uncaught: false, url: "", line: 0, column: 0 },
  dispatched: {},
  routed: { name: "", payload: null },
  routedRequest: { payload: null },
  omitted: {},
};

/** The record with all its members. @param {any} record */
export const whole = (record) => ({ time: 0, ...DEFAULTS[String(record.type)], ...record });
