/** New novels, the sample, and imports that are seen and cut before they are brought in, and can be taken back. */
import { describe, expect, test } from "vitest";
import { fill, find, press, settled, showWindow, submit, until } from "../dev/screen";
import { FakeHost, failure } from "../host/fake";
import type { ShapingChoice } from "../host/host";
import { cutsOf } from "./cuts";
import { Importing } from "./importing.svelte";

const KEEPER = "/home/author/keeper.docx";

async function shelf() {
  const host = new FakeHost();
  host.state = "open";
  return showWindow(host);
}

async function chosen(path = KEEPER) {
  const shown = await shelf();
  shown.host.importAt = path;
  await press("import");
  await press("choose-file");
  await until(() => find("import-rows"));
  return shown;
}

async function looked(path = KEEPER) {
  const host = new FakeHost();
  host.state = "open";
  const importing = new Importing(host);
  importing.path = path;
  await importing.look();
  return { host, importing };
}

const rest = (importing: Importing) => until(() => expect(importing.cutting).toBe(false));
const said = () => find("import-said").textContent ?? "";

/** Chooses what a sign becomes. */
async function become(cut: string, value: string) {
  const select = find<HTMLSelectElement>(`cut-${cut}`);
  select.value = value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  await settled();
}

describe("an import", () => {
  test("shows parts, chapters and scenes with their words, and has written nothing by then", async () => {
    const { host } = await chosen();
    const shown = find("import-rows").textContent ?? "";
    for (const words of ["Winter", "The Lamp Room", "2 scenes", "1,204", "מגדלור בצפון"])
      expect(shown).toContain(words);
    expect(shown, "a chapter of one scene is that scene").not.toContain("Nobody rowed");
    expect(find("import-totals").textContent).toBe("2 parts, 5 chapters, 9 scenes, and 13,624 words");
    expect(said(), "a screen reader hears the same").toBe(find("import-totals").textContent);
    expect(find("import-beside").textContent).toBe("With 2 pictures, 11 footnotes, and 5 comments.");
    expect(find("import-notes").textContent).toContain("2 tables became paragraphs");
    expect(document.querySelector("dialog")?.textContent).toContain("By \u2068Ines Marsh");
    expect(host.novels.length).toBe(0);
    await until(() => expect(document.activeElement).toBe(find("import-title")));
    expect(find<HTMLSelectElement>("language").selectedOptions[0]?.textContent).toBe(
      "As the file says: British English",
    );

    await fill("import-title", "Salt");
    await submit("import-start");
    await until(() => find("open-imported"));
    expect(host.novels.map(({ card }) => card.title)).toEqual(["Salt"]);
    await until(() => expect(document.activeElement).toBe(find("open-imported")));
    await press("open-imported");
    await until(() => find("editor"));
  });

  test("that is put away after looking leaves the library as it was, and nothing is kept of what was read", async () => {
    const { host } = await chosen();
    await press("import-back");
    expect(find<HTMLInputElement>("import-path").value).toBe(KEEPER);
    expect(host.novels.length).toBe(0);
    expect(host.forgotten).toBe(1);
  });

  test("of what is no novel says why, keeps what was chosen, and another file can be chosen", async () => {
    const { host } = await shelf();
    await press("import");
    await fill("import-path", "nowhere.docx");
    await submit("import-look");
    await until(() =>
      expect(document.querySelector("[role=alert]")?.textContent).toContain("nothing at this path"),
    );
    await settled();
    expect(find<HTMLInputElement>("import-path").value).toBe("nowhere.docx");
    host.importAt = KEEPER;
    await press("choose-file");
    await until(() => find("import-rows"));
  });

  test("that fails while it is written shows again what was seen, with the reason", async () => {
    const { host, importing } = await looked();
    host.importNovel = async () => {
      throw failure("other", "The disk is full; nothing was imported.");
    };
    await importing.bring();
    expect(importing.step).toMatchObject({ kind: "seen", error: "The disk is full; nothing was imported." });
  });

  test("begins only after something was seen, and not while what is shown is cut otherwise", async () => {
    const { host, importing } = await looked();
    let asked = 0;
    const { importNovel } = host;
    host.importNovel = async (...how) => {
      asked += 1;
      return importNovel.call(host, ...how);
    };
    await new Importing(host).bring();
    importing.cut({ pages: "chapter" });
    await importing.bring();
    expect(asked).toBe(0);
    await rest(importing);
    await importing.bring();
    expect(asked).toBe(1);
  });
});

