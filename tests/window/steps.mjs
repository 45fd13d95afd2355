/** What every journey begins with: a vault, a novel, a lock opened. */
import assert from "node:assert/strict";
import { open, until } from "./window.mjs";

export const PASSWORD = "lantern gravel oboe tuesday";

export async function createVault(window) {
  await window.type('[data-testid="password"]', PASSWORD);
  await window.click('[data-testid="create-vault"]');
  await window.find('[data-testid="kit-words"]', 30_000);
  const words = await kitWords(window);
  await confirmKit(window, words);
  await window.find('[data-testid="new-novel"]', 30_000);
  return words;
}

/** Shows that there is a copy of the words on the screen. */
export async function confirmKit(window, words) {
  await window.click('[data-testid="kit-next"]');
  for (const field of [1, 2, 3]) {
    const selector = `[data-testid="confirm-${field}"]`;
    const place = await window.ask("GET", `/element/${await window.find(selector)}/attribute/data-place`);
    await window.type(selector, words[Number(place) - 1]);
  }
  await window.click('[data-testid="kit-confirm"]');
}

export async function kitWords(window) {
  const words = await window.run(
    `return [...document.querySelectorAll('[data-testid="kit-words"] .word')].map((word) => word.textContent.trim())`,
  );
  assert.equal(words.length, 24, "the kit shows 24 words");
  return words;
}

export async function unlock(window, password = PASSWORD) {
  await window.type('[data-testid="password"]', password);
  await window.click('[data-testid="unlock"]');
}

export async function newNovel(window, title) {
  await window.click('[data-testid="new-novel"]');
  await window.type('[data-testid="title"]', title);
  await window.click('[data-testid="create-novel"]');
  await window.click('[data-testid="editor"]');
}

/** The same vault in a new program, at its first novel: what is there now was on the disk. */
export async function reopened(test, window, folder) {
  await saved(window);
  await window.kill();
  const again = await open(test, folder);
  await again.find('[data-testid="unlock"]');
  await unlock(again);
  await again.click('[data-testid="novel"]', 30_000);
  await again.click('[data-testid="editor"]');
  return again;
}

/** The sheet "Vault and devices", at one of its parts. */
export async function openVault(window, part) {
  await window.click('[data-testid="vault-and-devices"]');
  await window.click(`[data-testid="part-${part}"]`);
}

/** Waits until the sheet says so. */
export const said = (window, words) =>
  until(`"${words}"`, async () => (await window.text('[data-testid="said"]')).includes(words), 30_000);

/** Everything that can be read in the page: text, attributes, and what stands in fields. */
export const page = (window) =>
  window.run(`const fields = [...document.querySelectorAll("input, textarea")].map((field) => field.value);
    return [document.title, document.documentElement.outerHTML, ...fields].join("\\n")`);

/** Waits for the question for the password, and that nothing of these texts is left on the page. */
export async function lockedWithout(window, texts, millis) {
  await window.find('[data-testid="unlock"]', millis);
  const all = await page(window);
  for (const text of texts) assert.ok(!all.includes(text), `the locked page still has "${text}"`);
}

export const saved = (window) =>
  until("the words to be on the disk", () => window.run(`return document.querySelector('[data-testid="saved"]')?.dataset.state === "saved"`));
