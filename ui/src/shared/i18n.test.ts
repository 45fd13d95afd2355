import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { showDesk } from "../dev/desk";
import { fillLibrary } from "../dev/library";
import { fillPast } from "../dev/past";
import { pseudoRtl } from "../dev/pseudo";
import { fill, find, press, settled, showWindow, submit, until } from "../dev/screen";
import { FakeHost } from "../host/fake";
import { ago, day, language, localeFor, t } from "./i18n.svelte";
import { en } from "./messages/en";
import { fr } from "./messages/fr";

const places = (message: unknown) => [...new Set(JSON.stringify(message).match(/\{\w+\}/g))].sort();

afterEach(() => {
  language.override = null;
  language.locale = "en";
});

describe("messages", () => {
  test("French says everything that English says, with the same places", () => {
    expect(Object.keys(fr).sort()).toEqual(Object.keys(en).sort());
    for (const [key, message] of Object.entries(en)) {
      expect(places(fr[key as keyof typeof fr]), key).toEqual(places(message));
    }
  });

  test("French has one and many where English has them", () => {
    for (const [key, message] of Object.entries(en))
      expect(typeof fr[key as keyof typeof fr], key).toBe(typeof message);
  });

  test("no message is empty, and none raises its voice", () => {
    const all = [...Object.values(en), ...Object.values(fr)].flatMap((message) =>
      typeof message === "string" ? [message] : Object.values(message),
    );
    expect(all.filter((text) => text.trim() === "" || text.includes("!"))).toEqual([]);
  });

  test("every message is said somewhere", () => {
    const source = sources();
    const made = [...source.matchAll(/`([a-z][\w.]*\$\{[^`]*)`/g)].map(([, name = ""]) => {
      const parts = name.split(/\$\{[^}]*\}/).map((part) => part.replaceAll(".", "\\."));
      return new RegExp(`^${parts.join("[\\w.-]+")}$`);
    });
    const said = (key: string) =>
      source.includes(`"${key}"`) || source.includes(`'${key}'`) || made.some((one) => one.test(key));
    expect(Object.keys(en).filter((key) => !said(key))).toEqual([]);
  });

  test("no message of the interface holds a dash that joins sentences", () => {
    expect(JSON.stringify([en, fr])).not.toMatch(/[\u2013\u2014]/);
  });

  test("counts follow the language's own plural and its own figures", () => {
    expect([t("footer.words", { n: 1 }), t("footer.words", { n: 0 })]).toEqual(["1 word", "0 words"]);
    expect(t("footer.words", { n: 12345 })).toBe("12,345 words");
    language.locale = "fr";
    expect([t("footer.words", { n: 0 }), t("footer.words", { n: 2 })]).toEqual(["0 mot", "2 mots"]);
  });

  test("times are short", () => {
    expect([ago(0, 2000), ago(0, 180_000), ago(0, 7_200_000)]).toEqual(["2 s ago", "3 min ago", "2 h ago"]);
    const noon = new Date(2026, 4, 6, 12).getTime();
    expect([day(noon, noon), day(noon - 86_400_000, noon)]).toEqual(["today", "yesterday"]);
  });

  test("the author's own languages decide, English where we have none of them", () => {
    expect([localeFor(["de", "fr-CA", "en"]), localeFor(["de"])]).toEqual(["fr", "en"]);
  });
});

test("under a right-to-left pseudo language every word of the desk comes from the messages", async () => {
  language.override = { messages: pseudoRtl(), direction: "rtl" };
  const host = new FakeHost();
  host.state = "open";
  await fillLibrary(host);
  await showWindow(host);
  expect(document.documentElement.dir).toBe("rtl");
  await press("novel");
  await until(() => find("editor"));
  await settled();
  expect(foreign()).toEqual([]);
});

test("so does every word about the vault, laptops, passphrases and alarms", async () => {
  language.override = { messages: pseudoRtl(), direction: "rtl" };
  const host = new FakeHost();
  host.state = "open";
  host.password = "password";
  const card = await fillLibrary(host);
  host.knock("482913");
  host.raise("gap", "In the program's own words.");
  const { seshat } = await showWindow(host);
  const parts = ["keys", "kit", "locking", "devices"].map((part) => () => press(`part-${part}`));
  const folder = async () => {
    document.querySelectorAll<HTMLElement>("dialog [role=radiogroup] input")[1]?.click();
    await until(() => find("folder-path"));
  };
  const connected = async () => {
    const novels = [{ novel: "1", title: "ℕ", trashed: 3, emptied: 1, of: 4 }];
    await host.createFolder("/media");
    host.laptops(["ℕ", "everything"], ["ℕ", "not_yet"]);
    host.refuse({ novel: null, title: null, scene: null, reason: "In the server's words." });
    const first = { done: 1, total: 2, bytes: 3, ready: [] };
    host.turn({
      held: { message: "In the program's own words.", laptops: [], novels },
      first,
      no_room: true,
    });
    await until(() => find("offer-again"));
    await until(() => expect(find("folder-facts").textContent).not.toBe(""));
    await press("sync-now");
  };
  const looks: [string, () => Promise<unknown>][] = [
    ["vault", () => until(() => find("facts"))],
    ...parts.map((look): [string, () => Promise<unknown>] => ["vault", look]),
    ["vault", () => press("change-password")],
    ["vault", () => press("leaked")],
    ["joins", () => until(() => find("code"))],
    ["server", settled],
    ["server", folder],
    ["server", connected],
    ["server", () => press("leave")],
  ];
  for (const [overlay, look] of looks) {
    seshat.overlay = overlay as "vault";
    await settled();
    await look();
    await settled();
    expect(foreign(), overlay).toEqual([]);
    seshat.closeOverlay();
    await settled();
  }
  await press("novel-sheet");
  await press("set-passphrase");
  expect(foreign()).toEqual([]);
  host.vault.lockNovel(card.id, "passphrase", false);
  host.vault.closeNovel(card.id);
  await seshat.refreshLibrary();
  seshat.closeOverlay();
  await settled();
  await press("novel");
  expect(foreign()).toEqual([]);
  host.vault.facts.remembered_until = Date.now() + 60_000;
  await host.lock();
  await until(() => find("open-remembered"));
  expect(foreign()).toEqual([]);
  seshat.show({ kind: "approval" });
  await settled();
  expect(foreign()).toEqual([]);
});

test("so does every word about history, search, merges, the trash and backups", async () => {
  language.override = { messages: pseudoRtl(), direction: "rtl" };
  const { host, seshat, card, novel, first } = await showDesk(async (host, card) => {
    await fillPast(host, card, new URLSearchParams("trashed&merged&kept&damaged&backup=reminder"));
    host.copies.synced_folder = null;
  });
  await novel.addNote("folder");
  await until(() => expect(find("editor").textContent).toContain("The lamp"));
  const [scene] = (await host.outline(card.id)).nodes[0]?.children ?? [];
  await host.setTarget(card.id, scene?.id ?? "", 400);
  await novel.binder.refresh();
  await settled();
  expect(foreign(), "the desk").toEqual([]);
  for (const overlay of ["trash", "snapshot", "merges", "backups", "find"] as const) {
    novel.finding.text = "lamp";
    novel.finding.replacing = true;
    seshat.overlay = overlay;
    await settled();
    if (overlay === "backups") await until(() => find("backup-now"));
    if (overlay === "find") {
      await until(() => find("hit"));
      await submit("replace");
      await until(() => expect(find("replace-said").textContent).not.toBe(""));
    }
    expect(foreign(), overlay).toEqual([]);
    seshat.closeOverlay();
    await settled();
  }
  await novel.showHistory();
  await until(() => find("difference"));
  expect(foreign(), "history").toEqual([]);
  const named = (await host.versions(card.id, first)).find((row) => row.kind === "named");
  if (named) await novel.versions.choose(named);
  await settled();
  expect(foreign(), "a named version").toEqual([]);
  await novel.showHistory("novel");
  await until(() => find("snapshot"));
  expect(foreign(), "no version of the novel").toEqual([]);
  await novel.novelVersions.name("ℕ");
  await press("restore-novel");
  expect(foreign(), "a version of the novel").toEqual([]);
});

test("so does every word about imports", async () => {
  language.override = { messages: pseudoRtl(), direction: "rtl" };
  const host = new FakeHost();
  host.state = "open";
  await showWindow(host);
  await press("import");
  expect(foreign(), "the question").toEqual([]);
  for (const [path, shows] of [
    ["/ℕ/long.docx", "import-stop"],
    ["/ℕ/ℕ.txt", "import-rows"],
    ["/ℕ/ℕ", "import-rows"],
    ["/ℕ/ℕ.docx", "import-rows"],
  ] as const) {
    await fill("import-path", path);
    await submit("import-look");
    await until(() => find(shows));
    await settled();
    expect(foreign(), path).toEqual([]);
    if (path !== "/ℕ/ℕ.docx") await press(shows === "import-stop" ? shows : "import-back");
  }
  const blanks = find<HTMLSelectElement>("cut-blanks");
  blanks.value = "scene";
  blanks.dispatchEvent(new Event("change", { bubbles: true }));
  await settled();
  expect(foreign(), "while it is cut").toEqual([]);
  await until(() => expect(find("import-rows").getAttribute("aria-busy")).toBe("false"));
  await fill("import-title", "ℕ");
  await submit("import-start");
  await until(() => find("open-imported"));
  expect(foreign(), "the end").toEqual([]);
  await press("import-undo");
  await until(() => expect(find("notice").textContent).not.toBe(""));
  expect(foreign(), "taken back").toEqual([]);
});

/** Everything that the window is made of, without its words. */
function sources(): string {
  const names = readdirSync("src", { recursive: true, encoding: "utf8" });
  const ours = names.filter(
    (name) => /\.(ts|svelte)$/.test(name) && !/messages|bindings|\.test\./.test(name),
  );
  return ours.map((name) => readFileSync(`src/${name}`, "utf8")).join("\n");
}

/** Words and names on the page that come from no message. */
function foreign(): string[] {
  const own = [...document.querySelectorAll("[lang='en-GB'], textarea, bdi, b, time, select, svg, .mark")];
  const words = textNodes(document.body).filter((node) => !own.some((element) => element.contains(node)));
  const named = [...document.querySelectorAll("[aria-label], [placeholder]")].flatMap((element) => [
    element.getAttribute("aria-label") ?? "",
    element.getAttribute("placeholder") ?? "",
  ]);
  return [...words.map((node) => node.data.trim()), ...named].filter(
    (text) => /\p{L}/u.test(text) && text !== "https://" && !text.includes("\u2067"),
  );
}

function textNodes(root: Node): Text[] {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (walker.nextNode()) found.push(walker.currentNode as Text);
  return found;
}
