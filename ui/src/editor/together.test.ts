/** Two laptops at one scene, whatever they do: nothing typed is lost, and undo takes back only one's own. */
import { describe, expect, test } from "vitest";
import { Chance } from "../dev/random";
import { runsFromText } from "../dev/text";
import { FakeHost } from "../host/fake";
import { Settings } from "../settings/settings.svelte";
import { Desk } from "./desk.svelte";

const BASE = "The ferry left without her.\nThe river kept the light a while longer.\nNobody came.";

async function desks() {
  const host = new FakeHost();
  const card = await host.createNovel("Together", "en");
  const scene = (await host.outline(card.id)).nodes[0]?.children[0]?.scene ?? "";
  host.setText(scene, runsFromText(BASE));
  const desk = new Desk(host, card, new Settings(), { onEdited: () => {}, onRemote: () => {} });
  const place = document.createElement("div");
  document.body.append(place);
  const take = desk.mount(place);
  await desk.open(scene);
  /** The page's text, as the host would have it. */
  const page = () => [...place.querySelectorAll("p")].map((line) => `\n${line.textContent}`).join("");
  const end = () => {
    take();
    place.remove();
  };
  return { host, desk, scene, page, end };
}

type Both = Awaited<ReturnType<typeof desks>>;

/** Types a word letter by letter, as fingers do. */
async function type({ desk }: Both, chance: Chance, word: string): Promise<void> {
  const at = 1 + chance.below(desk.length);
  await desk.show({ from: at, to: at });
  for (const letter of word) desk.type(letter);
}

function typeElsewhere({ host, scene }: Both, chance: Chance, word: string): void {
  const at = 1 + chance.below(host.textOf(scene).length);
  host.editElsewhere(scene, [{ op: "insert", at, text: word, attributes: {} }]);
}

/** Takes every one of these letters away again: what is left is what nobody of them wrote. */
const without = (text: string, letters: RegExp) => text.replace(letters, "");

describe("two laptops at one scene", () => {
  test("end with the same text, in which every letter of both stands once", async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const chance = new Chance(seed);
      const both = await desks();
      const { host, desk, scene, page } = both;
      const typed = { mine: 0, theirs: 0 };
      const mine = async (letters: number) => {
        await type(both, chance, "ħ".repeat(letters));
        typed.mine += letters;
      };
      const original = host.openScene.bind(host);
      host.openScene = async (...which) => {
        const view = await original(...which);
        // In the moment between their text and its coming onto the page.
        if (chance.below(2) === 0) await mine(3);
        return view;
      };
      for (let round = 0; round < 8; round += 1) {
        const deed = chance.below(3);
        if (deed === 0) await mine(2);
        else if (deed === 1) {
          typeElsewhere(both, chance, "ŧŧŧ");
          typed.theirs += 3;
        } else await desk.refresh();
      }
      await desk.flush();
      await desk.refresh();
      await desk.flush();
      const text = host.textOf(scene);
      expect(page(), `seed ${seed}`).toBe(text);
      expect(text.match(/ħ/g)?.length ?? 0, `seed ${seed}`).toBe(typed.mine);
      expect(text.match(/ŧ/g)?.length ?? 0, `seed ${seed}`).toBe(typed.theirs);
      expect(without(text, /[ħŧ]/g), `seed ${seed}`).toBe(`\n${BASE}`);
      both.end();
    }
  }, 60_000);

  test("undo takes back all of one's own letters and none of the other's", async () => {
    for (let seed = 1; seed <= 80; seed += 1) {
      const chance = new Chance(seed);
      const both = await desks();
      const { host, desk, scene, page } = both;
      let theirs = 0;
      for (let round = 0; round < 8; round += 1) {
        if (chance.below(2) === 0) await type(both, chance, "ħħ");
        else {
          typeElsewhere(both, chance, "ŧŧ");
          theirs += 2;
        }
        if (chance.below(2) === 0) await desk.flush();
        await desk.refresh();
      }
      await desk.flush();
      await desk.refresh();
      for (let round = 0; round < 40; round += 1) desk.undo();
      await desk.flush();
      const text = host.textOf(scene);
      expect(page(), `seed ${seed}`).toBe(text);
      expect(text, `seed ${seed}`).not.toContain("ħ");
      expect(text.match(/ŧ/g)?.length ?? 0, `seed ${seed}`).toBe(theirs);
      expect(without(text, /ŧ/g), `seed ${seed}`).toBe(`\n${BASE}`);
      both.end();
    }
  }, 60_000);
});
