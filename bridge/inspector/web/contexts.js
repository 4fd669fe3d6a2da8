// @ts-check
/** The tree of contexts; those in a tab are below that tab. */

import { Choice } from "./choice.js";
import { byId } from "./dom.js";
import { kindOf, labelOf } from "./names.js";

/** @import { ContextState } from "./messages.js" */
/** @import { Item } from "./choice.js" */

export class Contexts {
  #tree;
  /** @type {Map<string, ContextState>} */
  #contexts = new Map();
  /** The context chosen last, in its state at that time. @type {ContextState | undefined} */
  #last;

  /** @param {(context: ContextState) => void} onChoose */
  constructor(onChoose) {
    this.#tree = new Choice(byId("contexts"), (id) => {
      const context = this.#contexts.get(id);
      if (!context) return;
      this.#last = context;
      onChoose(context);
    });
  }

  /** @param {ContextState[]} contexts */
  show(contexts) {
    this.#contexts = new Map(contexts.map((context) => [String(context.id), context]));
    this.#tree.show(itemsOf(contexts));
    if (this.#tree.chosen) return;
    const next = this.#last ? contexts.find((context) => isSuccessor(context, this.#last)) : contexts[0];
    if (next) this.#tree.choose(String(next.id));
  }

  /** The chosen context. */
  get chosen() {
    return this.#contexts.get(this.#tree.chosen);
  }

  focus() {
    this.#tree.focus();
  }
}

/**
 * Whether a context takes the place of a former one, as after a navigation.
 *
 * @param {ContextState} context
 * @param {ContextState | undefined} former
 */
function isSuccessor({ kind, tab, frame }, former) {
  return kind === former?.kind && tab === former.tab && frame === former.frame;
}

/**
 * @param {ContextState[]} contexts
 * @returns {Item[]}
 */
function itemsOf(contexts) {
  const outside = contexts.filter(({ tab }) => tab === null).map((context) => itemOf(context, 1, labelOf(context)));
  const tabs = [...new Set(contexts.map(({ tab }) => tab))].filter((tab) => tab !== null);
  return [...outside, ...tabs.flatMap((tab) => tabItems(contexts, tab))];
}

/**
 * @param {ContextState[]} contexts
 * @param {number} tab
 * @returns {Item[]}
 */
function tabItems(contexts, tab) {
  const inside = contexts.filter((context) => context.tab === tab);
  const items = inside.map((context) => {
    const frame = context.frame ? `, frame ${context.frame}` : "";
    return itemOf(context, 2, `${kindOf(context)}${frame}`);
  });
  return [{ id: `tab ${tab}`, label: `tab ${tab}`, heading: true, level: 1 }, ...items];
}

/**
 * @param {ContextState} context
 * @param {number} level
 * @param {string} label
 * @returns {Item}
 */
function itemOf({ id, url, running, listening }, level, label) {
  const state = running ? (listening.length ? "listening" : "") : "stopped";
  return { id: String(id), label, detail: url, state, dim: !running, level };
}
