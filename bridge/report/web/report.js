// @ts-check
/** The page of a report: shows the records that it contains. */
import { visible } from "./text.js";
import { createTrafficView } from "./view.js";

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {any} launch */
const launchText = ({ name, version, browser, extension, began, record }) => {
  const what = [name, version].filter(Boolean).join(" ");
  const parts = [what, extension, browser, began, record && `recorded: ${record}`];
  return parts.filter(Boolean).map(visible).join("  ·  ");
};

const records = JSON.parse(element("records").textContent ?? "[]");
const launched = records.find((/** @type {any} */ record) => record.type === "launched");
element("launch").textContent = launched ? launchText(launched) : "";
createTrafficView(element("view")).add(records);
