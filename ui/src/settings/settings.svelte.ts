/**
 * How the author likes the desk. Kept in the window's own storage on this laptop.
 *
 * **Invariant:** nothing of a novel is ever in here: no text, no title, no id.
 */
import { type Locale, language, localeFor } from "../shared/i18n.svelte";

export const THEMES = ["system", "light", "sepia", "dark"] as const;
export type Theme = (typeof THEMES)[number];
export const FONTS = ["literata", "atkinson", "opendyslexic", "system"] as const;
export type Font = (typeof FONTS)[number];
/** How much of the novel the page shows. */
export const EXTENTS = ["scene", "chapter", "book"] as const;
export type Extent = (typeof EXTENTS)[number];
/** What stays clear in the focus mode. */
export const CLEAR = ["paragraph", "sentence", "line"] as const;
export type Clear = (typeof CLEAR)[number];

const KEY = "seshat.settings";
export const SIZE = { least: 15, most: 26, step: 1 };
export const MEASURE = { least: 28, most: 44, step: 2 };
export const LEADING = { least: 1.4, most: 2, step: 0.05 };

const LOCALES = ["en", "fr"] as const;

type Stored = Pick<
  Settings,
  | "theme"
  | "font"
  | "size"
  | "measure"
  | "leading"
  | "locale"
  | "extent"
  | "clear"
  | "typewriter"
  | "smart"
  | "autocorrect"
  | "spelling"
>;

export class Settings {
  theme = $state<Theme>("system");
  /** Of the page's text, in CSS pixels. */
  size = $state(19);
  /** Of a line, in em. */
  measure = $state(34);
  /** Line height in text sizes: 31 px at 19 px. */
  leading = $state(1.63);
  locale = $state<Locale>("en");
  font = $state<Font>("literata");
  extent = $state<Extent>("scene");
  clear = $state<Clear>("paragraph");
  /** The line that is written stays at one height of the window. */
  typewriter = $state(false);
  /** Typed quotes and dashes become those of the novel's language. */
  smart = $state(true);
  autocorrect = $state(true);
  spelling = $state(true);
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
    root.dataset.font = this.font;
    root.lang = this.locale;
    root.dir = language.direction;
    root.style.setProperty("--page-size", `${this.size}px`);
    root.style.setProperty("--page-measure", `${this.measure}em`);
    root.style.setProperty("--page-leading", String(this.leading));
    localStorage.setItem(KEY, JSON.stringify(this.#stored()));
  }

  #stored(): Stored {
    const { theme, font, size, measure, leading, locale, extent, clear } = this;
    const { typewriter, smart, autocorrect, spelling } = this;
    return {
      theme,
      font,
      size,
      measure,
      leading,
      locale,
      extent,
      clear,
      typewriter,
      smart,
      autocorrect,
      spelling,
    };
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
  const found = stored as Record<keyof Stored, unknown>;
  return {
    ...one("theme", found.theme, THEMES),
    ...one("locale", found.locale, LOCALES),
    ...one("font", found.font, FONTS),
    ...one("extent", found.extent, EXTENTS),
    ...one("clear", found.clear, CLEAR),
    ...within("size", found.size, SIZE),
    ...within("measure", found.measure, MEASURE),
    ...within("leading", found.leading, LEADING),
    ...flag("typewriter", found.typewriter),
    ...flag("smart", found.smart),
    ...flag("autocorrect", found.autocorrect),
    ...flag("spelling", found.spelling),
  };
}

function one(name: keyof Stored, value: unknown, known: readonly unknown[]) {
  return known.includes(value) ? { [name]: value } : {};
}

function within(name: keyof Stored, value: unknown, { least, most }: { least: number; most: number }) {
  return typeof value === "number" && value >= least && value <= most ? { [name]: value } : {};
}

function flag(name: keyof Stored, value: unknown) {
  return typeof value === "boolean" ? { [name]: value } : {};
}
