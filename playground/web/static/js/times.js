const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

const isSameDay = (a, b) => a.toDateString() === b.toDateString();

export const clock = (iso) => CLOCK.format(new Date(iso));
export const day = (iso) => DAY.format(new Date(iso));
export const full = (iso) => FULL.format(new Date(iso));
export const areOneDay = (a, b) => isSameDay(new Date(a), new Date(b));

/** Says when, as in "Today at 14:03". */
export function when(iso) {
  const date = new Date(iso);
  const yesterday = new Date();
  yesterday.setDate(yesterday.getDate() - 1);
  if (isSameDay(date, new Date())) return `Today at ${clock(iso)}`;
  return isSameDay(date, yesterday) ? `Yesterday at ${clock(iso)}` : `${DAY.format(date)} ${clock(iso)}`;
}
