/**
 * Everything that the author can have done, in one table. The window's keys, the palette, the key sheet and the menu
 * are read from it, so that a new act is one row here, and none of the four can say what another does not do.
 *
 * **Invariants:** nothing fires while an input method is composing; what cannot be done now is not offered and its
 * key does nothing.
 */
import { markRows } from "../binder/several";
import { clearFormats, insertSceneBreak, setAlign, setBlock, toggleFormat } from "../editor/formatting";
import { formatting } from "../editor/formatting.svelte";
import { nextMisspelt } from "../editor/spelling";
import type { SceneStatus } from "../host/host";
import { type MessageKey, t } from "../shared/i18n.svelte";
import { composing, fits } from "../views/keys";
import type { Overlay, Seshat } from "../views/seshat.svelte";
import { type Stage, stageOf } from "./stage";

/** In the order of the palette, the key sheet and the menu. */
export const GROUPS = ["writing", "scenes", "going", "binder", "desk", "seshat"] as const;
export type Group = (typeof GROUPS)[number];

type About = {
  /** Stands for the act in lists of what was done last, and in tests. */
  name: string;
  group: Group;
  label: MessageKey;
  /** `Mod Shift M`; `Mod` is Ctrl, or Cmd on a Mac. Only the first one is shown. */
  keys?: string | readonly string[];
  /** Its key counts only in the text of the page. */
  from?: "text";
  /** The editor takes hold of this key whatever it does with it. */
  anyway?: true;
  /** Its key works over an open sheet too, or even over a sheet that stands at a step which has its own way out. */
  over?: "sheet" | "step";
  /** Stands in the menu of the header as well. */
  menu?: true;
};

/** What can be done with a novel on the desk. */
type DeskAct = About & { when?: (on: Stage) => boolean; run: (on: Stage) => unknown };
export type Act = About & { when: (seshat: Seshat) => boolean; run: (seshat: Seshat) => unknown };

const onPage = ({ novel }: Stage) => novel.view === "write";
const inside = (seshat: Seshat) => seshat.inside;
const openScene = ({ novel }: Stage) => novel.binder.scenes.find((node) => node.scene === novel.desk.scene);

/** How far the open scene is; offered when it is not so already. */
const mark = (status: SceneStatus) => ({
  when: (on: Stage) => (openScene(on)?.status ?? status) !== status,
  run: ({ novel, seshat }: Stage) => {
    const row = novel.binder.rowOf(novel.desk.scene);
    const told = t("binder.several.marked", { n: 1, status: t(`status.${status}`) });
    return row && novel.several(told, () => markRows(seshat.host, novel.binder, [row], status));
  },
});
const sheet = (overlay: Overlay) => (on: { seshat: Seshat } | Seshat) => {
  const seshat = "seshat" in on ? on.seshat : on;
  seshat.overlay = seshat.overlay === overlay ? "none" : overlay;
};

