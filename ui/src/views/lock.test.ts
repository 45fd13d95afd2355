/** Locking, whoever does it: what the window holds of a novel before, and that it holds nothing of it after. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { hold } from "../dev/held";
import { fill, find, key, press, settled, showWindow, submit, until } from "../dev/screen";
import { runsFromText } from "../dev/text";
import { FakeHost } from "../host/fake";

/** Words that are nowhere else. */
const MARKS = ["Zebulon", "Quillfeather", "Xanthia", "Wyvernmere", "Jorrocks", "Umbriel"];
const [TITLE, CHAPTER, SCENE, TEXT, SYNOPSIS, LATE] = MARKS as [
  string,
  string,
  string,
  string,
  string,
  string,
];

async function desk() {
  const host = new FakeHost();
  host.state = "open";
  host.password = "password";
  const card = await host.createNovel(TITLE, "en-GB");
  const { nodes } = await host.outline(card.id);
  const [chapter] = nodes;
  const [scene] = chapter?.children ?? [];
  if (!chapter || !scene?.scene) throw new Error("no scene was made");
  await host.renameNode(card.id, chapter.id, CHAPTER);
  await host.renameNode(card.id, scene.id, SCENE);
  await host.setSynopsis(card.id, scene.id, SYNOPSIS);
  host.setText(scene.scene, runsFromText(`${TEXT} went down to the water.`));
  const shown = await showWindow(host);
  await press("novel");
  await until(() => expect(find("editor").textContent).toContain(TEXT));
  if (shown.seshat.screen.kind !== "write") throw new Error("not on the desk");
  return { ...shown, card, scene: scene.scene, novel: shown.seshat.screen.novel };
}

/** Every text that can be reached from an object by its properties and getters, the host left out. */
function textsIn(root: object, without: object): string[] {
  const seen = new Set<unknown>([without]);
  const texts: string[] = [];
  const visit = (value: unknown) => {
    if (typeof value === "string") texts.push(value);
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    // The page itself is looked at in {@link onThePage}.
    if (value instanceof globalThis.Node) return;
    seen.add(value);
    if (value instanceof Map || value instanceof Set) for (const inner of value) visit(inner);
    const holders = [value, Object.getPrototypeOf(value)].filter((one) => one && one !== Object.prototype);
    for (const holder of holders)
      for (const name of Object.getOwnPropertyNames(holder)) {
        const found = Object.getOwnPropertyDescriptor(holder, name);
        if (found?.get) visit(found.get.call(value));
        else if (typeof found?.value !== "function") visit(found?.value);
      }
  };
  visit(root);
  return texts;
}

function onThePage(): string {
  const fields = [...document.querySelectorAll<HTMLInputElement>("input, textarea")].map((one) => one.value);
  return [document.documentElement.outerHTML, document.title, ...fields].join("\n");
}

const foundIn = (text: string) => MARKS.filter((mark) => text.includes(mark));

