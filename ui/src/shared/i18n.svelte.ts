/**
 * The words of the interface, by key. No component holds a sentence of its own.
 *
 * `t` reads the language from state, so a change of language redraws every word. Messages are plain text with
 * `{name}` places; a message with `one` and `other` is chosen by `n` under the language's own plural rule.
 */
import { en } from "./messages/en";
import { fr } from "./messages/fr";

export type Message = string | { one: string; other: string };
export type Messages = Record<keyof typeof en, Message>;
export type MessageKey = keyof typeof en;
export type Locale = "en" | "fr";
type Values = Record<string, string | number>;

const catalogues: Record<Locale, Messages> = { en, fr };

class Language {
  locale = $state<Locale>("en");
  /** Another set of words over the locale's own; tests use it for a right-to-left pseudo language. */
  override = $state<{ messages: Messages; direction: "rtl" | "ltr" } | null>(null);

  get messages(): Messages {
    return this.override?.messages ?? catalogues[this.locale];
  }

  get direction(): "rtl" | "ltr" {
    return this.override?.direction ?? "ltr";
  }
}

export const language = new Language();

/** The locale for a browser's list of languages: the first that we have, else English. */
export function localeFor(preferred: readonly string[]): Locale {
  for (const tag of preferred) {
    const base = tag.toLowerCase().split("-")[0];
    if (base === "en" || base === "fr") return base;
  }
  return "en";
}

export function t(key: MessageKey, values: Values = {}): string {
  const message = language.messages[key];
  const text = typeof message === "string" ? message : pick(message, values.n);
  return text.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    if (value === undefined) return place;
    return typeof value === "number" ? count(value) : value;
  });
}

function pick(message: { one: string; other: string }, n: string | number | undefined): string {
  const category = new Intl.PluralRules(language.locale).select(Number(n ?? 0));
  return category === "one" ? message.one : message.other;
}

/** A number as the language writes it: 1,064 or 1 064. */
export function count(n: number): string {
  return new Intl.NumberFormat(language.locale).format(n);
}

/** How long ago, in the fewest words: `2 s`, `5 min`, else the hour of the day. */
export function ago(then: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - then) / 1000));
  if (seconds < 60) return t("time.seconds", { n: seconds });
  if (seconds < 3600) return t("time.minutes", { n: Math.floor(seconds / 60) });
  return t("time.hours", { n: Math.floor(seconds / 3600) });
}

/** A day as one says it: today, yesterday, or the date. */
export function day(then: number, now: number): string {
  const days = Math.round((startOfDay(now) - startOfDay(then)) / 86_400_000);
  if (days <= 1)
    return new Intl.RelativeTimeFormat(language.locale, { numeric: "auto" }).format(-days, "day");
  const year = new Date(then).getFullYear() === new Date(now).getFullYear() ? undefined : "numeric";
  return new Intl.DateTimeFormat(language.locale, { day: "numeric", month: "long", year }).format(then);
}

/** A day that is written as 2027-03-31: 31 March 2027. */
export function calendarDay(written: string): string {
  const [year = 0, month = 1, date = 1] = written.split("-").map(Number);
  const parts = { day: "numeric", month: "long", year: "numeric" } as const;
  return new Intl.DateTimeFormat(language.locale, parts).format(new Date(year, month - 1, date, 12));
}

/** A day to come, with the hour: 29 May, 14:00. */
export function moment(time: number): string {
  const parts = { day: "numeric", month: "long", hour: "numeric", minute: "2-digit" } as const;
  return new Intl.DateTimeFormat(language.locale, parts).format(time);
}

/** The hour of a day: 22:14. */
export function clock(time: number): string {
  return new Intl.DateTimeFormat(language.locale, { hour: "numeric", minute: "2-digit" }).format(time);
}

/** Names as one says them: Desk, Attic and Studio. */
export function list(names: readonly string[]): string {
  return new Intl.ListFormat(language.locale, { type: "conjunction" }).format(names);
}

/** How much room something takes, in the unit that one would say: 3.4 MB. */
export function size(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const format = {
    style: "unit",
    unit: units[step],
    unitDisplay: "short",
    maximumFractionDigits: 1,
  } as const;
  return new Intl.NumberFormat(language.locale, format).format(bytes / 1000 ** step);
}

function startOfDay(time: number): number {
  const date = new Date(time);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
