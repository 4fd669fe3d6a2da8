/** The few types of the WebExtension API that the agent and the relay use, and the types of their configuration. */

import type {
  FromAgent,
  RoutedClose,
  RoutedMessage,
  RouteHeld,
  Routed,
  RoutedAsk,
  RoutedEnd,
  Routing,
  ToAgent,
  ToMessageRoute,
  ToRoute,
  WatchedAccept,
  WatchedAnswer,
  WatchedClose,
  WatchedHearing,
  WatchedOpen,
  WatchedPost,
  WatchedRequest,
} from "./frames";

interface Event_<Listener> {
  addListener(listener: Listener): void;
  removeListener(listener: Listener): void;
  hasListener(listener: Listener): boolean;
}

export interface Port {
  name: unknown; // any script of the context may set it; Firefox's tabs.connect(id, {}) makes it null
  error?: { message: string } | null;
  sender?: unknown;
  postMessage(message: any): void;
  disconnect(): void;
  onMessage: Event_<(message: any) => void>;
  onDisconnect: Event_<(port: Port) => void>;
}

/** The part of a Port that a link needs. */
export interface LinkPort {
  postMessage(body: string): void;
  onMessage: { addListener(listener: (body: string) => void): void };
  onDisconnect: { addListener(listener: () => void): void };
  disconnect?(): void;
}

export interface Api {
  action?: object;
  devtools?: { inspectedWindow?: object };
  extension?: { inIncognitoContext: boolean; getViews(properties: { type: string }): object[] };
  /** Only the relay has it. */
  management: {
    onDisabled: Event_<(extension: { id: string }) => void>;
    onUninstalled: Event_<(extension: string | { id: string }) => void>;
  };
  runtime: {
    id: string;
    getManifest(): { devtools_page?: string };
    getURL(path: string): string;
    lastError?: { message: string } | null;
    connect(extensionId: string, info: { name: string }): Port;
    onConnectExternal: Event_<(port: Port) => void>;
  };
}

/** Described in `webext/edits.py`. */
export interface ManifestEdit {
  path: (string | number)[];
  drop?: number;
  link?: string | string[];
  value?: any;
}

/** Constants from `bridge/protocol/`. */
export interface Protocol {
  version: number;
  /** How many characters of a body go through the relay in one piece. */
  maxPiece: number;
  /** The beginning of a piece. */
  piece: string;
  /** The beginning of the last piece. */
  lastPiece: string;
}

/** What `webext/generated.py` writes in place of PORTBRIDGE_CONFIG in agent.js. */
export interface AgentConfig {
  protocol: Protocol;
  kind: "background" | "content" | "page" | "external" | "web";
  relay: string;
  /** Whether there may be a second background, for private windows. */
  splits: boolean;
  /** Whether a page may ask getViews() what it is. */
  tellsViews: boolean;
  /** The name of an agent's port to the relay; no other port has it. */
  linkName: string;
  searchEvent: string;
  /** What Python listens to from the start, until it says so itself; of a service worker, if nothing newer is known. */
  guard: { events: string[]; answers: string[] };
  /** The word by which a service worker's agent knows what is newer; see `browsers/wake_state.py`. */
  wakeState: string;
  /** The agent may connect to Python directly. */
  dials: boolean;
  /** The agent is for a service worker; pages may load that worker's script, too. */
  worker?: boolean;
  /** A page that comes back from the back/forward cache has lost its ports. */
  cacheClosesPorts: boolean;
  /** Messages are structured clones here; otherwise JSON. */
  structured: boolean;
  /** The agent is the one in the relay itself. */
  local?: boolean;
  /** The edits that turn the copy's manifest back into the author's. */
  manifest: ManifestEdit[];
  /** What the browser says if a script posts on a port that it has disconnected. */
  disconnected: string;
  /** Whether the browser calls a listener that was removed while an event fires. */
  callsRemoved: boolean;
  /** Whether what a listener throws is an uncaught error; of a promise that it returns, the browser then tells nobody. */
  listenersThrow: boolean;
  /** What JSON lacks goes to a native application as a message of no bytes; otherwise postMessage() throws. */
  emptyToNative: boolean;
  /** The part for watch.js. */
  watch: { limit: number };
  /** Report this token at once; for agents that Playwright put into a page. */
  token?: string;
}

/** Runs an action and returns what it returns. */
export type Unwatched = <T>(action: () => T) => T;

