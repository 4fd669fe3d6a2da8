// @ts-check
/** What contexts and ports are called. */

/** @import { HeldContext } from "./messages.js" */

/** @type {{ [kind: string]: string }} */
const KINDS = {
  background: "background",
  content: "content script",
  page: "extension page",
  web: "web page",
  external: "another extension",
};

/** @param {{ kind: string }} context */
export const kindOf = ({ kind }) => KINDS[kind] ?? kind;

/**
 * What a context is called.
 *
 * @param {HeldContext} context
 */
export function labelOf(context) {
  const { kind, url, tab, frame } = context;
  if (kind === "native") return `native application ${url}`;
  if (kind === "extension") return `extension ${url}`;
  const where = tab === null ? "" : `, tab ${tab}${frame ? `, frame ${frame}` : ""}`;
  return `${kindOf(context)}${where}`;
}

/** @param {{ name: string | null }} port */
export const nameOf = ({ name }) => (name === null ? "no name" : name === "" ? "empty name" : `“${name}”`);
