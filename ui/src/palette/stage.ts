/** What an act may take hold of: the window, and at the desk the open novel with the view around its page. */
import type { Focus } from "../views/focus.svelte";
import type { Novel, View } from "../views/novel.svelte";
import type { Pane } from "../views/panes.svelte";
import type { Seshat } from "../views/seshat.svelte";

/** What only the view around the page can do, because it knows where things stand. */
export interface Hands {
  readonly focus: Focus;
  toggle(pane: Pane): unknown;
  show(view: View): unknown;
  find(how: "find" | "replace"): unknown;
  comment(): unknown;
  typewriter(): unknown;
  /** Opens a scene and puts the cursor into it. */
  choose(scene: string): unknown;
  /** Puts the focus on a row of the binder, which is shown for it. */
  row(id: string): unknown;
}

export type Stage = { seshat: Seshat; novel: Novel; hands: Hands };

/** The desk with its novel, when that is what is on the screen. */
export function stageOf(seshat: Seshat): Stage | null {
  const { screen, hands } = seshat;
  return screen.kind === "write" && hands ? { seshat, novel: screen.novel, hands } : null;
}
