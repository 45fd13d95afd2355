import { mount, tick, unmount } from "svelte";
import { afterEach, expect, test, vi } from "vitest";
import { FakeHost } from "../host/fake";
import App from "../views/App.svelte";
import { Seshat } from "../views/seshat.svelte";
import { dayOf, strip } from "./days";

let app: Record<string, unknown> | null = null;
afterEach(() => {
  if (app) void unmount(app);
  app = null;
  document.body.replaceChildren();
});

const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);

async function desk(prepare: (host: FakeHost, novel: string) => void = () => {}) {
  const host = new FakeHost();
  host.state = "open";
  const card = await host.createNovel("The Ferry", "en-GB");
  prepare(host, card.id);
  const seshat = new Seshat(host);
  app = mount(App, { target: document.body, props: { seshat } });
  await vi.waitFor(() => expect(seshat.screen.kind).toBe("library"));
  await seshat.openNovel(card);
  if (seshat.screen.kind !== "write") throw new Error("the novel did not open");
  const { novel } = seshat.screen;
  await vi.waitFor(() => expect(novel.desk.state.kind).toBe("open"));
  return { host, seshat, novel };
}

test("the footer counts what is typed today and fills a bar where there is a goal", async () => {
  const { novel } = await desk((host, id) => {
    host.goals.set(id, { daily: 4, words: null, deadline: null });
  });
  await vi.waitFor(() => expect(find("today")?.textContent).toContain("Today 0 of 4"));
  novel.desk.type("One two");
  await novel.desk.flush();
  await tick();
  expect(find("today")?.textContent).toContain("Today 2 of 4");
  const bar = find("today")?.querySelector<HTMLElement>(".bar span");
  expect(bar?.style.inlineSize).toBe("50%");
});

test("goals are set in their sheet, and an empty field takes one away", async () => {
  const { host, seshat, novel } = await desk((host, id) => {
    host.goals.set(id, { daily: 300, words: 80_000, deadline: null });
  });
  await novel.goals.load();
  seshat.overlay = "goals";
  await vi.waitFor(() => expect(find("pace")?.textContent).toContain("80,000 words are missing"));
  const fill = (id: string, value: string) => {
    const field = find(id) as HTMLInputElement;
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  fill("goal-daily", "");
  fill("goal-words", "90000");
  fill("goal-deadline", "2027-03-31");
  find("goals-keep")?.click();
  await vi.waitFor(() => expect(seshat.overlay).toBe("none"));
  expect(host.goals.get(novel.binder.novel.id)).toEqual({
    daily: null,
    words: 90_000,
    deadline: "2027-03-31",
  });
});

test("the strip has the last four weeks, days without a word among them, over the change of the clock", () => {
  const today = new Date(2026, 10, 8, 0, 30);
  const shown = strip([{ day: "2026-10-25", words: 40 }], today);
  expect(shown.length).toBe(28);
  expect(new Set(shown.map(({ day }) => day)).size).toBe(28);
  expect(shown.at(-1)).toEqual({ day: dayOf(today), words: 0 });
  expect(shown.find(({ day }) => day === "2026-10-25")?.words).toBe(40);
});
