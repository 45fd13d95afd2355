/**
 * How keys are spelt, recognized and shown. Which key does what is in `palette/acts.ts`, for the window, the palette,
 * the key sheet and the menu at once.
 */
import { type MessageKey, t } from "../shared/i18n.svelte";

export const onMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

export function composing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** Which of the keys that change others are held: `""`, `"Alt"`, `"Mod"`, `"Mod Shift"`. `Mod` is Ctrl, or Cmd. */
export function held(event: KeyboardEvent): string {
  const mod = onMac ? event.metaKey : event.ctrlKey;
  const names = [mod && "Mod", event.altKey && "Alt", event.shiftKey && "Shift"];
  return names.filter(Boolean).join(" ");
}

/** Where a key is printed otherwise than what it types: with Shift, with Alt, or on another layout. */
const CODES: Readonly<Record<string, string>> = { "\\": "Backslash", ",": "Comma" };
const SPELT: Readonly<Record<string, string>> = { PgDn: "PageDown", PgUp: "PageUp", Space: " " };

/** Whether these keys, such as `Mod Shift M`, are the ones that are pressed. */
export function fits(keys: string, event: KeyboardEvent): boolean {
  if (event.getModifierState?.("AltGraph")) return false;
  const names = keys.split(" ");
  const last = names.pop() ?? "";
  if (held(event) !== names.join(" ")) return false;
  const wanted = SPELT[last] ?? last;
  const typed = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  if (typed === wanted.toUpperCase() || typed === wanted) return true;
  if (/^\d$/.test(last)) return event.code === `Digit${last}`;
  // With Alt some systems type a sign of their own, and other scripts have no such letter.
  if (/^[A-Z]$/.test(last))
    return (event.altKey || !/^\p{ASCII}*$/u.test(typed)) && event.code === `Key${last}`;
  if (last === "\\" && typed === "|") return true;
  return CODES[last] !== undefined && event.code === CODES[last];
}

const NAMED: Readonly<Record<string, MessageKey>> = {
  Shift: "key.shift",
  Enter: "key.enter",
  Delete: "key.delete",
  Space: "key.space",
  PgUp: "key.pageup",
  PgDn: "key.pagedown",
};

/** What is printed on these keys, as the sheet names them, in the language of the window. */
export function caps(keys: string): string[] {
  return keys.split(" ").map((key) => {
    if (key === "Mod") return onMac ? "⌘" : "Ctrl";
    const name = NAMED[key];
    return name === undefined ? key : t(name);
  });
}
