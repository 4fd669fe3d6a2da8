// @ts-check
/**
 * What this page and Python say to each other, one object of JSON in each message of their WebSocket. The same stands in
 * `messages.py`, for Python; a test compares the two.
 *
 * From Python:
 *
 * @typedef {{ type: "hello", version: number, browser: string, extension: string, name: string, recording: boolean, pagePaths: string[] }} Hello
 * @typedef {{ type: "records", records: TrafficRecord[], leftOut: number }} Records
 * @typedef {{ type: "state", contexts: ContextState[], ports: PortState[], pages: PageState[], background: "running" | "stopped" | "none", waiting: boolean, refused: Reasons }} State
 * @typedef {{ type: "done", id: number, port: number | null }} Done
 * @typedef {{ type: "failed", id: number, text: string }} Failed
 * @typedef {{ type: "trouble", port: number, text: string }} Trouble
 * @typedef {{ type: "ended", reason: string }} Ended
 *
 * @typedef {{ id: number, kind: string, url: string, tab: number | null, frame: number | null, running: boolean, listening: string[], refused: Reasons }} ContextState
 * @typedef {{ id: number, name: string | null, function: string, context: Standing, sender: string, record: number | null, closed: string | null, sent: number, received: number, last: string }} PortState
 * @typedef {{ kind: string, url: string, tab: number | null, frame: number | null }} Standing
 * @typedef {{ id: number, url: string }} PageState
 * @typedef {{ [command: string]: string }} Reasons Why commands cannot work.
 * @typedef {{ type: string, [member: string]: any }} TrafficRecord A line of a file of traffic.
 *
 * To Python; each but the first has an `id`, and is answered by `Done` or `Failed`:
 *
 * @typedef {{ type: "seen" }} Seen
 * @typedef {{ type: "connect", context: number, name: string, extension: string }} Connect
 * @typedef {{ type: "connectTab", context: number, tab: number, frame: number | null, name: string }} ConnectTab
 * @typedef {{ type: "connectNative", context: number, application: string }} ConnectNative
 * @typedef {{ type: "listen", context: number, event: string, on: boolean }} Listen
 * @typedef {{ type: "post", port: number, text: string }} Post
 * @typedef {{ type: "disconnect", port: number }} Disconnect
 * @typedef {{ type: "forget", port: number }} Forget
 * @typedef {{ type: "stopBackground" }} StopBackground
 * @typedef {{ type: "startBackground" }} StartBackground
 * @typedef {{ type: "reload" }} Reload
 * @typedef {{ type: "clickAction", page: number | null }} ClickAction
 * @typedef {{ type: "openPage", path: string }} OpenPage
 * @typedef {{ type: "resume" }} Resume
 *
 * @typedef {Hello | Records | State | Done | Failed | Trouble | Ended} FromPython
 * @typedef {Connect | ConnectTab | ConnectNative | Listen | Post | Disconnect | Forget | StopBackground | StartBackground | Reload | ClickAction | OpenPage | Resume} Command
 */

export const VERSION = 1;
