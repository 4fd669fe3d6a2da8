// Made by scripts/generate_messages from bridge/inspector/messages.py, which defines the messages.

/** A line of a file of traffic: see bridge/traffic/records.py. */
export type TrafficRecord = { type: string; [member: string]: any };

/** Something that the user can choose to do; see `acts.Act`. */
export interface ActOption {
  name: string;
  label: string;
  done: string;
  argument: string;
  known: string[];
}

/** A context that Python can stand in. */
export interface ContextState {
  id: number;
  kind: string;
  url: string;
  tab: number | null;
  frame: number | null;
  running: boolean;
  listening: ("runtime.onConnect" | "runtime.onConnectExternal" | "runtime.onMessage" | "runtime.onMessageExternal")[];
  refused: Record<string, string>;
}

/**
 * The context in which Python holds a port or heard a one-time message, as it was when Python got it.
 *
 * Of a native application or another extension, `url` is its name or id.
 */
export interface HeldContext {
  kind: string;
  url: string;
  tab: number | null;
  frame: number | null;
}

/** A port in the inspector's list. */
export interface PortState {
  id: number;
  name: string | null;
  function: string;
  context: HeldContext;
  sender: string;
  record: number | null;
  closed: string | null;
  sent: number;
  received: number;
  last: string;
}

/** A name of ports whose messages the inspector holds. */
export interface HoldState {
  name: string;
  ports: number;
  before: number;
}

/** A message that the inspector holds. */
export interface HeldMessageState {
  id: number;
  name: string | null;
  context: HeldContext;
  opener: HeldContext | null;
  sender: string;
  byOpener: boolean;
  message: string;
  json: string | null;
  since: number;
}

/** A one-time message that Python may still answer. */
export interface RequestState {
  id: number;
  context: HeldContext;
  sender: string;
  message: string;
  since: number;
}

/** Something that the extension requests of its user, and that nobody has answered. */
export interface PermissionRequestState {
  id: number;
  permissions: string[];
  origins: string[];
  since: number;
}

/** A page in the browser, on which the toolbar button can be pressed. */
export interface PageState {
  id: number;
  url: string;
}

/** The first message: which browser and extension. */
export interface LaunchInfo {
  type: "launchInfo";
  browser: string;
  extension: string;
  name: string;
  recording: boolean;
  pagePaths: string[];
  acts: ActOption[];
}

/** Records of traffic, in order. The page answers with `BatchShown`; until then it gets no more. */
export interface RecordBatch {
  type: "recordBatch";
  records: TrafficRecord[];
  leftOut: number;
}

/** The current state; sent again whenever it has changed. */
export interface BridgeState {
  type: "bridgeState";
  contexts: ContextState[];
  ports: PortState[];
  requests: RequestState[];
  permissionRequests: PermissionRequestState[];
  hearsPermissionRequests: boolean;
  holds: HoldState[];
  held: HeldMessageState[];
  heldCount: number;
  pages: PageState[];
  background: "none" | "running" | "stopped";
  waiting: boolean;
  refused: Record<string, string>;
  refusedActs: Record<string, string>;
}

/** Command `id` was carried out. */
export interface CommandDone {
  type: "commandDone";
  id: number;
  port: number | null;
  answer: string | null;
}

/** Command `id` was not carried out; `text` says why. */
export interface CommandFailed {
  type: "commandFailed";
  id: number;
  text: string;
}

/** The browser refused a message that had been posted on a port, some time after the command was answered. */
export interface PostRefused {
  type: "postRefused";
  port: number;
  text: string;
}

/** The last message: the bridge is closed, or its browser is gone. */
export interface BridgeEnded {
  type: "bridgeEnded";
  reason: string;
}

/** The page shows the last `RecordBatch`. */
export interface BatchShown {
  type: "batchShown";
}

/** Open a port with ``runtime.connect``. */
export interface ConnectCommand {
  type: "connect";
  id: number;
  context: number;
  name: string;
  extension: string;
}

/** Open a port with ``tabs.connect``. */
export interface ConnectTabCommand {
  type: "connectTab";
  id: number;
  context: number;
  tab: number;
  frame: number | null;
  name: string;
}

/** Open a port with ``runtime.connectNative``. */
export interface ConnectNativeCommand {
  type: "connectNative";
  id: number;
  context: number;
  application: string;
}

/** Send a one-time message with ``runtime.sendMessage``; `text` is JSON. Done when the answer is there. */
export interface AskCommand {
  type: "ask";
  id: number;
  context: number;
  extension: string;
  text: string;
}

/** Send a one-time message with ``tabs.sendMessage``; `text` is JSON. Done when the answer is there. */
export interface AskTabCommand {
  type: "askTab";
  id: number;
  context: number;
  tab: number;
  frame: number | null;
  text: string;
}

