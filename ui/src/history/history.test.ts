/** Versions, what changed, bringing back, names, and what came from other laptops. */
import { describe, expect, test, vi } from "vitest";
import { oneScene, showDesk } from "../dev/desk";
import { hold } from "../dev/held";
import { fill, find, key, press, settled, submit, until } from "../dev/screen";
import { runsFromText } from "../dev/text";
import { failure } from "../host/fake";
import { Versions } from "./versions.svelte";

const ctrl = { ctrlKey: true };
const OLD = "The lamp was out";

/** The open scene once said something else. */
async function withPast() {
  const desk = await showDesk();
  const { host, first } = desk;
  const scene = host.scenes.get(first);
  if (!scene) throw new Error("no scene");
  const { cells } = scene;
  const from = host.textOf(first).indexOf("The lamp was burning");
  const old = [...OLD].map((unit) => ({ unit, attributes: {} }));
  scene.cells = [...cells.slice(0, from), ...old, ...cells.slice(from + "The lamp was burning".length)];
  host.keep(first, "named", "Before the light", Date.now() - 3_600_000);
  scene.cells = cells;
  await key("4", find("editor"), ctrl);
  await until(() => find("timeline"));
  await until(() => find("difference"));
  return desk;
}

describe("the history of a scene", () => {
  test("shows what changed since, word by word, with the page's editor kept behind it", async () => {
    await withPast();
    const named = [...document.querySelectorAll<HTMLElement>("[data-testid=version]")];
    expect(named.map((row) => row.dataset.kind)).toEqual(["opened", "named"]);
    await until(() => expect(document.querySelector("del")?.textContent).toBe("out "));
    expect(document.querySelector("ins")?.textContent).toBe("burning ");
    expect(find("history-said").textContent).toContain("1 word added, 1 word removed");
    expect(find("unfold").textContent).toContain("paragraphs unchanged");
    await press("unfold");
    expect(find("difference").textContent).toContain("not alone");
    expect(find("editor").closest("main")?.hidden).toBe(true);
  });

  test("is walked with the arrow keys, one stop for Tab, and Escape leads back into the text", async () => {
    await withPast();
    const rows = [...document.querySelectorAll<HTMLElement>("[data-testid=version]")];
    await until(() => expect(document.activeElement, "what says most about the present").toBe(rows[1]));
    await key("ArrowUp");
    expect(document.activeElement).toBe(rows[0]);
    expect(rows.map((row) => [row.tabIndex, row.getAttribute("aria-selected")])).toEqual([
      [0, "true"],
      [-1, "false"],
    ]);
    await until(() => expect(find("history-said").textContent).toContain("Nothing changed."));
    await key("Escape");
    await until(() => expect(document.activeElement).toBe(find("editor")));
    expect(document.querySelector("[data-testid=history]")).toBe(null);
  });

  test("brings a version back over the present, which is kept, and takes that back, too", async () => {
    const { host, first } = await withPast();
    const before = host.textOf(first);
    [...document.querySelectorAll<HTMLElement>("[data-testid=version]")][1]?.click();
    await settled();
    await press("restore-version");
    await until(() => expect(host.textOf(first)).toContain(OLD));
    await until(() => expect(find("editor").textContent).toContain(OLD));
    const kinds = () =>
      [...document.querySelectorAll<HTMLElement>("[data-testid=version]")].map((row) => row.dataset.kind);
    await until(() => expect(kinds()).toContain("before_restore"));
    await press("notice-do");
    await until(() => expect(host.textOf(first)).toBe(before));
  });

  test("says of text without a time that it was imported, and offers nothing back that is there", async () => {
    const { host, first, novel } = await showDesk();
    const row = host.keep(first, "automatic", null, 1);
    const unknown = host.versions.bind(host);
    host.versions = async (...of) =>
      (await unknown(...of)).map((one) => (one.version === row.version ? { ...one, at: null } : one));
    await novel.showHistory();
    await until(() => find("timeline"));
    const last = [...document.querySelectorAll<HTMLElement>("[data-testid=version]")].at(-1);
    expect(last?.textContent).toContain("Imported");
    expect(find("timeline").textContent).toContain("the beginning");
    last?.click();
    await until(() => expect(find("history-said").textContent).toBe("Nothing changed."));
    expect(find<HTMLButtonElement>("restore-version").disabled).toBe(true);
    host.editElsewhere(first, [{ op: "insert", at: 1, text: "Now. ", attributes: {} }]);
    await novel.versions.choose(row);
    await until(() => expect(find<HTMLButtonElement>("restore-version").disabled).toBe(false));
  });

  test("copies the words of then, and not what was added since", async () => {
    const written: string[] = [];
    vi.stubGlobal("navigator", {
      ...navigator,
      languages: ["en"],
      clipboard: { writeText: async (text: string) => void written.push(text) },
    });
    await withPast();
    [...document.querySelectorAll<HTMLElement>("[data-testid=version]")][1]?.click();
    await until(() => expect(document.querySelector("del")).not.toBe(null));
    const place = document.querySelector("[data-testid=difference] p");
    if (place) getSelection()?.selectAllChildren(place);
    await press("copy-version");
    await until(() => expect(written[0]).toContain(OLD));
    expect(written[0]).not.toContain("burning");
    getSelection()?.removeAllRanges();
    await press("copy-version");
    await until(() => expect(written[1]?.split("\n").length).toBeGreaterThan(8));
    vi.unstubAllGlobals();
  });

  test("gets a name with Ctrl and S, which can be changed and forgotten", async () => {
    const { host, card, first, novel } = await showDesk();
    novel.desk.type("One more word. ");
    await key("s", find("editor"), ctrl);
    await fill("snapshot-name", "Monday");
    await submit("snapshot-keep");
    await until(async () => expect((await host.versions(card.id, first))[0]?.name).toBe("Monday"));
    expect(
      (await host.versionText(card.id, first, (await host.versions(card.id, first))[0]?.version ?? ""))
        .runs[1]?.text,
    ).toContain("One more word.");
    await until(() => expect(document.activeElement).toBe(find("editor")));
    await press("view-history");
    await until(() => find("timeline"));
    document.querySelector<HTMLElement>("[data-kind=named]")?.click();
    await settled();
    await press("rename-this");
    const field = find<HTMLInputElement>("rename-version");
    field.value = "Tuesday";
    await key("Enter", field);
    await until(async () => expect((await host.versions(card.id, first))[0]?.name).toBe("Tuesday"));
    await until(() => expect(find("timeline").textContent).toContain("Tuesday"));
    await press("forget-this");
    await until(() => expect(find("timeline").textContent).not.toContain("Tuesday"));
  });

  test("says so in one sentence when it cannot be read", async () => {
    const { host, novel } = await showDesk();
    host.versions = async () => {
      throw failure("other", "The disk could not be read; nothing was changed.");
    };
    await novel.showHistory();
    await until(() => expect(find("history").textContent).toContain("The disk could not be read"));
  });
});

