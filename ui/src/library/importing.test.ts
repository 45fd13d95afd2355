/** New novels, the sample, and imports that are seen before they are brought in. */
import { describe, expect, test } from "vitest";
import { fill, find, press, settled, showWindow, submit, until } from "../dev/screen";
import { FakeHost, failure } from "../host/fake";
import { Importing } from "./importing.svelte";

async function shelf() {
  const host = new FakeHost();
  host.state = "open";
  return showWindow(host);
}

describe("an import", () => {
  test("shows parts, chapters and scenes with their words, and has written nothing by then", async () => {
    const { host } = await shelf();
    await press("import");
    await press("choose-folder");
    await until(() => find("import-rows"));
    const shown = find("import-rows").textContent ?? "";
    for (const words of ["Winter", "The Lamp Room", "2 scenes", "1,204", "Chapter 3", "640"])
      expect(shown).toContain(words);
    expect(shown, "a chapter of one scene is that scene").not.toContain("Nobody rowed");
    expect(find("import-totals").textContent).toContain("3,952 words, 3 chapters, 4 scenes");
    expect(document.querySelector("dialog")?.textContent).toContain("Two tables were kept as plain text.");
    expect(host.novels.length).toBe(0);
    await until(() => expect(document.activeElement).toBe(find("import-title")));

    await fill("import-title", "Salt");
    await submit("import-start");
    await until(() => find("open-imported"));
    expect(host.novels.map(({ card }) => card.title)).toEqual(["Salt"]);
    await until(() => expect(document.activeElement).toBe(find("open-imported")));
    await press("open-imported");
    await until(() => find("editor"));
  });

  test("that is put away after looking leaves the library as it was", async () => {
    const { host } = await shelf();
    await press("import");
    await press("choose-file");
    await until(() => find("import-rows"));
    await press("import-back");
    expect(find<HTMLInputElement>("import-path").value).toBe("/home/author/novel.md");
    expect(host.novels.length).toBe(0);
  });

  test("of what is no novel says why, and asks again", async () => {
    await shelf();
    await press("import");
    await fill("import-path", "nowhere.docx");
    await submit("import-look");
    await until(() =>
      expect(document.querySelector("[role=alert]")?.textContent).toContain("nothing at this path"),
    );
    await settled();
    expect(find<HTMLInputElement>("import-path").value).toBe("nowhere.docx");
  });

  test("that fails while it is written shows again what was seen, with the reason", async () => {
    const host = new FakeHost();
    const importing = new Importing(host);
    importing.path = "/home/author/novel.md";
    await importing.look();
    host.importPath = async () => {
      throw failure("other", "The disk is full; nothing was imported.");
    };
    await importing.bring();
    expect(importing.step).toMatchObject({ kind: "seen", error: "The disk is full; nothing was imported." });
  });

  test("begins only after something was seen", async () => {
    const host = new FakeHost();
    let asked = 0;
    host.importPath = async () => {
      asked += 1;
      throw failure("other", "");
    };
    await new Importing(host).bring();
    expect(asked).toBe(0);
  });
});

test("the sample novel comes in the language of the window, from an empty shelf and from the sheet", async () => {
  const { host, seshat } = await shelf();
  seshat.settings.locale = "fr";
  await press("sample-novel");
  await until(() => find("editor"));
  await press("to-library");
  await until(() => find("new-novel"));
  await press("new-novel");
  await press("new-sample");
  await until(() => expect(host.novels.length).toBe(2));
  expect(host.novels.map(({ card }) => card.language)).toEqual(["fr", "fr"]);
});