describe("reading that takes long", () => {
  test("says what is read, and stops when the author says so", async () => {
    const { host } = await shelf();
    await press("import");
    await fill("import-path", "/home/author/long.docx");
    await submit("import-look");
    expect(said()).toBe("Reading long.docx");
    await press("choose-file");
    expect(host.looks.length, "one thing is read at a time").toBe(1);
    await press("import-stop");
    await until(() => find("choose-folder"));
    expect([host.forgotten, find<HTMLInputElement>("import-path").value]).toEqual([
      1,
      "/home/author/long.docx",
    ]);
    await settled();
    expect(document.querySelector("[role=alert]"), "who stops is told nothing").toBeNull();
    await until(() => expect(document.activeElement).toBe(find("choose-file")));
  });

  test("is forgotten when the sheet is closed", async () => {
    const { host, seshat } = await shelf();
    await press("import");
    await fill("import-path", "/home/author/long.docx");
    await submit("import-look");
    seshat.closeOverlay();
    await settled();
    expect(host.forgotten).toBe(1);
  });
});

describe("the system's question for a file", () => {
  test("is answered to nobody who has gone away, or on by other means", async () => {
    const answers: ((path: string) => void)[] = [];
    const { host, importing } = await looked();
    importing.back();
    host.chooseImport = () => new Promise((answer) => answers.push(answer));
    const first = importing.choose("file");
    const second = importing.choose("folder");
    answers[0]?.(KEEPER);
    await first;
    answers[1]?.("/home/author/Novel");
    await second;
    expect(importing.path).toBe(KEEPER);
    importing.back();
    const third = importing.choose("file");
    importing.leave();
    answers[2]?.("/home/author/clocks.txt");
    await third;
    expect(host.looks.map(({ path }) => path)).toEqual([KEEPER, KEEPER]);
  });
});

