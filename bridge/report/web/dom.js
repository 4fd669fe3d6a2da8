// @ts-check
/** Makes elements. Text never becomes markup. */

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} [attributes] `class`, `role`, `aria-...`; null and undefined are left out
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  set(element, attributes);
  add(element, children);
  return element;
};

/**
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[T]}
 */
export const makeSvg = (tag, attributes = {}, ...children) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(element, attributes);
  add(element, children);
  return element;
};

/** @param {Element} element @param {Record<string, unknown>} attributes */
const set = (element, attributes) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) element.setAttribute(name, String(value));
  }
};

/** @param {Element} element @param {Child[]} children */
const add = (element, children) => {
  for (const child of children) {
    if (child) element.append(child);
  }
};
