/** Several scenes on the page: which of them have an editor, and that each is what it would be alone. */
import { describe, expect, test, vi } from "vitest";
import { Chance } from "../dev/random";
import { runsFromText } from "../dev/text";
import { FakeHost, failure } from "../host/fake";
import type { EditOp, NovelCard } from "../host/host";
import { Settings } from "../settings/settings.svelte";
import { Desk, type Reports } from "./desk.svelte";

const BASE = "The ferry left without her.\nThe river kept the light a while longer.";

/** A novel of so many scenes, each with its place on one page. */
async function page(count: number, reports: Partial<Reports> = {}) {
  const host = new FakeHost();
  const open = new Set<string>();
  const [opens, closes] = [host.openScene.bind(host), host.closeScene.bind(host)];
  host.openScene = async (novel, scene) => {
    open.add(scene);
    return opens(novel, scene);
  };
  host.closeScene = async (...which: Parameters<typeof closes>) => {
    open.delete((which as unknown as string[])[1] ?? "");
    return closes(...which);
  };
  const card: NovelCard = await host.createNovel("Together", "en");
  const chapter = (await host.outline(card.id)).nodes[0];
  const scenes = [chapter?.children[0]?.scene ?? ""];
  while (scenes.length < count) {
    const where = { kind: "scene" as const, parent: chapter?.id ?? null, after: null, title: "" };
    scenes.push((await host.addNode(card.id, where)).scene ?? "");
  }
  for (const scene of scenes) host.setText(scene, runsFromText(BASE));
  const all: Reports = {
    onEdited: () => {},
    onRemote: () => {},
    beside: (scene, way) => scenes[scenes.indexOf(scene) + way] ?? null,
    ...reports,
  };
  const desk = new Desk(host, card, new Settings(), all);
  const places = scenes.map((scene) => {
    const place = document.createElement("div");
    document.body.append(place);
    desk.place(scene, place);
    return place;
  });
  const drawn = () => scenes.filter((_, at) => places[at]?.querySelector(".ProseMirror"));
  const textOn = (scene: string) =>
    [...(places[scenes.indexOf(scene)]?.querySelectorAll("p") ?? [])]
      .map((p) => `\n${p.textContent}`)
      .join("");
  const near = async (...wanted: (string | undefined)[]) => {
    desk.near(wanted.filter((scene) => scene !== undefined));
    await vi.waitFor(() => expect(new Set(drawn())).toEqual(new Set([...wanted, desk.scene ?? wanted[0]])));
  };
  return { host, desk, scenes, open, drawn, near, textOn, first: scenes[0] as string };
}