/** Functions that share one switch. */
export interface Proxies {
  /** Put a proxy in front of a native function, if there is one. `call` gets the arguments of a script's call. */
  replace(owner: any, name: string, call: (native: Function, self: any, args: any[]) => any): void;
  /** Runs the agent's own calls past these proxies. */
  aside: Unwatched;
  /**
   * Call `found` with a member that comes and goes with a permission. Firefox has a getter for it until it is looked up,
   * and removes it for good if the permission is missing then; so it is looked up only when a script does.
   */
  whenThere(owner: any, name: string, found: (member: any) => void): void;
}

/** proxies.js. */
export type MakeProxies = () => Proxies;

/** watch.js. It returns a function that runs the agent's own calls unwatched. */
export type Watch = (config: WatchConfig) => Unwatched;

/** What the agent gives to link.js. */
export interface LinkConfig {
  protocol: Protocol;
  /** Open a port to the relay. */
  connect(): LinkPort;
  /** Whether a function is the browser's own. */
  isNative(f: Function): boolean;
  onFrame(frame: ToAgent, payload: string | undefined): unknown;
  /** `onFrame` threw, a received text was not a frame, or a payload of ours could not be read. */
  onLost(frame: ToAgent | FromAgent | undefined, error: unknown): void;
  /** The link is gone, so no more answers will come. */
  onClose(): void;
  /** The way to Python was cut, though Python is there. With `dials` false, only the relay leads to it. */
  onCut(dials?: boolean): void;
}

export interface Link {
  /** How often it was opened. What belongs to an earlier life is useless in a later one. */
  readonly life: number;
  open(): void;
  close(): void;
  send(frame: FromAgent, payload?: string | Promise<string>): void;
  dial(url: string): void;
  moved(): void;
  /** Whether another port follows when this one ends. */
  go(on: boolean): void;
}

/** link.js. */
export type MakeLink = (config: LinkConfig) => Link;

/** The dotted path of a function or event, such as "tabs.connect": the object that holds its last name, and that name. */
export type Locate = (path: string) => [any, string];
/** Returns a copy of the browser's sender; an empty one if a script has put something else in its place. */
export type CopySender = (port: { sender?: unknown }) => Record<string, unknown>;
export type Send = (frame: FromAgent, payload?: string | Promise<string>) => void;
export type Describe = (error: any) => { name: string; message: string };

/** What the agent gives to events.js. */
export interface EventsConfig {
  locate: Locate;
  encode(value: unknown): string | Promise<string>;
  scriptError: Describe;
  unwatched: Unwatched;
  send: Send;
  /** Run an action; if it throws, tell Python that a frame of that type got lost. */
  attempt(type: string, action: () => unknown): void;
  onConnect(event: string, port: Port, since: number): void;
  /** Returns what the browser's listener is to return. */
  onMessage(event: string, open: boolean, message: unknown, sender: unknown, respond: (value: unknown) => void): unknown;
  /** What an event brought before Python's welcome is not for Python. */
  forget(frame: FromAgent): void;
}

export interface Events {
  /** Whether Python has not said yet what it listens to. */
  readonly guarding: boolean;
  /** Listen to what Python probably does, and hold what that brings. */
  guard(wanted: { events: string[]; answers: string[] }): void;
  /** Python says what it listens to. */
  welcome(events: string[], answers: string[]): void;
  listen(event: string, answers?: boolean): void;
  unlisten(event: string): void;
  /** Send a frame that `event` caused, or hold it until Python says whether it listens. */
  report(event: string | undefined, frame: FromAgent, payload?: string | Promise<string>): void;
  /** The same for a frame with a payload. */
  reportValue(event: string | undefined, frame: FromAgent, value: unknown): void;
}

/** events.js. */
export type MakeEvents = (config: EventsConfig) => Events;

/** What the agent gives to ports.js. */
export interface PortsConfig {
  api: Api;
  locate: Locate;
  decode: Values["decode"];
  copySender: CopySender;
  scriptError: Describe;
  unwatched: Unwatched;
  send: Send;
  report(event: string | undefined, frame: FromAgent): void;
  reportValue: Events["reportValue"];
}

export interface Ports {
  connect(id: number, path: string, payload: string): void;
  accept(event: string, port: Port, since: number): void;
  post(id: number, payload: string): void;
  disconnect(id: number): void;
  /** Drop a port that an event brought before Python's welcome. */
  forget(frame: FromAgent): void;
  /** The link broke, and Python has forgotten its ports. */
  abandon(): void;
}

/** ports.js. */
export type MakePorts = (config: PortsConfig) => Ports;

