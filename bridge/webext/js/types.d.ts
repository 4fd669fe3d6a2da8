/** The few types of the WebExtension API that the agent and the relay use, and those of their configuration. */

import type {
  FromAgent,
  ToAgent,
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

/** As much of a Port as a link needs. */
export interface LinkPort {
  postMessage(body: string): void;
  onMessage: { addListener(listener: (body: string) => void): void };
  onDisconnect: { addListener(listener: () => void): void };
  disconnect?(): void;
}

export interface Api {
  action?: object;
  runtime: {
    id: string;
    getURL(path: string): string;
    lastError?: { message: string } | null;
    connect(extensionId: string, info: { name: string }): Port;
    onConnectExternal: Event_<(port: Port) => void>;
  };
}

/** `webext/edits.py` describes it. */
export interface ManifestEdit {
  path: (string | number)[];
  drop?: number;
  link?: string | string[];
  value?: any;
}

/** What `bridge/protocol/` says besides the frames. */
export interface Protocol {
  version: number;
  /** Characters of a body that go through the relay in one piece. */
  maxPiece: number;
  /** What a piece begins with. */
  piece: string;
  /** What the last one begins with. */
  lastPiece: string;
}

/** What `webext/generated.py` writes in place of PORTBRIDGE_CONFIG in agent.js. */
export interface AgentConfig {
  protocol: Protocol;
  kind: "background" | "content" | "page" | "external" | "web";
  relay: string;
  /** Only an agent's connection to the relay has this name. */
  linkName: string;
  searchEvent: string;
  /** Events to listen to from the first moment on, until Python says which it wants. */
  guard: string[];
  /** The agent may connect to Python itself. */
  dials: boolean;
  /** The agent is for a service worker, whose script pages may load as well. */
  worker?: boolean;
  /** A page that comes back from the back/forward cache has lost its ports. */
  cacheClosesPorts: boolean;
  /** Messages are cloned structurally here, else they are JSON. */
  structured: boolean;
  /** The agent stands in the relay itself. */
  local?: boolean;
  /** What leads from the copy's manifest to the author's. */
  manifest: ManifestEdit[];
  /** What watch.js gets from here. */
  watch: { limit: number; native: boolean };
  /** Report this token at once; for agents that Playwright put into a page. */
  token?: string;
}

/** Runs an action and returns what it returns. */
export type Unwatched = <T>(action: () => T) => T;

/** watch.js: what it returns runs the agent's own calls, which go by unwatched. */
export type Watch = (config: WatchConfig) => Unwatched;

/** What the agent gives to link.js. */
export interface LinkConfig {
  protocol: Protocol;
  /** Open a port to the relay. */
  connect(): LinkPort;
  /** Whether a function is the browser's own. */
  isNative(f: Function): boolean;
  onFrame(frame: ToAgent, payload: string | undefined): unknown;
  /** That threw, the text was no frame, or a payload of ours cannot be read. */
  onLost(frame: ToAgent | FromAgent | undefined, error: unknown): void;
  /** The link is gone; what waits for answers waits in vain. */
  onClose(): void;
  /** The socket of its own was cut. */
  onCut(): void;
}

export interface Link {
  /** How often it was opened; what belongs to an earlier life is of no use in a later one. */
  readonly life: number;
  open(): void;
  close(): void;
  send(frame: FromAgent, payload?: string | Promise<string>): void;
  dial(url: string): void;
  moved(): void;
}

/** link.js. */
export type MakeLink = (config: LinkConfig) => Link;

/** A frame whose payload may be cut. */
export type WatchedMessage = WatchedPost | WatchedRequest | WatchedHearing | WatchedAnswer;

/** What the agent gives to watch.js. */
export interface WatchConfig {
  api: Api;
  /** All objects that have the API: Firefox has two. */
  apis: Set<any>;
  encode(value: unknown): string | Promise<string>;
  tell(frame: WatchedOpen | WatchedAccept | WatchedClose | WatchedMessage, payload?: string): void;
  /** Returns the sender that the browser made, in a copy; an empty one if a script has made something else of it. */
  copySender(port: { sender?: unknown }): Record<string, unknown>;
  /** Characters of a message that Python keeps. */
  limit: number;
  /** Whether the extension has the permission nativeMessaging from the start. */
  native: boolean;
}

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
  const PORTBRIDGE_WATCH: any;
}