/** Start or stop accepting connections to a context, or hearing one-time messages there. */
export interface ListenCommand {
  type: "listen";
  id: number;
  context: number;
  event: "runtime.onConnect" | "runtime.onConnectExternal" | "runtime.onMessage" | "runtime.onMessageExternal";
  on: boolean;
}

/** Post a message; `text` is JSON. */
export interface PostCommand {
  type: "post";
  id: number;
  port: number;
  text: string;
}

/** Close a port. */
export interface DisconnectCommand {
  type: "disconnect";
  id: number;
  port: number;
}

/** Take a closed port off the list. */
export interface ForgetCommand {
  type: "forget";
  id: number;
  port: number;
}

/** Answer a one-time message; `text` is JSON. */
export interface RespondCommand {
  type: "respond";
  id: number;
  request: number;
  text: string;
}

/** Answer a one-time message with an error; `text` is what the asker reads. */
export interface RejectCommand {
  type: "reject";
  id: number;
  request: number;
  text: string;
}

/** Leave a one-time message to the extension's own scripts. */
export interface LetGoCommand {
  type: "letGo";
  id: number;
  request: number;
}

/** Start or stop keeping what the extension requests of its user open for the page's user. */
export interface HearPermissionRequestsCommand {
  type: "hearPermissionRequests";
  id: number;
  on: boolean;
}

/** Grant the extension what it requests. */
export interface AllowCommand {
  type: "allow";
  id: number;
  request: number;
}

/** Refuse the extension what it requests. */
export interface RefuseCommand {
  type: "refuse";
  id: number;
  request: number;
}

/** Start or stop holding what goes over the ports of a name. */
export interface HoldCommand {
  type: "hold";
  id: number;
  name: string;
  on: boolean;
}

/** Let a held message go on as it came. */
export interface PassMessageCommand {
  type: "passMessage";
  id: number;
  message: number;
}

/** Let another message go on in the place of a held one; `text` is JSON. */
export interface ChangeMessageCommand {
  type: "changeMessage";
  id: number;
  message: number;
  text: string;
}

/** Lose a held message. */
export interface DropMessageCommand {
  type: "dropMessage";
  id: number;
  message: number;
}

/** Let all held messages go on; those that follow are held. */
export interface PassAllCommand {
  type: "passAll";
  id: number;
}

/** Stop the background. */
export interface StopBackgroundCommand {
  type: "stopBackground";
  id: number;
}

/** Start the background. */
export interface StartBackgroundCommand {
  type: "startBackground";
  id: number;
}

/** Reload the extension. */
export interface ReloadCommand {
  type: "reload";
  id: number;
}

/** Press the toolbar button on a page; null for the newest. */
export interface ClickActionCommand {
  type: "clickAction";
  id: number;
  page: number | null;
}

/** Open an extension page; an empty path means an empty page. */
export interface OpenPageCommand {
  type: "openPage";
  id: number;
  path: string;
}

/** Do one of `LaunchInfo.acts`, perhaps on a page; null for the newest. */
export interface ActCommand {
  type: "act";
  id: number;
  act: string;
  argument: string;
  page: number | null;
}

/** Let the test that waits in `bridge.inspect()` go on. */
export interface ResumeCommand {
  type: "resume";
  id: number;
}

export type ToPage =
  | LaunchInfo
  | RecordBatch
  | BridgeState
  | CommandDone
  | CommandFailed
  | PostRefused
  | BridgeEnded;

export type Command =
  | ConnectCommand
  | ConnectTabCommand
  | ConnectNativeCommand
  | AskCommand
  | AskTabCommand
  | ListenCommand
  | PostCommand
  | DisconnectCommand
  | ForgetCommand
  | RespondCommand
  | RejectCommand
  | LetGoCommand
  | HearPermissionRequestsCommand
  | AllowCommand
  | RefuseCommand
  | HoldCommand
  | PassMessageCommand
  | ChangeMessageCommand
  | DropMessageCommand
  | PassAllCommand
  | StopBackgroundCommand
  | StartBackgroundCommand
  | ReloadCommand
  | ClickActionCommand
  | OpenPageCommand
  | ActCommand
  | ResumeCommand;

export type FromPage =
  | BatchShown
  | ConnectCommand
  | ConnectTabCommand
  | ConnectNativeCommand
  | AskCommand
  | AskTabCommand
  | ListenCommand
  | PostCommand
  | DisconnectCommand
  | ForgetCommand
  | RespondCommand
  | RejectCommand
  | LetGoCommand
  | HearPermissionRequestsCommand
  | AllowCommand
  | RefuseCommand
  | HoldCommand
  | PassMessageCommand
  | ChangeMessageCommand
  | DropMessageCommand
  | PassAllCommand
  | StopBackgroundCommand
  | StartBackgroundCommand
  | ReloadCommand
  | ClickActionCommand
  | OpenPageCommand
  | ActCommand
  | ResumeCommand;
