// @ts-check
/** What the parts of the page share. Text from outside never becomes markup. */

/**
 * @template {Element} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export const byId = (id) => /** @type {T} */ (/** @type {unknown} */ (document.getElementById(id)));

/**
 * @param {string} tag
 * @param {string} className
 * @param {string} [text]
 */
export function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/**
 * Writes text only if it differs, so that nothing is announced or laid out again for no reason.
 *
 * @param {Element} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Shows in `element` what went wrong; "" clears it. `field` is the one that the user has to correct.
 *
 * @param {HTMLElement} element
 * @param {string} text
 * @param {HTMLElement} [field]
 */
export function complain(element, text, field) {
  write(element, text);
  element.hidden = !text;
  if (!field) return;
  if (text) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

/**
 * Disables a control and says why; "" enables it. It can still have the focus, so that keyboard users get at the reason.
 * Listeners for clicks have to ask `isRefused`.
 *
 * @param {HTMLElement} control
 * @param {string} reason
 */
export function refuse(control, reason) {
  if (control.dataset.usual === undefined) control.dataset.usual = control.title;
  if (control.getAttribute("aria-description") === (reason || null)) return;
  control.title = reason || control.dataset.usual;
  if (reason) {
    control.setAttribute("aria-disabled", "true");
    control.setAttribute("aria-description", reason);
  } else {
    control.removeAttribute("aria-disabled");
    control.removeAttribute("aria-description");
  }
}

/** @param {Element} control */
export const isRefused = (control) => control.getAttribute("aria-disabled") === "true";

/** Why a control is disabled. @param {Element} control */
export const reasonOf = (control) => control.getAttribute("aria-description") ?? "";

/**
 * Fills a `<select>` or `<datalist>`, and keeps the chosen option if it is still there.
 *
 * @param {HTMLSelectElement | HTMLDataListElement} list
 * @param {[value: string, text: string][]} options
 */
export function fill(list, options) {
  const wanted = JSON.stringify(options);
  if (list.dataset.options === wanted) return;
  list.dataset.options = wanted;
  const chosen = list instanceof HTMLSelectElement ? list.value : "";
  list.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
  if (list instanceof HTMLSelectElement && options.some(([value]) => value === chosen)) list.value = chosen;
}

/**
 * Runs `work` with the next animation frame, or soon in a hidden page, which has none.
 *
 * @param {() => void} work
 */
export function nextFrame(work) {
  let waiting = true;
  const run = () => {
    if (waiting) work();
    waiting = false;
  };
  requestAnimationFrame(run);
  setTimeout(run, document.hidden ? 0 : 500);
}
