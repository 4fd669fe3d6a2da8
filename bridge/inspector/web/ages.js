// @ts-check
/** Since when and for how long something has waited. */

/** @param {number} since In seconds since 1970. */
export function ageOf(since) {
  const seconds = Math.max(0, Math.floor(Date.now() / 1000 - since));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}

/** @param {{ since: number }} waiting */
export const timeOf = ({ since }) => new Date(since * 1000).toLocaleTimeString("en", { hour12: false });
