/** The days before a day, those without a word among them. */
import type { WrittenDay } from "../host/host";

const SHOWN = 28;

/** As the host writes a day, on the author's clock. */
export function dayOf(date: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The last four weeks up to a day, oldest first. */
export function strip(days: readonly WrittenDay[], today: Date): WrittenDay[] {
  const known = new Map(days.map(({ day, words }) => [day, words]));
  return Array.from({ length: SHOWN }, (_, index) => {
    // At noon, so that a change of the clock at night leaves out no day.
    const date = new Date(today.getFullYear(), today.getMonth(), today.getDate() - (SHOWN - 1 - index), 12);
    const day = dayOf(date);
    return { day, words: known.get(day) ?? 0 };
  });
}
