// @ts-check
/** Times, as a person reads them. All are in seconds since 1970. */

/** For how long something has waited. @param {number} since */
export function ageOf(since) {
  const seconds = Math.max(0, Math.floor(Date.now() / 1000 - since));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}

/** @param {number} seconds */
export const timeOf = (seconds) => new Date(seconds * 1000).toLocaleTimeString("en", { hour12: false });
