/** The invented search: plain looking through every text, and replacing with a way back. */
import type { Cell } from "../editor/flat";
import { failure } from "./fake-base";
import { FakeHistory } from "./fake-history";
import { applyOps, plainText } from "./fake-text";
import type { Found, FoundHit, FoundScene, OutlineNode, Query, Replace, Replaced, Unreplaced } from "./host";

type Undo = { novel: string; scene: string; before: Cell[]; after: Cell[]; places: number };

export class FakeFinding extends FakeHistory {
  #undos: Undo[][] = [];

  async find(query: Query, replacement: string | null): Promise<Found> {
    const pattern = patternOf(query);
    const scenes = this.novels
      .filter((novel) => query.novel === null || novel.card.id === query.novel)
      .flatMap((novel) => {
        this.number(novel);
        return this.rowsOf(novel).flatMap(({ holder, row }) =>
          row.flatMap((node) => this.#foundIn(node, holder, novel.card, pattern, replacement)),
        );
      });
    const total = scenes.reduce((sum, scene) => sum + scene.hits.length, 0);
    return { scenes, total, cut: false };
  }

  async replace({ query, with: text, hits }: Replace): Promise<Replaced> {
    const found = await this.find(query, text);
    const undo: Undo[] = [];
    let left = hits?.length ?? found.total;
    for (const { novel, scene, hits: all } of found.scenes) {
      const ticked = all.filter((hit) => hits === null || hits.includes(hit.id));
      if (ticked.length === 0) continue;
      this.keep(scene, "before_replace");
      const of = this.sceneOf(scene);
      const before = of.cells;
      for (const hit of ticked.toReversed()) of.cells = exchanged(of.cells, hit);
      of.session += 1;
      undo.push({ novel, scene, before, after: of.cells, places: ticked.length });
      left -= ticked.length;
    }
    this.#undos.push(undo);
    this.#changed(undo);
    return { places: count(undo), scenes: undo.length, left, undo: this.#undos.length - 1 };
  }

  async undoReplace(undo: number): Promise<Unreplaced> {
    const found = this.#undos[undo];
    if (!found) throw failure("not_found", "This replacement cannot be taken back any more.");
    const [same, edited] = [[] as Undo[], [] as Undo[]];
    for (const one of found) (this.sceneOf(one.scene).cells === one.after ? same : edited).push(one);
    for (const { scene, before } of same)
      Object.assign(this.sceneOf(scene), { cells: before, session: this.sceneOf(scene).session + 1 });
    this.#undos[undo] = [];
    this.#changed(same);
    return { places: count(same), left: count(edited) };
  }

  #changed(undos: readonly Undo[]): void {
    const changed_novels = [...new Set(undos.map((one) => one.novel))];
    this.say({ changed_scenes: undos.map((one) => one.scene), changed_novels });
  }

  #foundIn(
    node: OutlineNode,
    holder: OutlineNode | null,
    card: { id: string; title: string },
    pattern: RegExp,
    replacement: string | null,
  ): FoundScene[] {
    if (node.scene === null) return [];
    const { cells } = this.sceneOf(node.scene);
    const flat = cells.map((cell) => cell.unit).join("");
    const hits = [...flat.matchAll(pattern)].map((match): FoundHit => {
      const [from, to] = [match.index, match.index + match[0].length];
      return {
        id: `${node.scene}:${from}:${match[0]}`,
        before: plainText(cells.slice(Math.max(0, from - 40), from)).trimStart(),
        found: match[0],
        after: plainText(cells.slice(to, to + 60)),
        from,
        to,
        becomes: replacement === null ? null : becomes(match, replacement),
      };
    });
    if (hits.length === 0) return [];
    const chapter = node.kind === "note" ? node.title : (holder?.title ?? "");
    const { path, scene } = node;
    return [{ novel: card.id, novel_title: card.title, scene, path, chapter, hits }];
  }
}

function patternOf({ text, case: capitals, whole_word, regex }: Query): RegExp {
  const plain = regex ? text : text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const bounded = whole_word ? `(?<![\\p{L}\\p{N}])(?:${plain})(?![\\p{L}\\p{N}])` : plain;
  try {
    return new RegExp(bounded, capitals ? "gu" : "giu");
  } catch {
    throw failure("other", "This is no regular expression that can be used; nothing was looked for.");
  }
}

function becomes(match: RegExpExecArray, replacement: string): string {
  return replacement.replace(/\$(\d)/g, (_, n: string) => match[Number(n)] ?? "");
}

function exchanged(cells: readonly Cell[], hit: FoundHit): Cell[] {
  const [at, to] = [hit.from ?? 0, hit.to ?? 0];
  const { attributes } = cells[at] ?? { attributes: {} };
  return applyOps(cells, [
    { op: "delete", at, length: to - at },
    { op: "insert", at, text: hit.becomes ?? "", attributes },
  ]);
}

const count = (undos: readonly Undo[]) => undos.reduce((sum, one) => sum + one.places, 0);