describe("several scenes on the page", () => {
  test("have editors where the window is, and the one with the cursor wherever it is", async () => {
    const { desk, scenes, near, open, first } = await page(9);
    await desk.open(first);
    await near(scenes[0], scenes[1]);
    await near(scenes[5], scenes[6], scenes[7]);
    await vi.waitFor(() => expect(open).toEqual(new Set([first, ...scenes.slice(5, 8)])));
    expect(desk.scene).toBe(first);
  });

  test("go by in any number without staying open", async () => {
    const { desk, scenes, open, drawn, first } = await page(60);
    await desk.open(first);
    let most = 0;
    for (let at = 0; at < scenes.length; at += 1) {
      desk.near(scenes.slice(at, at + 3));
      await vi.waitFor(() => expect(drawn()).toContain(scenes[at]));
      most = Math.max(most, drawn().length);
    }
    expect(most).toBeLessThanOrEqual(4);
    await vi.waitFor(() => expect(open.size).toBeLessThanOrEqual(4));
  });

  test("that have gone by before their turn are not opened at all", async () => {
    const { host, desk, scenes, near, first } = await page(40);
    await desk.open(first);
    const opens = vi.spyOn(host, "openScene");
    for (const scene of scenes) desk.near([scene]);
    await near(scenes[39]);
    expect(opens.mock.calls.length).toBeLessThanOrEqual(3);
  });

  test("save what is typed in each, and the open one is where the cursor is", async () => {
    const entered = vi.fn();
    const { host, desk, scenes, near, first } = await page(3, { onEntered: entered });
    await desk.open(first);
    await near(...scenes);
    for (const scene of scenes) {
      await desk.enter(scene, "start");
      desk.type("Here. ");
      expect(desk.scene).toBe(scene);
    }
    expect(await desk.flush()).toBe(true);
    for (const scene of scenes) expect(host.textOf(scene)).toBe(`\nHere. ${BASE}`);
    expect(entered.mock.calls.flat()).toEqual(scenes.slice(1));
  });

  test("keep words that could not be sent, and come back with them", async () => {
    const { host, desk, scenes, near, first, textOn } = await page(4);
    await desk.open(first);
    await near(scenes[0], scenes[1]);
    await desk.enter(scenes[1] as string, "start");
    desk.type("Kept. ");
    await desk.enter(first, "start");
    host.troubles = Array.from({ length: 9 }, () => failure("other", "The disk is full."));
    await near(scenes[3]);
    expect(desk.saveState.kind).not.toBe("saved");
    host.troubles = [];
    await near(scenes[1]);
    expect(textOn(scenes[1] as string)).toBe(`\nKept. ${BASE}`);
    await vi.waitFor(() => expect(host.textOf(scenes[1] as string)).toBe(`\nKept. ${BASE}`), {
      timeout: 5000,
    });
    await vi.waitFor(() => expect(desk.saveState.kind).toBe("saved"));
  }, 10_000);

  test("are closed at the host only after their last words are there", async () => {
    const { host, desk, scenes, near, open, first } = await page(4);
    await desk.open(first);
    await near(scenes[1]);
    host.troubles = Array.from({ length: 9 }, () => failure("other", "The disk is full."));
    await desk.enter(scenes[1] as string, "end");
    desk.type(" Late.");
    await desk.enter(first, "start");
    await near(scenes[3]);
    await desk.flush();
    expect(open.has(scenes[1] as string)).toBe(true);
    host.troubles = [];
    await vi.waitFor(() => expect(open.has(scenes[1] as string)).toBe(false), { timeout: 5000 });
    expect(host.textOf(scenes[1] as string)).toBe(`\n${BASE} Late.`);
  }, 10_000);

  test("keep their undo when they are scrolled away and back", async () => {
    const { host, desk, scenes, near, open, first } = await page(4);
    await desk.open(first);
    await near(scenes[1]);
    await desk.enter(scenes[1] as string, "start");
    desk.type("Wrong. ");
    await desk.enter(first, "start");
    await near(scenes[3]);
    await vi.waitFor(() => expect(open.has(scenes[1] as string)).toBe(false));
    await near(scenes[1]);
    await desk.enter(scenes[1] as string, "start");
    expect(desk.undo()).toBe(true);
    await desk.flush();
    expect(host.textOf(scenes[1] as string)).toBe(`\n${BASE}`);
  });

  test("that do not open say so in their place, and the others are there", async () => {
    const { host, desk, scenes, near, first } = await page(3);
    await desk.open(first);
    const opens = host.openScene;
    host.openScene = async (novel, scene) => {
      if (scene === scenes[1]) throw failure("other", "It is damaged.");
      return opens(novel, scene);
    };
    desk.near(scenes);
    await vi.waitFor(() => expect(desk.failures.get(scenes[1] as string)?.message).toBe("It is damaged."));
    await vi.waitFor(() => expect(desk.sheets.has(scenes[2] as string)).toBe(true));
    host.openScene = opens;
    desk.near([first]);
    await near(first, scenes[1]);
    expect(desk.failures.size).toBe(0);
  });

  test("are all sent before leaving, and nothing of them stays after a lock", async () => {
    const { host, desk, scenes, near, open, drawn, first } = await page(3);
    await desk.open(first);
    await near(...scenes);
    for (const scene of scenes) {
      await desk.enter(scene, "end");
      desk.type(" Last.");
    }
    expect(await desk.leave()).toBe(true);
    for (const scene of scenes) expect(host.textOf(scene)).toBe(`\n${BASE} Last.`);
    expect([desk.sheets.size, open.size, drawn()]).toEqual([0, 0, []]);
    await desk.open(first);
    await near(...scenes);
    desk.type("Never sent. ");
    desk.forget();
    expect([desk.sheets.size, drawn(), desk.words, desk.scene]).toEqual([0, [], 0, null]);
    expect(host.textOf(first)).not.toContain("Never sent");
  });

  test("a word that is typed while the last ones are written on leaving is not left behind", async () => {
    const { host, desk, first } = await page(1);
    await desk.open(first);
    const original = host.flush.bind(host);
    let typed = false;
    host.flush = async () => {
      if (!typed) desk.type("Late. ");
      typed = true;
      return original();
    };
    expect(await desk.leave()).toBe(true);
    expect(host.textOf(first)).toBe(`\nLate. ${BASE}`);
  });

  test("are all made anew when their texts are replaced together", async () => {
    const { host, desk, scenes, near, first, textOn } = await page(3);
    await desk.open(first);
    await near(...scenes);
    await desk.reshape(async () => {
      for (const scene of scenes) {
        host.setText(scene, runsFromText("Other words."));
        await host.openScene("", scene);
      }
      desk.type("Meanwhile. ");
    });
    expect(scenes.map(textOn).every((text) => text.includes("Other words."))).toBe(true);
    await desk.flush();
    expect(host.textOf(first)).toContain("Meanwhile. ");
  });
});

