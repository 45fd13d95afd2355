/** The window on the invented library, with the novel open at its first scene. */
import { expect } from "vitest";
import { FakeHost } from "../host/fake";
import type { NovelCard, OutlineNode } from "../host/host";
import type { Novel } from "../views/novel.svelte";
import { fillLibrary } from "./library";
import { find, press, showWindow, until } from "./screen";
import { runsFromText } from "./text";

export async function showDesk(before: (host: FakeHost, card: NovelCard) => unknown = () => undefined) {
  // Wide enough for every pane.
  Object.assign(globalThis, { innerWidth: 1400 });
  const host = new FakeHost();
  host.state = "open";
  host.password = "password";
  const card = await fillLibrary(host);
  await before(host, card);
  const shown = await showWindow(host);
  await press("novel");
  await until(() => expect(find("editor").textContent).toContain("The lamp was burning"));
  await until(() => expect(document.activeElement).toBe(find("editor")));
  if (shown.seshat.screen.kind !== "write") throw new Error("not on the desk");
  const novel: Novel = shown.seshat.screen.novel;
  const first = novel.desk.scene as string;
  const chapter = async (index: number) => (await host.outline(card.id)).nodes[index] as OutlineNode;
  return { ...shown, card, novel, first, chapter };
}

/** A novel of one scene, for a controller that is asked without a window; its page has nothing to send. */
export async function oneScene(text: string) {
  const host = new FakeHost();
  host.state = "open";
  const card = await host.createNovel("Salt", "en");
  const scene = (await host.outline(card.id)).nodes[0]?.children[0]?.scene ?? "";
  host.setText(scene, runsFromText(text));
  const page = {
    flush: async () => true,
    reshape: async (work: () => Promise<unknown>) => work().then(() => true),
  };
  return { host, card, scene, page };
}

/** Everything that is written in a novel's scenes, in reading order. */
export function wordsOf(host: FakeHost, nodes: readonly OutlineNode[]): string[] {
  const texts = nodes.flatMap((node) => [
    ...(node.scene ? [host.textOf(node.scene)] : []),
    ...wordsOf(host, node.children),
  ]);
  return texts.flatMap((text) => text.split(/\s+/)).filter(Boolean);
}

/** The row of the binder that has the focus. */
export const focusedRow = () => document.activeElement?.getAttribute("aria-label") ?? "";

export const rowNamed = (title: string) =>
  [...document.querySelectorAll<HTMLElement>("[role=row]")].find((row) =>
    row.getAttribute("aria-label")?.startsWith(title),
  );
