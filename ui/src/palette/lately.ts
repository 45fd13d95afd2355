/**
 * What was done and looked at last, so that it is offered first.
 *
 * **Invariant:** the names of acts are kept on this laptop; what of a novel was looked at is kept in memory only, and
 * goes with the novel.
 */
const KEY = "seshat.lately";
const MOST = 6;

const first = (one: string, before: readonly string[]) =>
  [one, ...before.filter((name) => name !== one)].slice(0, MOST);

export function actsLately(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(stored) ? stored.filter((name) => typeof name === "string").slice(0, MOST) : [];
  } catch {
    return [];
  }
}

export function actDone(name: string): void {
  localStorage.setItem(KEY, JSON.stringify(first(name, actsLately())));
}

const visits = new WeakMap<object, string[]>();

/** The last nodes of this novel that were gone to, the newest first. */
export const visitedLately = (novel: object): readonly string[] => visits.get(novel) ?? [];

export function visited(novel: object, node: string): void {
  visits.set(novel, first(node, visitedLately(novel)));
}