/** New acts about the novel and its text go here. */
// biome-ignore format: one row an act.
const DESK: readonly DeskAct[] = [
  { name: "comment", group: "writing", label: "keys.comment", keys: "Mod Shift M", menu: true, when: onPage, run: ({ hands }) => hands.comment() },
  { name: "footnote", group: "writing", label: "keys.footnote", keys: "Mod Alt F", menu: true, when: onPage, run: ({ novel }) => novel.desk.sheet?.footnotes.begin() },
  { name: "image", group: "writing", label: "keys.image", keys: "Mod Alt I", menu: true, when: onPage, run: ({ novel }) => void novel.desk.images.choose(novel.desk.view) },
  { name: "strike", group: "writing", label: "format.strike", keys: "Mod Shift X", from: "text", when: onPage, run: () => formatting.run(toggleFormat("strike")) },
  { name: "smallcaps", group: "writing", label: "format.smallcaps", keys: "Mod Shift S", from: "text", when: onPage, run: () => formatting.run(toggleFormat("smallcaps")) },
  { name: "superscript", group: "writing", label: "format.superscript", keys: "Mod .", from: "text", when: onPage, run: () => formatting.run(toggleFormat("superscript")) },
  { name: "link", group: "writing", label: "format.link", keys: "Mod Shift K", from: "text", when: onPage, run: () => formatting.ask("link") },
  { name: "clear", group: "writing", label: "format.clear", keys: "Mod Space", from: "text", when: onPage, run: () => formatting.run(clearFormats) },
  { name: "format", group: "writing", label: "format.bar", keys: "Alt F10", from: "text", when: onPage, run: () => formatting.ask("marks") },
  { name: "body", group: "writing", label: "block.body", keys: "Mod Shift 0", from: "text", when: onPage, run: () => formatting.run(setBlock("body")) },
  { name: "heading", group: "writing", label: "block.heading", keys: "Mod Shift 1", from: "text", when: onPage, run: () => formatting.run(setBlock("heading")) },
  { name: "quote", group: "writing", label: "block.quote", keys: "Mod Shift 2", from: "text", when: onPage, run: () => formatting.run(setBlock("quote")) },
  { name: "verse", group: "writing", label: "block.verse", keys: "Mod Shift 3", from: "text", when: onPage, run: () => formatting.run(setBlock("verse")) },
  { name: "letter", group: "writing", label: "block.letter", keys: "Mod Shift 4", from: "text", when: onPage, run: () => formatting.run(setBlock("letter")) },
  { name: "break", group: "writing", label: "block.break", keys: "Mod Shift 5", from: "text", when: onPage, run: () => formatting.run(insertSceneBreak) },
  { name: "align-start", group: "writing", label: "format.start", keys: "Mod Shift 6", from: "text", when: onPage, run: () => formatting.run(setAlign(null)) },
  { name: "align-center", group: "writing", label: "format.center", keys: "Mod Shift 7", from: "text", when: onPage, run: () => formatting.run(setAlign("center")) },
  { name: "align-end", group: "writing", label: "format.end", keys: "Mod Shift 8", from: "text", when: onPage, run: () => formatting.run(setAlign("right")) },
  { name: "align-justify", group: "writing", label: "format.justify", keys: "Mod Shift 9", from: "text", when: onPage, run: () => formatting.run(setAlign("justify")) },
  { name: "scene", group: "scenes", label: "keys.scene", keys: "Mod N", menu: true, run: ({ novel }) => novel.add("scene") },
  { name: "chapter", group: "scenes", label: "keys.chapter", keys: "Mod Shift N", menu: true, run: ({ novel }) => novel.add("chapter") },
  { name: "note", group: "scenes", label: "binder.add.note.name", run: ({ novel, hands }) => novel.addNote("note").then(() => hands.show("write")) },
  { name: "split", group: "scenes", label: "keys.split", keys: "Mod Enter", from: "text", anyway: true, menu: true, when: onPage, run: ({ novel }) => novel.split() },
  { name: "merge", group: "scenes", label: "keys.merge", keys: "Mod Shift J", menu: true, when: onPage, run: ({ novel }) => novel.merge() },
  { name: "mark-todo", group: "scenes", label: "keys.mark.todo", ...mark("todo") },
  { name: "mark-draft", group: "scenes", label: "keys.mark.draft", ...mark("draft") },
  { name: "mark-revised", group: "scenes", label: "keys.mark.revised", ...mark("revised") },
  { name: "mark-final", group: "scenes", label: "keys.mark.final", ...mark("final") },
  { name: "goto", group: "going", label: "goto.title", keys: "Mod P", menu: true, run: sheet("goto") },
  { name: "next", group: "going", label: "keys.next", keys: "Mod PgDn", run: ({ novel }) => novel.step(1) },
  { name: "previous", group: "going", label: "keys.previous", keys: "Mod PgUp", run: ({ novel }) => novel.step(-1) },
  { name: "seek", group: "going", label: "keys.seek", keys: "Mod F", menu: true, when: onPage, run: ({ novel }) => novel.seek.begin() },
  { name: "seek-next", group: "going", label: "keys.seek.next", keys: "F3", when: onPage, run: ({ novel }) => novel.seek.go(1) },
  { name: "seek-previous", group: "going", label: "keys.seek.previous", keys: "Shift F3", when: onPage, run: ({ novel }) => novel.seek.go(-1) },
  { name: "find", group: "going", label: "keys.find", keys: ["Mod Shift F", "Mod F"], menu: true, run: ({ hands }) => hands.find("find") },
  { name: "replace", group: "going", label: "keys.replace", keys: "Mod H", menu: true, run: ({ hands }) => hands.find("replace") },
  { name: "misspelling", group: "going", label: "keys.misspelling", keys: "F7", menu: true, when: onPage, run: async ({ seshat, novel }) => (await nextMisspelt(novel.desk.spelling, novel.desk.view)) || seshat.tell(t("spelling.none")) },
  { name: "write", group: "desk", label: "keys.write", keys: "Mod 1", when: ({ novel }) => novel.view !== "write", run: ({ hands }) => hands.show("write") },
  { name: "history", group: "desk", label: "keys.history", keys: "Mod 4", menu: true, when: onPage, run: ({ hands }) => hands.show("history") },
  { name: "snapshot", group: "desk", label: "keys.snapshot", keys: "Mod S", menu: true, run: sheet("snapshot") },
  { name: "extent-scene", group: "desk", label: "keys.extent.scene", keys: "Mod Alt 1", menu: true, run: ({ seshat }) => (seshat.settings.extent = "scene") },
  { name: "extent-chapter", group: "desk", label: "keys.extent.chapter", keys: "Mod Alt 2", menu: true, run: ({ seshat }) => (seshat.settings.extent = "chapter") },
  { name: "extent-book", group: "desk", label: "keys.extent.book", keys: "Mod Alt 3", menu: true, run: ({ seshat }) => (seshat.settings.extent = "book") },
  { name: "focus", group: "desk", label: "keys.focus", keys: "F9", menu: true, run: ({ hands }) => hands.focus.toggle() },
  { name: "typewriter", group: "desk", label: "keys.typewriter", keys: "Mod Shift T", menu: true, when: onPage, run: ({ hands }) => hands.typewriter() },
  { name: "binder", group: "desk", label: "keys.binder", keys: "Mod \\", run: ({ hands }) => hands.toggle("binder") },
  { name: "inspector", group: "desk", label: "keys.inspector", keys: "Mod Shift \\", when: onPage, run: ({ hands }) => hands.toggle("inspector") },
  { name: "goals", group: "desk", label: "goals.title", keys: "Mod Shift G", menu: true, run: sheet("goals") },
  { name: "spelling", group: "desk", label: "spelling.title", run: sheet("spelling") },
  { name: "trash", group: "desk", label: "trash.title", run: sheet("trash") },
  { name: "export", group: "desk", label: "keys.export", keys: "Mod E", menu: true, run: sheet("export") },
  { name: "library", group: "seshat", label: "library.title", menu: true, run: ({ seshat }) => seshat.openLibrary() },
];

