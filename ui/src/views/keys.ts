/**
 * The desk's keys, in one table: what the key sheet shows is what the window does.
 *
 * **Invariant:** nothing fires while an input method is composing.
 */
import { type MessageKey, t } from "../shared/i18n.svelte";

export type Shortcut =
  | "scene"
  | "chapter"
  | "next"
  | "previous"
  | "binder"
  | "inspector"
  | "focus"
  | "find"
  | "replace"
  | "split"
  | "merge"
  | "comment"
  | "snapshot"
  | "write"
  | "history"
  | "export"
  | "lock"
  | "vault"
  | "settings"
  | "keys";

/** `anyway`: the editor takes hold of this key whatever it does with it. */
type Key = { shortcut: Shortcut; key: string; ctrl?: true; shift?: true; anyway?: true };

const TABLE: readonly Key[] = [
  { shortcut: "scene", key: "n", ctrl: true },
  { shortcut: "chapter", key: "n", ctrl: true, shift: true },
  { shortcut: "next", key: "PageDown", ctrl: true },
  { shortcut: "previous", key: "PageUp", ctrl: true },
  { shortcut: "binder", key: "\\", ctrl: true },
  { shortcut: "inspector", key: "\\", ctrl: true, shift: true },
  { shortcut: "inspector", key: "|", ctrl: true, shift: true },
  { shortcut: "focus", key: "F9" },
  { shortcut: "find", key: "f", ctrl: true },
  { shortcut: "find", key: "f", ctrl: true, shift: true },
  { shortcut: "replace", key: "h", ctrl: true },
  { shortcut: "split", key: "Enter", ctrl: true, anyway: true },
  { shortcut: "merge", key: "j", ctrl: true, shift: true },
  { shortcut: "comment", key: "m", ctrl: true, shift: true },
  { shortcut: "snapshot", key: "s", ctrl: true },
  { shortcut: "write", key: "1", ctrl: true },
  { shortcut: "history", key: "4", ctrl: true },
  { shortcut: "export", key: "e", ctrl: true },
  { shortcut: "lock", key: "l", ctrl: true },
  { shortcut: "vault", key: "l", ctrl: true, shift: true },
  { shortcut: "settings", key: ",", ctrl: true },
  { shortcut: "keys", key: "F1" },
];

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

export function shortcut(event: KeyboardEvent): Shortcut | null {
  if (composing(event) || event.altKey) return null;
  const ctrl = onMac ? event.metaKey : event.ctrlKey;
  const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const found = TABLE.find((entry) => {
    const samePlace = entry.key === pressed || (entry.key === "\\" && event.code === "Backslash");
    return samePlace && (entry.ctrl ?? false) === ctrl && (entry.shift ?? false) === event.shiftKey;
  });
  return found && (found.anyway || !event.defaultPrevented) ? found.shortcut : null;
}

const NAMED: Readonly<Record<string, MessageKey>> = {
  Shift: "key.shift",
  Enter: "key.enter",
  Delete: "key.delete",
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

type Sheet = { title: MessageKey; rows: readonly { does: MessageKey; keys: string }[] };

/** The key sheet. `Mod` is Ctrl, or Cmd on a Mac. */
export const SHEET: readonly Sheet[] = [
  {
    title: "keys.writing",
    rows: [
      { does: "keys.italic", keys: "Mod I" },
      { does: "keys.bold", keys: "Mod B" },
      { does: "keys.underline", keys: "Mod U" },
      { does: "keys.linebreak", keys: "Shift Enter" },
      { does: "keys.comment", keys: "Mod Shift M" },
      { does: "keys.undo", keys: "Mod Z" },
      { does: "keys.redo", keys: "Mod Shift Z" },
    ],
  },
  {
    title: "keys.moving",
    rows: [
      { does: "keys.scene", keys: "Mod N" },
      { does: "keys.chapter", keys: "Mod Shift N" },
      { does: "keys.split", keys: "Mod Enter" },
      { does: "keys.merge", keys: "Mod Shift J" },
      { does: "keys.previous", keys: "Mod PgUp" },
      { does: "keys.next", keys: "Mod PgDn" },
      { does: "keys.find", keys: "Mod F" },
      { does: "keys.replace", keys: "Mod H" },
    ],
  },
  {
    title: "keys.inbinder",
    rows: [
      { does: "keys.move", keys: "Alt ↑ ↓" },
      { does: "keys.level", keys: "Alt ← →" },
      { does: "keys.rename", keys: "F2" },
      { does: "keys.duplicate", keys: "Mod D" },
      { does: "keys.trash", keys: "Delete" },
      { does: "keys.menu", keys: "Shift F10" },
      { does: "keys.unbinder", keys: "Mod Z" },
    ],
  },
  {
    title: "keys.desk",
    rows: [
      { does: "keys.write", keys: "Mod 1" },
      { does: "keys.history", keys: "Mod 4" },
      { does: "keys.snapshot", keys: "Mod S" },
      { does: "keys.focus", keys: "F9" },
      { does: "keys.binder", keys: "Mod \\" },
      { does: "keys.inspector", keys: "Mod Shift \\" },
      { does: "keys.export", keys: "Mod E" },
      { does: "keys.settings", keys: "Mod ," },
      { does: "keys.vault", keys: "Mod Shift L" },
      { does: "keys.lock", keys: "Mod L" },
      { does: "keys.help", keys: "F1" },
    ],
  },
];