test("a version that arrives after another was chosen is not shown", async () => {
  const { host, card, scene, page } = await oneScene("first");
  const old = host.keep(scene, "named", "A", 1000);
  host.setText(scene, runsFromText("second"));
  const late = host.keep(scene, "named", "B", 2000);
  const { answers } = hold(host, "versionText");
  const versions = new Versions(host, card.id, page);
  versions.look = "text";
  void versions.load(scene);
  await vi.waitFor(() => expect(answers.length).toBe(1));
  void versions.choose(old);
  void versions.choose(late);
  for (const answer of answers.splice(0).toReversed()) answer();
  await vi.waitFor(() => expect(versions.shown.kind).toBe("text"));
  expect(versions.shown.kind === "text" && versions.shown.text.runs[1]?.text).toBe("second");
});

describe("the history of the whole novel", () => {
  test("keeps every scene under one name, shows one of them, and brings all back after a question", async () => {
    const { host, novel, first } = await showDesk();
    const before = host.textOf(first);
    await press("view-history");
    await novel.showHistory("novel");
    await settled();
    await press("snapshot");
    await fill("snapshot-name", "First draft");
    await submit("snapshot-keep");
    await until(() => expect(find("past-outline").textContent).toContain("A light that nobody lit"));
    novel.desk.type("Changed. ");
    await novel.desk.flush();
    await press("restore-novel");
    expect(host.textOf(first)).not.toBe(before);
    await press("restore-novel-sure");
    await until(() => expect(host.textOf(first)).toBe(before));
    await until(() => expect(find("editor").textContent?.startsWith("The lamp")).toBe(true));
    document.querySelector<HTMLElement>("[data-testid=past-scene]")?.click();
    await until(() => expect(novel.scope).toBe("scene"));
    await until(() => expect(novel.versions.chosen?.kind).toBe("named_novel"));
  });
});

describe("what other laptops brought", () => {
  test("is told scene by scene, with the text from before one press away, until it is put away", async () => {
    const { host, card, first, novel } = await showDesk();
    const before = host.textOf(first);
    host.mergeElsewhere(
      card.id,
      first,
      () =>
        host.editElsewhere(first, [{ op: "insert", at: before.length, text: " Two words.", attributes: {} }]),
      { overlaps: true },
    );
    await until(() => expect(find("merges-banner").textContent).toContain("1 scene"));
    await until(() => expect(find("editor").textContent).toContain("Two words."));
    await press("open-merges");
    expect(find("merge").textContent).toContain("Chapter 1, scene 1:");
    expect(find("merge-told").textContent).toBe("2 words from Desk");
    expect(find("merge").textContent).toContain("Worth a look");
    await press("merge-before");
    await until(() => expect(document.querySelector("ins")?.textContent).toContain("Two words."));
    expect(novel.versions.chosen?.kind).toBe("before_merge");
    await press("open-merges");
    await press("merges-dismiss");
    await until(() => expect(document.querySelector("[data-testid=merges-banner]")).toBe(null));
    expect(await host.merges(card.id)).toEqual([]);
  });

  test("stands in the order of the novel, whatever order it came in", async () => {
    const { host, card, novel } = await showDesk();
    const scenes = novel.binder.scenes.slice(0, 3).flatMap(({ scene }) => scene ?? []);
    for (const scene of scenes) host.mergeElsewhere(card.id, scene, () => undefined);
    const rows = (await host.merges(card.id)).flatMap((report) => report.scenes);
    const came = [rows[1], rows[2], rows[0]].flatMap((row) => row ?? []);
    host.merges = async () => [{ id: 1, at: 0, scenes: came }];
    await novel.merges.load();
    await settled();
    await press("open-merges");
    const told = [...document.querySelectorAll("[data-testid=merge] b")].map((name) => name.textContent);
    expect(told).toEqual(["Chapter 1, scene 1:", "Chapter 1, scene 2:", "Chapter 1, scene 3:"]);
  });
});

test("a damaged scene says so on its page and gives its last good text", async () => {
  await showDesk((host) => {
    const scene =
      [...host.scenes.keys()].find((id) => host.textOf(id).includes("The lamp was burning")) ?? "";
    host.damaged.set(scene, {
      message: "One record does not open; the rest is here.",
      lastGood: runsFromText("What it once said."),
    });
  });
  await until(() => expect(find("damage").textContent).toContain("One record does not open"));
  await press("last-good");
  expect(document.querySelector("dialog")?.textContent).toContain("What it once said.");
});
