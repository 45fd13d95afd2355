/**
 * Deeds on several rows of the binder at once: each is done as one and taken back as one.
 *
 * **Guarantee:** when one of the rows cannot be changed, those before it are put back and nothing was done.
 */
import type { Host, SceneStatus } from "../host/host";
import type { Binder, Row } from "./binder.svelte";
import { isNote, type Spot } from "./nesting";

type Done = { undo: () => Promise<void>; redo: () => Promise<void> };
/** A row's place, by the ones before it, the nearest first: some of those may be gone when it is gone back to. */
type Stand = { id: string; parent: string | null; before: readonly string[] };

/** Puts these rows one behind the other at a spot. `null`: they are there. */
export async function moveRows(binder: Binder, rows: readonly Row[], spot: Spot): Promise<Done | null> {
  const was = rows.map((row) => standOf(binder, row));
  let { after } = spot;
  const wanted = rows.map(({ node }): Stand => {
    const stand = { id: node.id, parent: spot.parent, before: after === null ? [] : [after] };
    after = node.id;
    return stand;
  });
  if (wanted.every((stand, index) => same(stand, was[index]))) return null;
  await orBack(
    () => put(binder, wanted),
    () => put(binder, was),
  );
  const ids = new Set(rows.map(({ node }) => node.id));
  const is = binder.everything.filter(({ node }) => ids.has(node.id)).map((row) => standOf(binder, row));
  return { undo: () => put(binder, was), redo: () => put(binder, is) };
}

/** The spot for a block of siblings one place up or down, over the edge of a chapter into the next one. */
export function stepOf(binder: Binder, rows: readonly Row[], by: 1 | -1): Spot | null {
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last || rows.some(({ parent }) => parent?.id !== first.parent?.id)) return null;
  const moved = new Set(rows.map(({ node }) => node.id));
  const parent = first.parent?.id ?? null;
  const siblings = siblingsOf(binder, first);
  const edge = siblings.indexOf(by > 0 ? last.node.id : first.node.id);
  const over = by > 0 ? siblings[edge + 1] : siblings[edge - 1];
  if (over !== undefined) {
    const rest = siblings.filter((id) => !moved.has(id));
    const after = by > 0 ? over : (rest[rest.indexOf(over) - 1] ?? null);
    return { parent, after };
  }
  const next = binder.neighbour(first, by);
  if (!next) return null;
  return { parent: next.id, after: by > 0 ? null : (next.children.at(-1)?.id ?? null) };
}

export async function markRows(
  host: Host,
  binder: Binder,
  rows: readonly Row[],
  status: SceneStatus,
): Promise<Done | null> {
  const novel = binder.novel.id;
  const changed = scenesIn(rows).filter((node) => node.status !== status);
  if (changed.length === 0) return null;
  const set = async (of: (node: (typeof changed)[number]) => SceneStatus) => {
    try {
      for (const node of changed) await host.setStatus(novel, node.id, of(node));
    } finally {
      await binder.refresh();
    }
  };
  const redo = () => set(() => status);
  const undo = () => set((node) => node.status);
  await orBack(redo, undo);
  return { undo, redo };
}

async function orBack(work: () => Promise<void>, back: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    await back().catch(() => undefined);
    throw thrown;
  }
}

/** The scenes among these rows and in them. */
export function scenesIn(rows: readonly Row[]): Row["node"][] {
  const inside = (node: Row["node"]): Row["node"][] => [node, ...node.children.flatMap(inside)];
  return rows.flatMap(({ node }) => inside(node)).filter(({ kind }) => kind === "scene");
}

function same(one: Stand, other: Stand | undefined): boolean {
  return one.parent === other?.parent && (one.before[0] ?? null) === (other?.before[0] ?? null);
}

function siblingsOf(binder: Binder, of: Row): string[] {
  return of.parent ? of.parent.children.map(({ id }) => id) : topOf(binder, of.node);
}

function topOf(binder: Binder, node: Row["node"]): string[] {
  const { nodes, notes } = binder.outline;
  return (isNote(node.kind) ? notes : nodes).map(({ id }) => id);
}

function standOf(binder: Binder, row: Row): Stand {
  const siblings = siblingsOf(binder, row);
  const before = siblings.slice(0, siblings.indexOf(row.node.id)).reverse();
  return { id: row.node.id, parent: row.parent?.id ?? null, before };
}

/** In reading order, so that what a row stands behind stands already. */
async function put(binder: Binder, stands: readonly Stand[]): Promise<void> {
  for (const { id, parent, before } of stands) {
    const node = binder.find(id)?.node;
    if (!node) continue;
    const holder = parent === null ? null : binder.find(parent)?.node;
    const siblings = holder ? holder.children.map((child) => child.id) : topOf(binder, node);
    const rest = siblings.filter((sibling) => sibling !== id);
    const behind = before.find((sibling) => rest.includes(sibling));
    await binder.put(id, parent, behind === undefined ? 0 : rest.indexOf(behind) + 1);
  }
}
