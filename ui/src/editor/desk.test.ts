import { describe, expect, test, vi } from "vitest";
import { fillLibrary } from "../dev/library";
import { FakeHost, failure } from "../host/fake";
import type { NovelCard } from "../host/host";
import { Settings } from "../settings/settings.svelte";
import { Desk } from "./desk.svelte";

async function open() {
  const host = new FakeHost();
  const card: NovelCard = await fillLibrary(host);
  const scenes = [...host.scenes.keys()].slice(-8);
  const remote = vi.fn();
  const desk = new Desk(host, card, new Settings(), { onEdited: () => {}, onRemote: remote });
  const place = document.createElement("div");
  document.body.append(place);
  desk.mount(place);
  return { host, desk, scenes, remote, place, first: scenes[0] as string, second: scenes[1] as string };
}

describe("the desk", () => {
  test("shows a scene's text in an editor that can be found", async () => {
    const { desk, first, place, host } = await open();
    await desk.open(first);
    const editor = place.querySelector("[data-testid=editor]");
    expect(editor?.getAttribute("contenteditable")).toBe("true");
    expect(editor?.getAttribute("lang")).toBe("en-GB");
    expect(editor?.querySelectorAll("p[dir=auto]").length).toBe(host.textOf(first).split("\n").length - 1);
  });

  test("what is typed reaches the host as it stands in the editor", async () => {
    const { desk, first, host } = await open();
    await desk.open(first);
    desk.type("Zum Anfang: 😀 ");
    await desk.flush();
    expect(host.textOf(first).startsWith("\nZum Anfang: 😀 The lamp")).toBe(true);
    expect(host.flushes).toBe(1);
  });

  test("what is typed while another scene is being opened still belongs to the first", async () => {
    const { desk, first, second, host } = await open();
    await desk.open(first);
    const opening = desk.open(second);
    desk.type("Late. ");
    await opening;
    expect(host.textOf(first).startsWith("\nLate. The lamp")).toBe(true);
    expect(host.textOf(second).includes("Late.")).toBe(false);
  });

  test("undo of a scene survives looking at another one", async () => {
    const { desk, first, second, host } = await open();
    await desk.open(first);
    desk.type("Wrong. ");
    await desk.open(second);
    await desk.open(first);
    desk.undo();
    await desk.flush();
    expect(host.textOf(first).startsWith("\nThe lamp")).toBe(true);
  });

  test("a change from another laptop comes in, and undo takes back only one's own", async () => {
    const { desk, first, host, remote } = await open();
    await desk.open(first);
    desk.type("Mine. ");
    await desk.flush();
    const end = host.textOf(first).length;
    host.editElsewhere(first, [{ op: "insert", at: end, text: " Theirs.", attributes: {} }]);
    await desk.refresh();
    expect(remote).toHaveBeenCalledOnce();
    desk.undo();
    await desk.flush();
    const text = host.textOf(first);
    expect([text.startsWith("\nThe lamp"), text.endsWith(" Theirs.")]).toEqual([true, true]);
  });

  test("words typed while the scene is opened again are laid over the other's text", async () => {
    const { desk, first, host } = await open();
    await desk.open(first);
    host.editElsewhere(first, [{ op: "insert", at: 1, text: "Theirs. ", attributes: {} }]);
    const original = host.openScene.bind(host);
    host.openScene = async (novel, scene) => {
      const view = await original(novel, scene);
      desk.type("Mine. ");
      return view;
    };
    await desk.refresh();
    await desk.flush();
    const text = host.textOf(first);
    expect(text.includes("Theirs. ")).toBe(true);
    expect(text.split("Mine. ").length).toBe(2);
  });

  test("undo takes back all of one's own words, sent or not, from around the other's", async () => {
    const { desk, first, host } = await open();
    const before = host.textOf(first);
    await desk.open(first);
    desk.type("x");
    await desk.flush();
    host.editElsewhere(first, [{ op: "insert", at: before.length + 1, text: " Theirs.", attributes: {} }]);
    const original = host.openScene.bind(host);
    host.openScene = async (novel, scene) => {
      const view = await original(novel, scene);
      for (const letter of "yz") desk.type(letter);
      return view;
    };
    await desk.refresh();
    for (let round = 0; round < 5; round += 1) desk.undo();
    await desk.flush();
    expect(host.textOf(first)).toBe(`${before} Theirs.`);
  });

  test("an opening that has ended is replaced and nothing is lost", async () => {
    const { desk, first, host } = await open();
    await desk.open(first);
    await host.openScene("", first);
    desk.type("Kept. ");
    await vi.waitFor(() => expect(host.textOf(first).startsWith("\nKept. The lamp")).toBe(true));
    expect(desk.saveState.kind).toBe("saved");
  });

  test("words that the host refuses as they were made reach it as the difference of the texts", async () => {
    const { desk, first, host } = await open();
    await desk.open(first);
    const edit = host.editScene.bind(host);
    host.editScene = async (sent) => {
      if (sent.ops.length > 1) throw failure("other", "It does not fit.");
      return edit(sent);
    };
    desk.type("a");
    desk.setBlock("quote");
    desk.setBlock("body");
    await vi.waitFor(() => expect(host.textOf(first).startsWith("\naThe lamp")).toBe(true), {
      timeout: 5000,
    });
    expect(desk.saveState.kind).toBe("saved");
  }, 10_000);

  test("a scene whose words cannot be sent stays on the desk", async () => {
    const { desk, first, second, host } = await open();
    await desk.open(first);
    host.troubles = Array.from({ length: 2 }, () => failure("other", "The disk is full."));
    desk.type("Kept. ");
    await desk.open(second);
    expect(desk.scene).toBe(first);
    await vi.waitFor(() => expect(host.textOf(first).startsWith("\nKept. ")).toBe(true), { timeout: 5000 });
  }, 10_000);

  test("leaving fails when the last words cannot be sent, and they stay", async () => {
    const { desk, first, host } = await open();
    await desk.open(first);
    host.troubles = Array.from({ length: 3 }, () => failure("other", "The disk is full."));
    desk.type("Kept. ");
    expect(await desk.leave()).toBe(false);
    expect(desk.scene).toBe(first);
    host.troubles = [];
    expect(await desk.leave()).toBe(true);
    expect(host.textOf(first).startsWith("\nKept. ")).toBe(true);
  });

  test("the last of several scenes asked for at once is the one that opens", async () => {
    const { desk, first, second, scenes } = await open();
    void desk.open(first);
    void desk.open(second);
    await desk.open(scenes[3] as string);
    expect(desk.scene).toBe(scenes[3]);
  });
});