/**
 * Random hands at a page of scenes, with another laptop in the same scenes and the window wandering over them: each
 * scene is in the end what both wrote into it, whatever was drawn, closed or under way meanwhile.
 */
test("a page of scenes ends with every letter of both authors in its scene, once", async () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const chance = new Chance(seed);
    const { host, desk, scenes, first } = await page(6);
    const typed = new Map(scenes.map((scene) => [scene, { mine: 0, theirs: 0 }]));
    const any = () => scenes[chance.below(scenes.length)] as string;
    await desk.open(first);
    const mine = async () => {
      const scene = any();
      await desk.enter(scene, chance.below(2) === 0 ? "start" : "end");
      if (desk.scene !== scene) return;
      const at = 1 + chance.below(desk.length);
      await desk.show({ from: at, to: at });
      const into = desk.scene;
      desk.type("ħ");
      desk.type("ħ");
      (typed.get(into) as { mine: number }).mine += 2;
    };
    const theirs = () => {
      const scene = any();
      const op: EditOp = {
        op: "insert",
        at: 1 + chance.below(host.textOf(scene).length),
        text: "ŧŧ",
        attributes: {},
      };
      host.editElsewhere(scene, [op]);
      (typed.get(scene) as { theirs: number }).theirs += 2;
      if (chance.below(2) === 0) void desk.changed([scene]);
    };
    for (let round = 0; round < 24; round += 1) {
      const deed = chance.below(8);
      if (deed < 3) await mine();
      else if (deed < 5) theirs();
      else if (deed === 5) host.troubles = [failure("other", "The disk is full.")];
      else {
        const at = chance.below(scenes.length);
        desk.near(scenes.slice(at, at + 2));
        if (chance.below(2) === 0) await Promise.resolve();
      }
    }
    host.troubles = [];
    await desk.changed(scenes);
    for (let tries = 0; tries < 4 && !(await desk.flush()); tries += 1) await desk.changed(scenes);
    expect(await desk.leave(), `seed ${seed}`).toBe(true);
    for (const scene of scenes) {
      const text = host.textOf(scene);
      const { mine: own, theirs: other } = typed.get(scene) as { mine: number; theirs: number };
      expect(text.match(/ħ/g)?.length ?? 0, `seed ${seed}`).toBe(own);
      expect(text.match(/ŧ/g)?.length ?? 0, `seed ${seed}`).toBe(other);
      expect(text.replace(/[ħŧ]/g, ""), `seed ${seed}`).toBe(`\n${BASE}`);
    }
    document.body.replaceChildren();
  }
}, 60_000);