/** New acts of the whole window go here. */
// biome-ignore format: one row an act.
const WINDOW: readonly Act[] = [
  { name: "palette", group: "seshat", label: "palette.title", keys: "Mod K", menu: true, when: inside, run: sheet("palette") },
  { name: "novel", group: "seshat", label: "library.new", keys: "Mod N", when: ({ screen }) => screen.kind === "library", run: sheet("new") },
  { name: "import", group: "seshat", label: "library.import", when: ({ screen }) => screen.kind === "library", run: sheet("import") },
  { name: "fullscreen", group: "desk", label: "keys.fullscreen", keys: "F11", over: "step", menu: true, when: () => true, run: (seshat) => seshat.fill() },
  { name: "settings", group: "seshat", label: "keys.settings", keys: "Mod ,", over: "sheet", menu: true, when: () => true, run: sheet("settings") },
  { name: "vault", group: "seshat", label: "keys.vault", keys: "Mod Shift L", over: "sheet", when: inside, run: sheet("vault") },
  { name: "devices", group: "seshat", label: "vault.part.devices", when: inside, run: sheet("devices") },
  { name: "sync", group: "seshat", label: "settings.sync", when: inside, run: sheet("server") },
  { name: "backups", group: "seshat", label: "vault.part.backups", when: inside, run: sheet("backups") },
  { name: "keys", group: "seshat", label: "settings.keys", keys: "F1", over: "sheet", menu: true, when: () => true, run: sheet("keys") },
  { name: "lock", group: "seshat", label: "keys.lock", keys: "Mod L", over: "step", menu: true, when: inside, run: (seshat) => seshat.lock() },
];

