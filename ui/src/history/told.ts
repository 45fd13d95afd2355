/** How a version is spoken of: its name, why it is there, and when it was. */
import type { NovelVersionRow, VersionRow } from "../host/host";
import { clock, day, t } from "../shared/i18n.svelte";

/** The author's own name, or why it was kept. Null: it is only a time. What was imported has no time of its own. */
export function nameOf(row: Pick<VersionRow, "kind" | "name" | "at">): string | null {
  if (row.kind === "automatic") return row.at === null ? t("history.imported") : null;
  if (row.kind === "named_novel" && row.name) return t("history.novel", { name: row.name });
  if (row.name) return row.name;
  if (row.kind === "opened") return t("history.opened");
  if (row.kind === "before_restore") return t("history.before_restore");
  if (row.kind === "before_replace") return t("history.before_replace");
  if (row.kind === "before_merge") return t("history.before_merge");
  return t("history.kept");
}

/** Nothing where nobody noted it. */
export function whenOf(at: number | null, now: number): string {
  return at === null ? "" : t("history.when", { day: day(at, now), time: clock(at) });
}

export type Dated = { at: number | null };
export type Days<T> = { day: string; rows: T[] }[];

/** Rows under the day they are of, in their order. */
export function byDay<T extends Dated>(rows: readonly T[], now: number): Days<T> {
  const days: Days<T> = [];
  for (const row of rows) {
    const of = row.at === null ? t("history.beginning") : day(row.at, now);
    const last = days.at(-1);
    if (last?.day === of) last.rows.push(row);
    else days.push({ day: of, rows: [row] });
  }
  return days;
}

/** Only versions that somebody chose to keep can be renamed or forgotten. */
export const isOwn = (row: VersionRow | NovelVersionRow): boolean =>
  row.id !== null && (row.kind === "named" || row.kind === "named_novel");
