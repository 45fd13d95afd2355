import { Slice } from "prosemirror-model";
import { NodeSelection } from "prosemirror-state";
import type { EditorView } from "prosemirror-view";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeHost } from "../host/fake";
import { Settings } from "../settings/settings.svelte";
import { Desk } from "./desk.svelte";

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);

let host: FakeHost;
let desk: Desk;
let place: HTMLElement;
let novel: string;
let made: string[];
let revoked: string[];

beforeEach(async () => {
  host = new FakeHost();
  host.state = "open";
  const card = await host.createNovel("The Ferry", "en");
  novel = card.id;
  const { nodes } = await host.outline(novel);
  const scene = nodes[0]?.children[0]?.scene as string;
  [made, revoked] = [[], []];
  vi.spyOn(URL, "createObjectURL").mockImplementation(() => {
    made.push(`blob:picture-${made.length + 1}`);
    return made.at(-1) as string;
  });
  vi.spyOn(URL, "revokeObjectURL").mockImplementation((url) => void revoked.push(url));
  vi.stubGlobal("IntersectionObserver", undefined);
  const reports = { onEdited: () => {}, onRemote: () => {} };
  desk = new Desk(host, { id: novel, language: "en" }, new Settings(), reports);
  place = document.createElement("div");
  document.body.append(place);
  desk.mount(place);
  await desk.open(scene);
});

afterEach(() => {
  desk.forget();
  place.remove();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const view = () => desk.view as EditorView;
const picture = () => place.querySelector<HTMLElement>(".picture") as HTMLElement;
const atoms = () => {
  const found: unknown[] = [];
  view().state.doc.descendants((node) => {
    if (node.type.name === "image") found.push(node.attrs.atom);
  });
  return found;
};
/** What the clipboard or a drop carries. */
const carrying = (files: File[], texts: Record<string, string> = {}) =>
  ({ files, getData: (type: string) => texts[type] ?? "" }) as unknown as DataTransfer;
const file = (bytes: Uint8Array, type: string) => new File([bytes as BlobPart], "picture", { type });
/** Asks the plugins of the editor as the browser would. */
const paste = (data: DataTransfer) =>
  view().someProp("handlePaste", (take) =>
    take.call(null as never, view(), { clipboardData: data } as ClipboardEvent, Slice.empty)
      ? true
      : undefined,
  ) ?? false;

async function choose() {
  host.chosen = PNG;
  await desk.images.choose(view());
}

test("a chosen picture stands in a paragraph of its own, shown from memory, with its card open", async () => {
  await choose();
  await vi.waitFor(() => expect(picture().dataset.shown).toBe("here"));
  expect(picture().querySelector("img")?.getAttribute("src")).toBe("blob:picture-1");
  expect(atoms()).toEqual([{ kind: "image", hash: [...host.images.keys()][0], alt: "" }]);
  expect(view().state.selection).toBeInstanceOf(NodeSelection);
  expect(desk.images.open).not.toBeNull();
  expect(view().state.doc.lastChild?.content.size).toBe(0);
});

test("what is said of a picture and its width are in the text, and undo takes back one after the other", async () => {
  await choose();
  desk.images.describe("  A map of the ferry  ");
  desk.images.resize(50);
  expect(atoms()).toMatchObject([{ alt: "A map of the ferry", width: 50 }]);
  expect(picture().style.inlineSize).toBe("50%");
  desk.images.resize(null);
  expect(atoms()[0]).not.toHaveProperty("width");
  desk.sheet?.undo();
  expect(atoms()).toMatchObject([{ width: 50 }]);
  desk.sheet?.undo();
  expect(atoms()).toMatchObject([{ alt: "A map of the ferry" }]);
  await desk.flush();
  const stored = [...host.scenes.values()].flatMap((scene) =>
    scene.cells.map((cell) => cell.attributes.atom),
  );
  expect(stored).toContainEqual(expect.objectContaining({ kind: "image", alt: "A map of the ferry" }));
});

test("a picture that has not come shows its words, and itself once it is there", async () => {
  await choose();
  desk.images.describe("A map");
  const [name, bytes] = [...host.images][0] as [string, Uint8Array];
  host.images.clear();
  desk.images.forget();
  const held: string[] = [];
  vi.useFakeTimers();
  const end = desk.images.watch(name, ({ kind }) => held.push(kind));
  await vi.advanceTimersByTimeAsync(3_000);
  host.images.set(name, bytes);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(held).toEqual(["coming", "missing", "missing", "here"]);
  end();
});

test("addresses of pictures end with the last who looks, and with a lock", async () => {
  host.images.set("ab", PNG);
  const one = desk.images.watch("ab", () => {});
  const two = desk.images.watch("ab", () => {});
  await vi.waitFor(() => expect(made).toHaveLength(1));
  one();
  expect(revoked).toEqual([]);
  two();
  expect(revoked).toEqual(made);
  desk.images.watch("ab", () => {});
  await vi.waitFor(() => expect(made).toHaveLength(2));
  desk.forget();
  expect(revoked).toEqual(made);
});

test("a pasted or dropped file of a picture is put in, and words that come with one are pasted as words", async () => {
  expect(
    paste(carrying([file(PNG, "image/png")], { "text/html": "<meta><img src='https://example.org/a.png'>" })),
  ).toBe(true);
  await vi.waitFor(() => expect(atoms()).toHaveLength(1));
  const images = vi.spyOn(desk.images, "take");
  for (const data of [
    carrying([file(PNG, "image/png")], { "text/html": "<table><td>Words</td></table>" }),
    carrying([file(PNG, "image/svg+xml")]),
    carrying([]),
  ]) {
    paste(data);
    expect(images).not.toHaveBeenCalled();
  }
});

test("what is no picture is not put in, and the author is told", async () => {
  await desk.images.take(view(), [file(new TextEncoder().encode("<svg/>"), "image/png")]);
  expect(atoms()).toEqual([]);
  expect(desk.images.failure).toContain("nothing was changed");
});

test("a picture is taken out by its card, and brought back by undo", async () => {
  await choose();
  desk.images.remove();
  expect(atoms()).toEqual([]);
  expect(desk.images.open).toBeNull();
  desk.sheet?.undo();
  expect(atoms()).toHaveLength(1);
});

test("a card goes with the editor that its picture stands in", async () => {
  await choose();
  desk.sheet?.erase();
  expect(desk.images.open).toBeNull();
});

test("Enter on a chosen picture opens its card and splits nothing", async () => {
  await choose();
  desk.images.close();
  let at = 0;
  view().state.doc.descendants((node, position) => {
    if (node.type.name === "image") at = position;
  });
  const before = view().state.doc.childCount;
  view().dispatch(view().state.tr.setSelection(NodeSelection.create(view().state.doc, at)));
  view().dom.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  expect(desk.images.open).not.toBeNull();
  expect(view().state.doc.childCount).toBe(before);
});
