/** Languages of texts: what they are called in the window's own, and which one an author most likely writes in. */
import { language } from "../shared/i18n.svelte";

/** Its name as the window's language has it; the tag itself where there is none. */
export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames(language.locale, { type: "language" }).of(tag) ?? tag;
  } catch {
    // What a file says is not always a tag.
    return tag;
  }
}

export function likelyLanguage(): string {
  if (navigator.language.startsWith("fr")) return "fr";
  return navigator.language === "en-US" ? "en-US" : "en-GB";
}
