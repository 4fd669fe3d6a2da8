// Made by scripts/generate_frames from bridge/protocol/frames.py and its neighbours, which define the frames.

/** What JavaScript threw. */
export interface ScriptError {
  message: string;
  name?: string;
}

/** Whom a script's call addresses; null for what it does not name. */
export interface ScriptTarget {
  extension?: string;
  tab?: number;
  frame?: number;
  document?: string;
  application?: string;
}

/**
 * What goes to Python first: ports of these `names`, and one-time messages that contain one of `messages`.
 *
 * All ports do if `asks`, and all messages if `asksMessages`.
 */
export interface Routing {
  names: string[];
  asks?: boolean;
  messages?: unknown[];
  asksMessages?: boolean;
}

/**
 * An agent's first frame: which context it stands in, and since when, in milliseconds since 1970.
 *
 * `dials` says whether it may connect to Python itself. `view` says of an extension page what it is, as in
 * `Context.view`, if the page can tell. `private` says of a background whether it is that of private windows. Answered
 * by `Welcome`.
 */
export interface Hello {
  type: "hello";
  version: number;
  kind: string;
  url: string;
  time: number;
  dials?: boolean;
  view?: string;
  private?: boolean;
}

/**
 * An `onConnect` or `onConnectExternal` listener got a port; `name` is null if the port's is no string.
 *
 * `since` is when the context began to listen to `event` for Python, in milliseconds since 1970.
 */
export interface Accepted {
  type: "accepted";
  port: number;
  event: string;
  name: string | null;
  sender: Record<string, unknown>;
  since: number;
}

/** A port received a message. Payload: the message. */
export interface Message {
  type: "message";
  port: number;
}

/** A port's `onDisconnect` fired, or its `connect()` threw. */
export interface Disconnected {
  type: "disconnected";
  port: number;
  error?: ScriptError;
}

/** The agent carried out a `Disconnect`; nothing more comes for this port. */
export interface Closed {
  type: "closed";
  port: number;
}

/** The browser refused a `Post`; the port is as open as before. */
export interface Failed {
  type: "failed";
  port: number;
  error: ScriptError;
}

/** The answer to a `Call`, `Listen` or `Unlisten`. Payload: what the call returned, if anything. */
export interface Result {
  type: "result";
  id: number;
  error?: ScriptError;
}

/** The agent could not register its listener for an event of `Welcome`: this context has no such event. */
export interface NotListening {
  type: "notListening";
  event: string;
  error: ScriptError;
}

/**
 * A one-time message came. Payload: the message.
 *
 * If `open`, the asker waits for Python, as long as nobody else answers: see `Respond`, `Reject` and `LetGo`.
 */
export interface Asked {
  type: "asked";
  request: number;
  event: string;
  sender: Record<string, unknown>;
  open?: boolean;
}

/** An event other than a connection or a message fired. Payload: the list of its arguments. */
export interface Fired {
  type: "fired";
  event: string;
}

/** The agent saw the DOM event by which Python searches for the agent of a frame. */
export interface Found {
  type: "found";
  token: string;
}

/** The agent has added its listener for searches again, which was gone; see `BeFindable`. */
export interface Findable {
  type: "findable";
}

/** The scripts of an extension page have run: its `DOMContentLoaded`. */
export interface Loaded {
  type: "loaded";
}

/**
 * A frame failed, and why; `frame` is its type. Nothing is dropped silently.
 *
 * Either the agent or the relay could not carry out a frame of Python's, or the agent could not send one of its own.
 */
export interface Refused {
  type: "refused";
  frame: string;
  reason: string;
}

/**
 * The last frame that comes through the relay, but for markers: all others go over the agent's own socket.
 *
 * The agent says it when its socket is open, and Python then answers with its own. Each end holds what the socket
 * brings until it has read the other's, so that the order of frames stays.
 */
export interface Moved {
  type: "moved";
}

/**
 * Sent through the relay by an agent that sends `Accepted` for `port` over its own socket.
 *
 * Python reads on from the socket once the marker is there. By then it knows the context that opened the connection:
 * that one said hello through the relay before it opened it, and the relay keeps the order.
 */
export interface Marker {
  type: "marker";
  port: number;
}

/** A script opened a port with `function`; `name` is null if Firefox has none. */
export interface WatchedOpen {
  type: "watchedOpen";
  time: number;
  port: number;
  function: string;
  name: string | null;
  target: ScriptTarget;
}

/** A script's listener gets a port. `since` is when the context's scripts began to listen to `event`. */
export interface WatchedAccept {
  type: "watchedAccept";
  time: number;
  port: number;
  event: string;
  name: string | null;
  sender: Record<string, unknown>;
  since: number;
}

