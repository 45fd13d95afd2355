/** Gives an invented novel a past: versions, notes, comments, merges, a trash, and copies of the vault. */
import type { FakeHost } from "../host/fake";
import type { NovelCard, OutlineNode } from "../host/host";
import { runsFromText } from "./text";

const HOUR = 3_600_000;

export async function fillPast(host: FakeHost, card: NovelCard, asked: URLSearchParams): Promise<void> {
  const { nodes } = await host.outline(card.id);
  const [first] = nodes;
  const scene = first?.children[0]?.scene;
  if (!first || !scene) return;
  await versions(host, scene);
  await notes(host, card.id);
  await comments(host, card.id, scene);
  if (asked.has("trashed")) await trash(host, card.id, first);
  if (asked.has("merged")) merged(host, card.id, first);
  if (asked.has("kept")) keptIn(host, first);
  if (asked.has("states")) await host.nameNovelVersion(card.id, "First draft, whole");
  if (asked.has("damaged"))
    host.damaged.set(scene, {
      message:
        "Two of its records do not open; the rest is here and nothing was removed; its last good text is kept beside it.",
      lastGood: (await host.openScene(card.id, scene)).runs,
    });
  const backup = asked.get("backup");
  if (backup !== null) backups(host, backup);
}

/** Earlier states are the text with words taken out or put in; the newest one is the text as it is. */
async function versions(host: FakeHost, scene: string): Promise<void> {
  const now = Date.now();
  const text = host.textOf(scene);
  const stages: { at: number; cut: [string, string][]; kind?: "named"; name?: string }[] = [
    { at: 26 * HOUR * 3, cut: [["It is in the ledger.", "Ask the ledger."]] },
    {
      at: 26 * HOUR,
      cut: [["trimmed the wick within the hour", "trimmed the wick"]],
      kind: "named",
      name: "Before the cut",
    },
    { at: 5 * HOUR, cut: [["It was longer by the width of a thumb.", ""]] },
    { at: 2 * HOUR, cut: [["and was ashamed of how plain it looked", "and was not proud of it"]] },
  ];
  const whole = host.scenes.get(scene)?.cells ?? [];
  for (const { at, cut, kind, name } of stages) {
    const found = host.scenes.get(scene);
    if (!found) return;
    for (const [is, was] of cut) {
      const from = text.indexOf(is);
      if (from < 0) continue;
      const { attributes } = whole[from] ?? { attributes: {} };
      const put = [...was].map((unit) => ({ unit, attributes }));
      found.cells = [...whole.slice(0, from), ...put, ...whole.slice(from + is.length)];
    }
    host.keep(scene, kind ?? "automatic", name ?? null, now - at);
    found.cells = whole;
  }
  host.keep(scene, "automatic", null, now - HOUR / 3);
}

async function notes(host: FakeHost, novel: string): Promise<void> {
  const folder = await host.addNode(novel, { kind: "folder", parent: null, after: null, title: "Research" });
  const tides = await host.addNode(novel, {
    kind: "note",
    parent: folder.id,
    after: null,
    title: "Tide tables",
  });
  if (tides.scene) host.setText(tides.scene, runsFromText("Spring tides on the third and the seventeenth."));
  const loose = await host.addNode(novel, { kind: "note", parent: null, after: null, title: "" });
  if (loose.scene) host.setText(loose.scene, runsFromText("Who trims the wick?"));
}

async function comments(host: FakeHost, novel: string, scene: string): Promise<void> {
  const text = host.textOf(scene);
  const about = (words: string): [number, number] => [
    text.indexOf(words),
    text.indexOf(words) + words.length,
  ];
  await host.addComment(
    novel,
    scene,
    ...about("she had the only key"),
    "Does Tomas have one? Check chapter 3.",
  );
  const done = await host.addComment(novel, scene, ...about("at eighty-one, in boots"), "Is he not older?");
  await host.resolveComment(novel, scene, done.id, true);
}

async function trash(host: FakeHost, novel: string, chapter: OutlineNode): Promise<void> {
  const [, second] = chapter.children;
  if (second) await host.trashNode(novel, second.id);
}

function merged(host: FakeHost, novel: string, chapter: OutlineNode): void {
  const [first, , third] = chapter.children;
  const words =
    " The gulls had gone quiet, which they did before weather, and before nothing else that he knew of.";
  for (const [node, overlaps] of [
    [third, true],
    [first, false],
  ] as const) {
    const scene = node?.scene;
    if (!scene) continue;
    const at = host.textOf(scene).length;
    const change = () => host.editElsewhere(scene, [{ op: "insert", at, text: words, attributes: {} }]);
    host.mergeElsewhere(novel, scene, change, { overlaps, devices: ["Attic"] });
  }
}

function keptIn(host: FakeHost, chapter: OutlineNode): void {
  for (const novel of host.novels)
    for (const node of novel.nodes)
      if (node.id === chapter.id && node.children[0]) node.children[0].kept = true;
}

function backups(host: FakeHost, how: string): void {
  const now = Date.now();
  const at = [0.4, 6, 28, 52, 76, 180].map((hours) => now - hours * HOUR);
  host.copies.backups = at.map((time, index) => ({
    path: `/backups/${index}.seshat`,
    at: time,
    size: 3_400_000 - index * 90_000,
  }));
  host.copies.outside_at = now - 20 * 24 * HOUR;
  const reminder =
    "It is 20 days since a copy of your novels was saved outside this laptop; save one on a stick or another disk.";
  if (how === "reminder") {
    host.copies.reminder = reminder;
    host.say({ backup: reminder });
  }
  if (how === "cloud")
    host.copies.synced_folder =
      "Your vault lies in a folder that Dropbox syncs; that can damage it; move it elsewhere and let Seshat sync instead.";
}
