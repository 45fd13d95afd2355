/**
 * How the author likes the desk. Kept in the window's own storage on this laptop.
 *
 * **Invariant:** nothing of a novel is ever in here: no text, no title, no id.
 */
import { type Locale, language, localeFor } from "../shared/i18n.svelte";

export type Theme = "system" | "light" | "sepia" | "dark";

const KEY = "seshat.settings";
export const SIZE = { least: 15, most: 26, step: 1 };
export const MEASURE = { least: 28, most: 44, step: 2 };
export const LEADING = { least: 1.4, most: 2, step: 0.05 };

type Stored = { theme: Theme; size: number; measure: number; leading: number; locale: Locale };

export class Settings {
  theme = $state<Theme>("system");
  /** Of the page's text, in CSS pixels. */
  size = $state(19);
  /** Of a line, in em. */
  measure = $state(34);
  /** Line height in text sizes: 31 px at 19 px. */
  leading = $state(1.63);
  locale = $state<Locale>("en");
  #dark = $state(false);

  constructor() {
    this.locale = localeFor(navigator.languages ?? []);
    Object.assign(this, clean(readStored()));
    const system = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
    this.#dark = system?.matches ?? false;
    system?.addEventListener("change", (event) => {
      this.#dark = event.matches;
    });
  }

  get shown(): "light" | "sepia" | "dark" {
    if (this.theme !== "system") return this.theme;
    return this.#dark ? "dark" : "light";
  }

  /** Puts the settings on the page and into storage. Runs inside an effect, so again at every change. */
  apply(): void {
    const root = document.documentElement;
    language.locale = this.locale;
    root.dataset.theme = this.shown;
    root.lang = this.locale;
    root.dir = language.direction;
    root.style.setProperty("--page-size", `${this.size}px`);
    root.style.setProperty("--page-measure", `${this.measure}em`);
    root.style.setProperty("--page-leading", String(this.leading));
    const { theme, size, measure, leading, locale } = this;
    localStorage.setItem(KEY, JSON.stringify({ theme, size, measure, leading, locale }));
  }
}

function readStored(): unknown {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}

/** Only what is known and within its limits. */
function clean(stored: unknown): Partial<Stored> {
  if (typeof stored !== "object" || stored === null) return {};
  const { theme, size, measure, leading, locale } = stored as Record<string, unknown>;
  const result: Partial<Stored> = {};
  if (theme === "system" || theme === "light" || theme === "sepia" || theme === "dark") result.theme = theme;
  if (locale === "en" || locale === "fr") result.locale = locale;
  if (within(size, SIZE)) result.size = size;
  if (within(measure, MEASURE)) result.measure = measure;
  if (within(leading, LEADING)) result.leading = leading;
  return result;
}

function within(value: unknown, { least, most }: { least: number; most: number }): value is number {
  return typeof value === "number" && value >= least && value <= most;
}