/**
 * A script posted a message, or got one. Payload: the message; or its beginning, and `length` is that of all.
 *
 * `after`: how many messages on this port the context's scripts had got by then. Agents report on their own sockets;
 * by this number the recorder puts what one end posted before what the other end answered.
 */
export interface WatchedPost {
  type: "watchedPost";
  time: number;
  port: number;
  after?: number;
  arrived?: boolean;
  length?: number;
}

/**
 * A port closed, perhaps by the script itself. `failed`: with an error, whose text Chromium may keep back.
 *
 * `after` as in `WatchedPost`.
 */
export interface WatchedClose {
  type: "watchedClose";
  time: number;
  port: number;
  after?: number;
  byScript?: boolean;
  failed?: boolean;
  error?: string;
}

/** A script sent a one-time message with `function`. Payload as in `WatchedPost`. */
export interface WatchedRequest {
  type: "watchedRequest";
  time: number;
  request: number;
  function: string;
  target: ScriptTarget;
  length?: number;
}

/** A script's listener gets a one-time message. Payload as in `WatchedPost`. */
export interface WatchedHearing {
  type: "watchedHearing";
  time: number;
  event: string;
  sender: Record<string, unknown>;
  length?: number;
}

/** A script's request was answered, or failed. Payload as in `WatchedPost`, if the answer is not undefined. */
export interface WatchedAnswer {
  type: "watchedAnswer";
  time: number;
  request: number;
  error?: string;
  length?: number;
}

/**
 * A port came, and no script has it yet; or a script has opened one to where no agent is. Answered by `Route...`.
 *
 * Of one that came, `event`, `name` and `sender` are as in `Accepted`. Of one that was opened, `event` and `sender`
 * are null, `target` says whom the call addressed, and `name` is the application's if that is a native one.
 */
export interface Routed {
  type: "routed";
  route: number;
  event: string | null;
  name: string | null;
  sender: Record<string, unknown> | null;
  target?: ScriptTarget;
}

/** A message of the port's opener, or of the receiver's scripts. Payload: the message, unless it is unreadable. */
export interface RoutedMessage {
  type: "routedMessage";
  route: number;
  message: number;
  byOpener: boolean;
  unreadable?: boolean;
}

/** The scripts here called `disconnect()`, or the other end is gone; `error` is the browser's reason. */
export interface RoutedClose {
  type: "routedClose";
  route: number;
  byOpener: boolean;
  error?: ScriptError;
}

/** The answer to `RouteHold`: messages of before needed no answer, those that follow do. */
export interface RouteHeld {
  type: "routeHeld";
  route: number;
  byOpener: boolean;
}

/** A one-time message came, and no script has heard it yet. Payload: the message. */
export interface RoutedAsk {
  type: "routedAsk";
  request: number;
  event: string;
  sender: Record<string, unknown>;
}

/** The scripts have answered the asker; or, if `silent`, they will not, and the asker waits for a `RouteAnswer`. */
export interface RoutedEnd {
  type: "routedEnd";
  request: number;
  silent?: boolean;
}

/**
 * The answer to `Hello`: the events that Python listens to in this context, and of which it may answer messages.
 *
 * `direct` is the address at which the agent, and nobody else, may connect to Python itself, once; see `Moved`.
 */
export interface Welcome {
  type: "welcome";
  events: string[];
  answers?: string[];
  direct?: string;
  routing?: Routing;
}

/** Python has broken off this link, so the agent opens no other. (It does when the relay was stopped.) */
export interface Dropped {
  type: "dropped";
}

/** Open a port with `function`, such as ``runtime.connect``. Payload: the list of its arguments. */
export interface Connect {
  type: "connect";
  port: number;
  function: string;
}

/** Post a message. Payload: the message. Answered by `Result` if it has an id, else by `Failed` if that fails. */
export interface Post {
  type: "post";
  port: number;
  id?: number;
}

/** Disconnect a port. Answered by `Closed`. */
export interface Disconnect {
  type: "disconnect";
  port: number;
}

/**
 * Register a listener for an event such as ``runtime.onConnect``. Answered by `Result`.
 *
 * `answers` says of ``runtime.onMessage`` whether Python may answer; said again, it changes that.
 */
export interface Listen {
  type: "listen";
  id: number;
  event: string;
  answers?: boolean;
}

/** Remove that listener again. Answered by `Result`. */
export interface Unlisten {
  type: "unlisten";
  id: number;
  event: string;
}

/** Call an extension API such as ``storage.local.get``. Payload: the list of its arguments. */
export interface Call {
  type: "call";
  id: number;
  function: string;
}

/** Answer a message. Payload: the answer; none is undefined. Answered by `Result`. */
export interface Respond {
  type: "respond";
  id: number;
  request: number;
}

/** Answer a message with an error. */
export interface Reject {
  type: "reject";
  request: number;
  message: string;
}

