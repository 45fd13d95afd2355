/** Pictures in the real window: pasted, described, opened again after a power cut, sealed on the disk, gone with a lock. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createVault, newNovel, reopened, saved } from "./steps.mjs";
import { home, Key, open, until } from "./window.mjs";

const EDITOR = '[data-testid="editor"]';

/** Draws a picture of noise, so that it cannot be made small, and pastes its file; the middle of the file is kept. */
const PASTE = `
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [320, 200];
  const ink = canvas.getContext("2d");
  const noise = ink.createImageData(320, 200);
  for (let at = 0; at < noise.data.length; at += 65536) crypto.getRandomValues(noise.data.subarray(at, at + 65536));
  for (let at = 3; at < noise.data.length; at += 4) noise.data[at] = 255;
  ink.putImageData(noise, 0, 0);
  canvas.toBlob(async (blob) => {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    const middle = bytes.length >> 1;
    window.pastedMiddle = [...bytes.slice(middle, middle + 24)];
    const carried = new DataTransfer();
    carried.items.add(new File([blob], "map.png", { type: "image/png" }));
    const event = new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true });
    document.querySelector('[data-testid="editor"]').dispatchEvent(event);
  }, "image/png");`;

/** What is shown of the one picture. */
const picture = (window) =>
  window.run(`const image = document.querySelector(".picture img");
    return image && { src: image.src, alt: image.alt, width: image.naturalWidth, part: image.parentElement.style.inlineSize }`);

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

test("a pasted picture is shown from memory, sealed on the disk, there after a power cut, and gone with a lock", async (t) => {
  const folder = home(t);
  const window = await open(t, folder);
  await createVault(window);
  await newNovel(window, "The Ferry");
  await window.type(EDITOR, "Before the map.");
  await window.run(PASTE);
  await until("the card", () => window.run("return document.activeElement?.dataset?.testid === 'image-alt'"));
  await window.keys("A map of the crossing");
  await window.press(Key.enter);
  await until("the picture", async () => (await picture(window))?.width === 320);
  const shown = await picture(window);
  assert.match(shown.src, /^blob:/);
  assert.equal(shown.alt, "A map of the crossing");
  const middle = Buffer.from(await window.run("return window.pastedMiddle"));
  await saved(window);

  const again = await reopened(t, window, folder);
  await until("the picture after a power cut", async () => (await picture(again))?.width === 320);
  assert.equal((await picture(again)).alt, "A map of the crossing");
  for (const file of filesBelow(folder)) {
    assert.ok(!readFileSync(file).includes(middle), `${file} holds the picture in the clear`);
  }

  // Where the picture stands in the middle of the text, the click into the text has opened its card already.
  if (await again.run(`return document.querySelector('[data-testid="image-card"]') !== null`)) {
    await again.press(Key.escape);
    await until("no card", () => again.run(`return document.querySelector('[data-testid="image-card"]') === null`));
  }
  await again.click(".picture");
  await until("the card again", () =>
    again.run("return document.activeElement?.dataset?.testid === 'image-alt'"),
  );
  await again.run(
    `[...document.querySelectorAll('[data-testid="image-card"] input[type="radio"]')].at(2).click()`,
  );
  await until("half the column", async () => (await picture(again)).part === "50%");
  await again.press(Key.escape);
  await until("the focus in the text", () =>
    again.run("return document.activeElement?.dataset?.testid === 'editor'"),
  );
  const { src } = await picture(again);

  await again.press(Key.control, "l");
  await until("no picture", () => again.run("return document.querySelector('.picture') === null"));
  const dead = await again.run(
    `const image = new Image(); window.tried = "waits";
     image.onload = () => { window.tried = "loaded"; }; image.onerror = () => { window.tried = "gone"; };
     image.src = arguments[0]; return true;`,
    src,
  );
  assert.ok(dead);
  await until("the address to be dead", async () => (await again.run("return window.tried")) === "gone");
});

test("a photograph that lies on its side in its file stands upright on the page, and tells nothing else", async (t) => {
  const window = await open(t, home(t));
  await createVault(window);
  await newNovel(window, "Upright");
  await window.type(EDITOR, "Here:");
  await window.run(`
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [320, 200];
    canvas.getContext("2d").fillRect(20, 20, 200, 100);
    canvas.toBlob(async (blob) => {
      const bytes = new Uint8Array(await blob.arrayBuffer());
      const tiff = [0x49, 0x49, 0x2a, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0];
      const said = [...new TextEncoder().encode("Exif"), 0, 0, ...tiff, ...new TextEncoder().encode("51.5007 N")];
      const segment = [0xff, 0xe1, 0, said.length + 2, ...said];
      const carried = new DataTransfer();
      const photograph = new Blob([bytes.slice(0, 2), new Uint8Array(segment), bytes.slice(2)]);
      carried.items.add(new File([photograph], "photo.jpg", { type: "image/jpeg" }));
      const event = new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true });
      document.querySelector('[data-testid="editor"]').dispatchEvent(event);
    }, "image/jpeg");`);
  await until("the photograph", async () => (await picture(window))?.width === 200);
  await window.run(`window.told = null;
    fetch(document.querySelector(".picture img").src).then(() => { window.told = "read"; }, () => { window.told = "refused"; })`);
  await until("an answer", async () => (await window.run("return window.told")) !== null);
  assert.equal(
    await window.run("return window.told"),
    "refused",
    "no script may read an address as a source of data",
  );
});