/** What the agent gives to requests.js. */
export interface RequestsConfig {
  /** Whether sendResponse() works beside a promise. */
  respondsAtOnce: boolean;
  copySender: CopySender;
  reportValue: Events["reportValue"];
}

export interface Requests {
  /** Returns a promise, which keeps the channel open, if Python may answer. */
  hear: EventsConfig["onMessage"];
  respond(request: number, value: unknown): void;
  reject(request: number, message: string): void;
  /** Python does not answer this one. */
  letGo(request: number): void;
  /** The link broke, and Python has forgotten them. */
  abandon(): void;
}

/** requests.js. */
export type MakeRequests = (config: RequestsConfig) => Requests;

/** A frame whose payload may be cut. */
export type WatchedMessage = WatchedPost | WatchedRequest | WatchedHearing | WatchedAnswer;

/** What the agent gives to watch.js. */
export interface WatchConfig {
  api: Api;
  /** All objects that have the API: Firefox has two. */
  apis: Set<any>;
  encode(value: unknown): string | Promise<string>;
  tell(frame: WatchedOpen | WatchedAccept | WatchedClose | WatchedMessage, payload?: string): void;
  copySender: CopySender;
  /** How many characters of a message Python keeps. */
  limit: number;
  proxies: Proxies;
}

/** What the agent gives to routes.js. */
export interface RoutesConfig {
  api: Api;
  /** All objects that have the API: Firefox has two. */
  apis: Set<any>;
  encode(value: unknown): string | Promise<string>;
  decode(text: string): any;
  tell(frame: Routed | RoutedMessage | RoutedClose | RouteHeld, payload?: string | Promise<string>): void;
  unwatched: Unwatched;
  /** As in `WatchConfig`. */
  copySender(port: { sender?: unknown }): Record<string, unknown>;
  /** As in `AgentConfig`. */
  linkName: string;
  structured: boolean;
  disconnected: string;
  callsRemoved: boolean;
  listenersThrow: boolean;
  emptyToNative: boolean;
  proxies: Proxies;
}

/** Makes what stands for a script's listener of an event, in front of it. */
export type StandIn = (path: string, listener: Function) => Function;

export interface Routes {
  /** Have something stand for each listener that scripts add to an event; `scripts` gets these by event and listener. */
  standAt(runtime: any, path: string, scripts: Map<string, Map<Function, Function>>, standInOf: StandIn): void;
  /** Runs the agent's own calls as if there were no routes. */
  unrouted: Unwatched;
  set(routing: Routing): void;
  onFrame(frame: ToRoute, payload: string | undefined): void;
  /** The link is gone. */
  abandon(): void;
}

/** routes.js. */
export type MakeRoutes = (config: RoutesConfig) => Routes;

/** What the agent gives to message_routes.js. */
export interface MessageRoutesConfig {
  apis: Set<any>;
  encode(value: unknown): string | Promise<string>;
  decode(text: string): any;
  tell(frame: RoutedAsk | RoutedEnd, payload?: string | Promise<string>): void;
  copySender(port: { sender?: unknown }): Record<string, unknown>;
  standAt: Routes["standAt"];
  /** As in `RequestsConfig`. */
  respondsAtOnce: boolean;
  structured: boolean;
}

export interface MessageRoutes {
  set(routing: Routing): void;
  /** Returns the answer of the scripts, if the frame wants it. */
  onFrame(frame: ToMessageRoute, payload: string | undefined): unknown;
  /** The link is gone. */
  abandon(): void;
}

/** message_routes.js. */
export type MakeMessageRoutes = (config: MessageRoutesConfig) => MessageRoutes;

/** What values.js gives. */
export interface Values {
  encode(value: unknown, structured: boolean): string | Promise<string>;
  decode(text: string): any;
}

/** The same for relay.js. */
export interface RelayConfig {
  protocol: Protocol;
  url: string;
  linkName: string;
}

declare global {
  var browser: Api | undefined;
  var chrome: Api | undefined;
  var portbridgeLocal: { connect(): LinkPort };
  const PORTBRIDGE_CONFIG: any;
  const PORTBRIDGE_VALUES: any;
  const PORTBRIDGE_LINK: any;
  const PORTBRIDGE_EVENTS: any;
  const PORTBRIDGE_PORTS: any;
  const PORTBRIDGE_REQUESTS: any;
  const PORTBRIDGE_WATCH: any;
  const PORTBRIDGE_PROXIES: any;
  const PORTBRIDGE_ROUTES: any;
  const PORTBRIDGE_MESSAGE_ROUTES: any;
}