/** Python does not answer this message; others may. */
export interface LetGo {
  type: "letGo";
  request: number;
}

/** Add the listener for searches if ``document.open()`` has removed it. Answered by `Findable` if it had. */
export interface BeFindable {
  type: "beFindable";
}

/** Which ports of scripts go to Python first from now on. Answered by `Result`. */
export interface SetRouting {
  type: "setRouting";
  id: number;
  routing: Routing;
}

/** Let the scripts have the port, if they are its receiver. */
export interface RouteConnect {
  type: "routeConnect";
  route: number;
}

/** Let a message go on as it came. */
export interface RoutePass {
  type: "routePass";
  route: number;
  message: number;
  byOpener: boolean;
}

/** Forget a message: Python has it, and posts what is to be posted in its place. */
export interface RouteTake {
  type: "routeTake";
  route: number;
  message: number;
  byOpener: boolean;
}

/** Let the messages of a direction go on without Python, those first that wait for it. */
export interface RouteFree {
  type: "routeFree";
  route: number;
  byOpener: boolean;
}

/** Python wants the messages of a direction again. Answered by `RouteHeld`. */
export interface RouteHold {
  type: "routeHold";
  route: number;
  byOpener: boolean;
}

/** Give a message to that end: it is posted, or given to the scripts here. Payload: the message. */
export interface RoutePost {
  type: "routePost";
  route: number;
  toOpener: boolean;
}

/** Close that end: the port is disconnected, or the scripts here are told that it is gone, and why: `error`. */
export interface RouteClose {
  type: "routeClose";
  route: number;
  toOpener: boolean;
  error?: string;
}

/** Python has no say in that port any more: all goes on as without it. */
export interface RouteLeave {
  type: "routeLeave";
  route: number;
}

/**
 * Let the scripts hear the message. Payload: what they hear in its place, if anything.
 *
 * If it has an id, their answer goes to Python, in a `Result`, and the asker waits for Python's. Otherwise the asker
 * gets it at once, and Python a `RoutedEnd`.
 */
export interface RouteAsk {
  type: "routeAsk";
  request: number;
  id?: number;
}

/** Answer the asker. Payload: the answer; none says that nobody answered. Answered by `Result`. */
export interface RouteAnswer {
  type: "routeAnswer";
  id: number;
  request: number;
}

/** Answer the asker with an error. */
export interface RouteReject {
  type: "routeReject";
  request: number;
  message: string;
}

/** The first frame on a socket. */
export interface Greeting {
  type: "greeting";
  version: number;
}

/** An agent connected to the relay; `sender` is what the browser says of it. */
export interface LinkOpened {
  type: "linkOpened";
  link: number;
  sender: Record<string, unknown>;
}

/** An agent's context is gone. */
export interface LinkClosed {
  type: "linkClosed";
  link: number;
}

/** The browser disabled an extension, perhaps only to reload it, or uninstalled it. Chromium says both then. */
export interface ExtensionUnloaded {
  type: "extensionUnloaded";
  extension: string;
  uninstalled?: boolean;
}

/** Keeps the relay's service worker from being stopped; nothing else comes of it. */
export interface Heartbeat {
  type: "heartbeat";
}

/** Close the link of an agent that broke the protocol. */
export interface Drop {
  type: "drop";
  link: number;
}

export type FromAgent =
  | Hello
  | Accepted
  | Message
  | Disconnected
  | Closed
  | Failed
  | Result
  | NotListening
  | Asked
  | Fired
  | Found
  | Findable
  | Loaded
  | Refused
  | Moved
  | Marker
  | WatchedOpen
  | WatchedAccept
  | WatchedPost
  | WatchedClose
  | WatchedRequest
  | WatchedHearing
  | WatchedAnswer
  | Routed
  | RoutedMessage
  | RoutedClose
  | RouteHeld
  | RoutedAsk
  | RoutedEnd;

export type ToAgent =
  | Welcome
  | Dropped
  | Connect
  | Post
  | Disconnect
  | Listen
  | Unlisten
  | Call
  | Respond
  | Reject
  | LetGo
  | BeFindable
  | Moved
  | SetRouting
  | RouteConnect
  | RoutePass
  | RouteTake
  | RouteFree
  | RouteHold
  | RoutePost
  | RouteClose
  | RouteLeave
  | RouteAsk
  | RouteAnswer
  | RouteReject;

export type ToRoute =
  | RouteConnect
  | RoutePass
  | RouteTake
  | RouteFree
  | RouteHold
  | RoutePost
  | RouteClose
  | RouteLeave;

export type ToMessageRoute =
  | RouteAsk
  | RouteAnswer
  | RouteReject;

export type FromRelay =
  | Greeting
  | LinkOpened
  | LinkClosed
  | ExtensionUnloaded
  | Heartbeat
  | Refused;

export type ToRelay =
  | Drop;