/** Keys that whoever has the focus answers to: they stand in the key sheet. */
// biome-ignore format: one row a key.
export const ELSEWHERE: readonly About[] = [
  { name: "italic", group: "writing", label: "keys.italic", keys: "Mod I" },
  { name: "bold", group: "writing", label: "keys.bold", keys: "Mod B" },
  { name: "underline", group: "writing", label: "keys.underline", keys: "Mod U" },
  { name: "linebreak", group: "writing", label: "keys.linebreak", keys: "Shift Enter" },
  { name: "undo", group: "writing", label: "keys.undo", keys: "Mod Z" },
  { name: "redo", group: "writing", label: "keys.redo", keys: "Mod Shift Z" },
  { name: "move", group: "binder", label: "keys.move", keys: "Alt ↑ ↓" },
  { name: "range", group: "binder", label: "keys.range", keys: "Shift ↑ ↓" },
  { name: "level", group: "binder", label: "keys.level", keys: "Alt ← →" },
  { name: "rename", group: "binder", label: "keys.rename", keys: "F2" },
  { name: "duplicate", group: "binder", label: "keys.duplicate", keys: "Mod D" },
  { name: "away", group: "binder", label: "keys.trash", keys: "Delete" },
  { name: "menu", group: "binder", label: "keys.menu", keys: "Shift F10" },
  { name: "unbinder", group: "binder", label: "keys.unbinder", keys: "Mod Z" },
];

const atDesk = (act: DeskAct): Act => ({
  ...act,
  when: (seshat) => {
    const stage = stageOf(seshat);
    return stage !== null && (act.when?.(stage) ?? true);
  },
  run: (seshat) => {
    const stage = stageOf(seshat);
    return stage ? act.run(stage) : undefined;
  },
});

export const ACTS: readonly Act[] = [...DESK.map(atDesk), ...WINDOW];

/** The keys of an act as they are shown: `Mod Shift M`. */
export function shownKeys(act: About): string | null {
  const { keys } = act;
  return typeof keys === "string" ? keys : (keys?.[0] ?? null);
}

const TITLES: Record<Group, MessageKey> = {
  writing: "keys.writing",
  scenes: "keys.scenes",
  going: "keys.moving",
  binder: "keys.inbinder",
  desk: "keys.desk",
  seshat: "keys.seshat",
};

export const titleOf = (group: Group): MessageKey => TITLES[group];

/** The key sheet: every act that has a key, by group. */
export function sheets() {
  const all = [...ELSEWHERE, ...ACTS].flatMap((act) => {
    const keys = shownKeys(act);
    return keys === null ? [] : [{ name: act.name, group: act.group, label: act.label, keys }];
  });
  return GROUPS.map((group) => ({ title: TITLES[group], rows: all.filter((row) => row.group === group) }));
}

/** What can be done now, and the palette itself where it is to be found by the mouse. */
export function possible(seshat: Seshat, and: "palette" | null = null): Act[] {
  return ACTS.filter((act) => (act.name !== "palette" || and === "palette") && act.when(seshat));
}

/** A step of these sheets, such as a kit that nobody has confirmed, is left by its own way out. */
const STEPS: readonly Overlay[] = ["vault", "devices", "backups"];

/** What a pressed key asks for; `null` when it is nobody's, or not to be done now. */
export function pressed(event: KeyboardEvent, seshat: Seshat): Act | "nothing" | null {
  if (composing(event)) return null;
  const inText = event.target instanceof Element && event.target.closest("[data-testid=editor]") !== null;
  const fitting = ACTS.filter((act) => {
    const keys = typeof act.keys === "string" ? [act.keys] : (act.keys ?? []);
    return keys.some((one) => fits(one, event)) && (act.anyway || !event.defaultPrevented);
  });
  const act = fitting.find((one) => one.when(seshat) && (one.from !== "text" || inText));
  if (act && isFree(act, seshat)) return act;
  return fitting.some((one) => one.over) ? "nothing" : null;
}

function isFree({ over }: Act, { overlay }: Seshat): boolean {
  if (overlay === "none" || over === "step") return true;
  return over === "sheet" && !STEPS.includes(overlay);
}
