/** Puts the invented novel, and two empty neighbours for the shelf, into an invented host. */
import type { FakeHost } from "../host/fake";
import type { NovelCard } from "../host/host";
import { CHAPTERS, runsFromText } from "./text";

export async function fillLibrary(host: FakeHost): Promise<NovelCard> {
  const card = await host.createNovel("The Lamp at Corvo Head", "en-GB");
  const made = host.novels.at(-1);
  if (made) made.nodes = [];
  for (const chapter of CHAPTERS) {
    const node = await host.addNode(card.id, {
      kind: "chapter",
      parent: null,
      after: null,
      title: chapter.title,
    });
    for (const scene of chapter.scenes) {
      const where = { kind: "scene" as const, parent: node.id, after: null, title: scene.title };
      const { id, scene: text } = await host.addNode(card.id, where);
      await host.setStatus(card.id, id, scene.status);
      await host.setSynopsis(card.id, id, scene.synopsis);
      if (text) host.setText(text, runsFromText(scene.text));
    }
  }
  if (made) made.card.edited_at = Date.now() - 3 * 60_000;
  return card;
}

export async function fillShelf(host: FakeHost): Promise<void> {
  const days = [1, 12, 200];
  for (const [index, title] of ["Salt", "מגדלור בצפון", "La Maison sans heures"].entries()) {
    const card = await host.createNovel(title, ["en-GB", "he", "fr"][index] ?? "en");
    const novel = host.novels.find((one) => one.card.id === card.id);
    if (novel) novel.card.edited_at = Date.now() - (days[index] ?? 1) * 86_400_000;
  }
}