describe("after a lock from elsewhere", () => {
  test("nothing of the novel is in the stores or on the page", async () => {
    const { host, seshat, novel } = await desk();
    seshat.tell(`${SCENE} moved.`);
    await settled();
    const before = textsIn(seshat, host).join("\n") + onThePage();
    expect(foundIn(before).sort(), "the test looks in the right places").toEqual(
      [TITLE, CHAPTER, SCENE, TEXT, SYNOPSIS].sort(),
    );
    await host.lock();
    await until(() => find("unlock"));
    await settled();
    expect(foundIn(onThePage())).toEqual([]);
    expect(foundIn(textsIn(seshat, host).join("\n"))).toEqual([]);
    expect(foundIn(textsIn(novel, host).join("\n")), "even for who holds the novel still").toEqual([]);
    expect(foundIn(JSON.stringify({ ...localStorage }))).toEqual([]);
  });

  test("the novel, its undo and its editor are garbage", async () => {
    const shown = await desk();
    shown.novel.desk.type(LATE);
    await until(() => expect(shown.novel.desk.saveState.kind).toBe("saved"));
    const held = new WeakRef(shown.novel);
    const page = new WeakRef(find("editor"));
    const { host } = shown;
    (shown as { novel: unknown }).novel = null;
    await host.lock();
    await until(() => find("unlock"));
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    await until(() => {
      collect();
      expect([held.deref() === undefined, page.deref() === undefined]).toEqual([true, true]);
    });
  });

  test("what was found, and what was typed to find it, is gone", async () => {
    const { host } = await desk();
    await key("f", document.body, { ctrlKey: true, shiftKey: true });
    await fill("find-field", TEXT);
    await until(() => expect(find("hit").textContent).toContain("water"));
    await host.lock();
    await until(() => find("unlock"));
    expect(document.querySelector("dialog")).toBeNull();
    expect(foundIn(onThePage())).toEqual([]);
  });

  test("older versions, comments, merges, the trash and what can be taken back are gone, also when they come late", async () => {
    const { host, seshat, novel, card, scene } = await desk();
    const old = host.keep(scene, "named", LATE);
    host.setText(scene, runsFromText("Something else by now."));
    await host.addComment(card.id, scene, 1, 5, `${LATE} said so.`);
    host.mergeElsewhere(card.id, scene, () => undefined, { title: LATE });
    await novel.desk.refresh();
    await novel.merges.load();
    await novel.rename(novel.binder.scenes[0]?.id ?? "", LATE);
    await novel.versions.load(scene, old.version);
    await novel.versions.lookAt("text");
    await host.nameNovelVersion(card.id, LATE);
    await novel.novelVersions.load();
    novel.finding.text = TEXT;
    novel.finding.with = LATE;
    await novel.finding.look();
    await novel.duplicate(novel.binder.scenes[0]?.id ?? "");
    seshat.overlay = "trash";
    await settled();
    const held = [novel.versions, novel.novelVersions, novel.merges, novel.finding, novel.desk.comments];
    for (const one of held)
      expect(
        foundIn(textsIn(one, host).join("\n")).length,
        "the test looks in the right places",
      ).toBeGreaterThan(0);
    const { answers: late, letGo } = hold(host, "versionText", "find", "merges");
    const asked = [novel.versions.choose(old), novel.finding.look(), novel.merges.load()];
    await until(() => expect(late.length).toBe(3));
    await host.lock();
    await until(() => find("unlock"));
    letGo();
    await Promise.allSettled(asked);
    await settled();
    expect(foundIn(onThePage() + textsIn(novel, host).join("\n") + textsIn(seshat, host).join("\n"))).toEqual(
      [],
    );
    expect([await novel.undo(), seshat.offer]).toEqual([false, null]);
  });

  test("a kit and a typed password are gone", async () => {
    const { host, seshat } = await desk();
    seshat.overlay = "vault";
    await until(() => find("part-kit"));
    await press("part-kit");
    await press("show-kit");
    await fill("password", "password");
    await submit("answer");
    await until(() => expect(find("kit-words").textContent).toContain("harbor"));
    await host.lock();
    await until(() => find("unlock"));
    expect(onThePage()).not.toMatch(/harbor|saddle/);
    expect(find<HTMLInputElement>("password").value).toBe("");
  });

  test("the first kit is not left standing on the screen", async () => {
    const { host } = await showWindow();
    await fill("password", "seven lamps over cold water");
    await submit("create-vault");
    await until(() => expect(find("kit-words").textContent).toContain("harbor"));
    await host.lock();
    await until(() => find("unlock"));
    expect(onThePage()).not.toContain("harbor");
  });

  test("an answer that comes late is not shown", async () => {
    const { host, seshat, scene, novel } = await desk();
    const { answers: late, letGo } = hold(host, "outline", "openScene", "library");
    const asked = [novel.binder.refresh(), novel.desk.refresh(), novel.desk.open("another")];
    await settled();
    await host.lock();
    await until(() => find("unlock"));
    host.setText(scene, runsFromText(`${LATE} came too late.`));
    letGo();
    await Promise.allSettled(asked);
    await settled();
    expect(late.length).toBeGreaterThan(1);
    expect(foundIn(onThePage() + textsIn(novel, host).join("\n") + textsIn(seshat, host).join("\n"))).toEqual(
      [],
    );
  });

  test("a novel or a library that was being opened does not come onto the screen", async () => {
    const { host, seshat, card } = await desk();
    await seshat.openLibrary();
    let go = () => undefined as unknown;
    const outline = host.outline.bind(host);
    host.outline = (id) => new Promise<void>((resolve) => (go = resolve)).then(() => outline(id));
    const opening = seshat.openNovel(card);
    await settled();
    await host.lock();
    await until(() => find("unlock"));
    go();
    await opening;
    await settled();
    expect(seshat.screen.kind).toBe("unlock");
    expect(foundIn(onThePage())).toEqual([]);
  });

  test("words that could not be sent are not tried again, and the next unlocking begins anew", async () => {
    const { host, seshat, novel, scene } = await desk();
    novel.desk.type(`${LATE} `);
    await host.lock();
    await until(() => find("unlock"));
    const sent = host.edits.length;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(host.edits.length).toBe(sent);
    await fill("password", "password");
    await submit("unlock");
    await until(() => find("new-novel"));
    await press("novel");
    await until(() => expect(find("editor").textContent).toContain(TEXT));
    expect(host.textOf(scene)).toContain(TEXT);
    expect(seshat.screen.kind).toBe("write");
  });
});

test("the program hears of the author at most every twenty seconds, and nothing of what was typed", async () => {
  const { host, seshat } = await desk();
  const calls: unknown[][] = [];
  host.active = async (...given: unknown[]) => void calls.push(given);
  const event = new KeyboardEvent("keydown", { key: "a" });
  const start = Date.now() + 100_000;
  for (const second of [0, 1, 19, 20, 39, 41]) seshat.activity.stirred(event, start + second * 1000);
  expect(calls).toEqual([[], [], []]);
});

test("a pointer that is only drawn again is nobody", async () => {
  const { host, seshat } = await desk();
  host.vault.stirred = 0;
  const moved = (screenX: number) => Object.assign(new Event("pointermove"), { screenX, screenY: 4 });
  const start = Date.now() + 100_000;
  seshat.activity.stirred(moved(9), start);
  seshat.activity.stirred(moved(9), start + 60_000);
  expect(host.vault.stirred).toBe(0);
  seshat.activity.stirred(moved(10), start + 90_000);
  expect(host.vault.stirred).toBe(1);
});

test("a locked window tells nobody that somebody types a password", async () => {
  const { host } = await desk();
  await host.lock();
  await until(() => find("unlock"));
  host.vault.stirred = 0;
  await key("a", find("password"));
  expect(host.vault.stirred).toBe(0);
});