describe("how a document is cut", () => {
  test("is asked of what stands in it only, with how often it does", async () => {
    await chosen();
    const asked = [...document.querySelectorAll<HTMLElement>(".cuts li")].map((row) =>
      row.querySelector("label")?.textContent?.replace(/\s+/g, " ").trim(),
    );
    expect(asked).toEqual([
      "Headings, level 1",
      "Headings, level 2",
      "Headings, level 3",
      "Lines such as “Chapter 3” 2×",
      "Lines with only a number 2×",
      "Lines with only a sign, such as * * * 3×",
      "Rules across the page 1×",
      "New pages 6×",
      "Empty lines 2×",
    ]);
    expect(find<HTMLSelectElement>("cut-level-1").value).toBe("part");
    expect(find<HTMLSelectElement>("cut-level-2").value).toBe("chapter");
    expect(find<HTMLSelectElement>("cut-level-3").value).toBe("text");
  });

  test("is seen at once when it changes, and heard", async () => {
    const { host } = await chosen();
    await become("lines", "chapter");
    expect(find("import-rows").getAttribute("aria-busy")).toBe("true");
    await until(() => expect(find("import-rows").textContent).toContain("Chapter 6: The Oil"));
    expect(find("import-rows").getAttribute("aria-busy")).toBe("false");
    expect(said()).toContain("7 chapters");
    await become("blanks", "scene");
    await until(() => expect(said()).toContain("13 scenes"));
    await fill("cut-many", "2");
    await until(() => expect(said()).toContain("11 scenes"));
    expect(host.looks.at(-1)?.shaping).toMatchObject({ lines: "chapters", blanks: "scene", blank_lines: 2 });

    await submit("import-start");
    await until(() => find("open-imported"));
    expect(host.novels[0]?.nodes.map(({ title }) => title)).toEqual(["Winter", "Spring"]);
    expect(host.novels[0]?.nodes[1]?.children.at(-1)?.title).toBe("Epilogue");
  });

  test("goes back to what was proposed", async () => {
    await chosen();
    expect(document.querySelector('[data-testid="cut-reset"]')).toBeNull();
    await become("pages", "chapter");
    find("cut-reset").focus();
    await press("cut-reset");
    await until(() => expect(find("import-rows").getAttribute("aria-busy")).toBe("false"));
    expect(find<HTMLSelectElement>("cut-pages").value).toBe("nothing");
    expect(said()).toContain("5 chapters");
    expect(document.activeElement, "the focus is not lost with its button").toBe(find("cut-level-1"));
  });

  test("asks once when several choices change one after the other, and shows the last answer alone", async () => {
    const { host, importing } = await looked();
    importing.cut({ pages: "scene" });
    importing.cut({ pages: "chapter" });
    await rest(importing);
    expect(host.looks.map(({ shaping }) => shaping?.pages)).toEqual([undefined, "chapter"]);

    const { previewImport } = host;
    let late = () => {};
    host.previewImport = async (path, shaping) => {
      const found = await previewImport.call(host, path, shaping);
      if (shaping?.pages === "scene") await new Promise<void>((answer) => (late = answer));
      return found;
    };
    importing.cut({ pages: "scene" });
    await until(() => expect(host.looks.at(-1)?.shaping?.pages).toBe("scene"));
    importing.cut({ pages: "nothing" });
    await rest(importing);
    late();
    await settled();
    expect(importing.step).toMatchObject({ kind: "seen", preview: { shaping: { pages: "nothing" } } });
  });

  test("that fails is said, and what is chosen is again what is shown", async () => {
    const { host, importing } = await looked();
    host.previewImport = async () => {
      throw failure("not_found", "There is nothing at this path. Nothing was imported.");
    };
    importing.cut({ pages: "chapter" });
    await rest(importing);
    expect(importing.choice?.pages).toBe("nothing");
    expect(importing.step).toMatchObject({ error: "There is nothing at this path. Nothing was imported." });
  });

  test("leaves a title of the author's alone", async () => {
    const { importing } = await looked();
    importing.title = "Salt";
    importing.cut({ pages: "chapter" });
    await rest(importing);
    expect(importing.title).toBe("Salt");
  });

  test("gives each level of headings one meaning, and takes it from the level that had it", () => {
    const shaping = {
      part_level: 1,
      chapter_level: 2,
      title_level: null,
      scene_level: null,
    } as ShapingChoice;
    const none = { lines: 0, numbers: 0, ornaments: 0, rules: 0, pages: 0, sections: 0, files: 0, blanks: 0 };
    const [first, second] = cutsOf(shaping, { ...none, levels: [1, 2], tree: false });
    expect(first?.as("chapter")).toEqual({ part_level: null, chapter_level: 1 });
    expect(second?.as("text")).toEqual({ chapter_level: null });
    expect(
      cutsOf({ ...shaping, ...first?.as("chapter") }, { ...none, levels: [2], tree: false })[0]?.value,
    ).toBe("text");
  });

  test("of a writing program's tree is asked as a tree, and of a folder of chapters not at all", async () => {
    await chosen("/home/author/Salt.scriv");
    expect(said()).toBe("2 chapters, 5 scenes, and 1,780 words");
    await become("tree", "texts");
    await until(() => expect(said()).toBe("2 parts, 5 chapters, 5 scenes, and 1,780 words"));
    expect(find<HTMLSelectElement>("language").value, "the file says none").toBe("en-US");
    await press("import-back");
    await fill("import-path", "/home/author/Novel");
    await submit("import-look");
    await until(() => find("import-rows"));
    expect(document.querySelectorAll(".cuts select").length).toBe(0);
    expect(document.querySelector(".cuts")?.textContent).toContain("The files of a folder are its chapters");
  });

  test("of a text without signs says that there are none", async () => {
    await chosen("/home/author/clocks.txt");
    expect(document.querySelector(".cuts")?.textContent).toContain("Nothing in it says where");
  });
});

