/** Puts the whole window on an invented host into the tests' document, and finds things in it as a person would. */
import { flushSync, mount, tick, unmount } from "svelte";
import { afterEach, vi } from "vitest";
import { FakeHost } from "../host/fake";
import App from "../views/App.svelte";
import { Seshat } from "../views/seshat.svelte";

let last: (() => void) | null = null;

afterEach(() => {
  last?.();
  last = null;
});

export async function showWindow(host = new FakeHost()) {
  const seshat = new Seshat(host);
  const app = mount(App, { target: document.body, props: { seshat } });
  last = () => void unmount(app);
  await settled();
  return { host, seshat };
}

/** Until the screen shows what the last deed led to. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 6; round += 1) {
    await Promise.resolve();
    await tick();
    flushSync();
  }
}

export function find<T extends HTMLElement = HTMLElement>(testid: string): T {
  const found = document.querySelector<T>(`[data-testid="${testid}"]`);
  if (!found) throw new Error(`nothing called ${testid} in ${document.body.textContent?.slice(0, 400)}`);
  return found;
}

export const until = <T>(look: () => T): Promise<T> => vi.waitFor(look, { timeout: 3000, interval: 10 });

export async function fill(testid: string, text: string): Promise<void> {
  const field = find<HTMLInputElement>(testid);
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await settled();
}

export async function press(testid: string): Promise<void> {
  find(testid).click();
  await settled();
}

export async function submit(testid: string): Promise<void> {
  const form = find(testid).closest("form");
  form?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  await settled();
}

export async function key(
  name: string,
  on: Element = document.activeElement ?? document.body,
  held: KeyboardEventInit = {},
) {
  const event = new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...held });
  on.dispatchEvent(event);
  await settled();
  return event;
}