describe("what was imported", () => {
  test("is taken back whole right there", async () => {
    const { host } = await chosen();
    await submit("import-start");
    await until(() => find("import-undo"));
    await press("import-undo");
    await until(() => expect(document.querySelector("dialog")).toBeNull());
    expect(host.novels).toEqual([]);
    expect(find("notice").textContent).toBe("The import of The Lighthouse Keeper is taken back.");
    await until(() => expect(document.activeElement).not.toBe(document.body));
  });

  test("has the focus on the shelf when the sheet is closed, and the notice takes it back", async () => {
    const { host } = await chosen();
    await submit("import-start");
    await until(() => find("open-imported"));
    await press("import-close");
    await until(() => expect(document.activeElement).toBe(find("novel")));
    expect(find("notice").textContent).toBe("The Lighthouse Keeper is in your library.");
    await press("notice-do");
    await until(() => expect(host.novels).toEqual([]));
    await until(() => expect(find("notice").textContent).toContain("is taken back"));
    expect(document.querySelector('[data-testid="novel"]')).toBeNull();
  });

  test("can be taken back while it is open, which leads to the library", async () => {
    const { host } = await chosen();
    await submit("import-start");
    await until(() => find("open-imported"));
    await press("open-imported");
    await until(() => find("editor"));
    await press("notice-do");
    await until(() => expect(find("notice").textContent).toContain("is taken back"));
    expect(host.novels).toEqual([]);
    await until(() => find("new-novel"));
  });

  test("stays when somebody wrote in it since, and the window says so", async () => {
    const { host, seshat } = await chosen();
    await submit("import-start");
    await until(() => find("open-imported"));
    const [novel] = host.novels;
    const id = novel?.card.id ?? "";
    const scene = (await host.outline(id)).nodes[0]?.children[0]?.children[0]?.scene ?? "";
    const { session } = await host.openScene(id, scene);
    await host.editScene({ novel: id, scene, session, sequence: 1, ops: [], typed: true });
    await press("import-undo");
    expect(document.querySelector("dialog [role=alert]")?.textContent).toContain("was written in since");
    expect(host.novels.length).toBe(1);
    seshat.closeOverlay();
  });

  test("is not left by going back while it is written", async () => {
    const { host, importing } = await looked();
    let go = () => {};
    const { importNovel } = host;
    host.importNovel = async (...how) => {
      await new Promise<void>((answer) => (go = answer));
      return importNovel.call(host, ...how);
    };
    const brought = importing.bring();
    importing.back();
    expect(importing.step.kind).toBe("writing");
    go();
    await brought;
    expect(importing.step.kind).toBe("done");
  });

  test("while the sheet was closed is told, and can be taken back", async () => {
    const { host, seshat } = await chosen();
    const { importNovel } = host;
    let go = () => {};
    host.importNovel = async (...how) => {
      await new Promise<void>((answer) => (go = answer));
      return importNovel.call(host, ...how);
    };
    await submit("import-start");
    seshat.closeOverlay();
    await settled();
    go();
    await until(() => expect(find("notice").textContent).toBe("The Lighthouse Keeper is in your library."));
    await until(() => find("notice-do"));
  });

  test("is said to nobody who has locked the vault meanwhile", async () => {
    const { host, seshat } = await chosen();
    const { importNovel } = host;
    let go = () => {};
    host.importNovel = async (...how) => {
      const imported = await importNovel.call(host, ...how);
      await new Promise<void>((answer) => (go = answer));
      return imported;
    };
    await submit("import-start");
    await seshat.lock();
    await settled();
    go();
    await settled();
    expect(document.body.textContent).not.toContain("The Lighthouse Keeper");
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
