/** What a program owes a desktop: it opens where it was, once for each vault, and takes the file that it is given. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createVault, newNovel, unlock } from "./steps.mjs";
import { home, open, until } from "./window.mjs";

const PROGRAM = join(process.env.SESHAT_BIN, "seshat-desktop");
const TEXT = "The lamp was lit before anyone asked.";

/** A folder that a login would have. */
function login(test) {
  const folder = join(home(test), "run");
  mkdirSync(folder, { mode: 0o700 });
  return { XDG_RUNTIME_DIR: folder };
}

/** The program started by hand: with what it ended, or null when it has not within `millis`. */
function start(folder, world, args, millis = 20_000) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...world, SESHAT_HOME: folder };
    const started = spawn(PROGRAM, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    started.stdout.on("data", (piece) => {
      said += piece;
    });
    const end = setTimeout(() => started.kill("SIGKILL"), millis);
    started.once("error", reject);
    started.once("exit", (code) => {
      clearTimeout(end);
      resolve({ code, said });
    });
  });
}

/** The system asks the window to end, as at a logout. */
async function logout(window) {
  const pid = await window.process();
  process.kill(pid, "SIGTERM");
  await until("the window to end", async () => (await window.process().catch(() => null)) === null);
  window.session = null;
}

const frame = (window) => window.ask("GET", "/window/rect");
const path = (window) => window.run(`return document.querySelector('[data-testid="restore-path"]')?.value ?? null`);

test("the window opens as large and where it was, and where it can be reached", async (t) => {
  const [folder, world] = [home(t), login(t)];
  const first = await open(t, folder, { width: null, world });
  await createVault(first);
  await first.ask("POST", "/window/rect", { x: 130, y: 70, width: 1010, height: 720 });
  await until("the window to move", async () => (await frame(first)).x === 130);
  await newNovel(first, "The Lamp");
  await first.type('[data-testid="editor"]', TEXT);
  await logout(first);
  const kept = JSON.parse(readFileSync(join(folder, "window.json"), "utf8"));
  assert.deepEqual(kept, { width: 1010, height: 720, at: [130, 70], maximized: false });

  const second = await open(t, folder, { width: null, world });
  assert.deepEqual(await frame(second), { x: 130, y: 70, width: 1010, height: 720 });
  await unlock(second);
  await second.click('[data-testid="novel"]', 30_000);
  await until("what was typed before the logout", async () => (await second.text('[data-testid="editor"]')) === TEXT);
  await logout(second);

  // The screen on the right is gone.
  writeFileSync(join(folder, "window.json"), JSON.stringify({ ...kept, at: [5000, 70] }));
  const third = await open(t, folder, { width: null, world });
  const there = await frame(third);
  assert.ok(there.x >= 0 && there.x < 1500, `it lies at ${there.x}`);
  assert.deepEqual([there.width, there.height], [1010, 720]);
});

test("a second start shows the first window and hands its file over; another vault has a window of its own", async (t) => {
  const [folder, world] = [home(t), login(t)];
  const window = await open(t, folder, { world, args: ["/media/stick/first.seshat"] });
  await until("the file of the first start", async () => (await path(window)) === "/media/stick/first.seshat");
  const second = await start(folder, world, ["/media/stick/second.seshat"]);
  assert.equal(second.code, 0, "it has handed its file over and ended");
  await until("the file of the second start", async () => (await path(window)) === "/media/stick/second.seshat");
  const bare = await start(folder, world, []);
  assert.equal(bare.code, 0);
  assert.equal(await path(window), "/media/stick/second.seshat", "a start without a file changes nothing");

  const other = await open(t, home(t), { world });
  await other.find('[data-testid="create-vault"]');
  await window.find('[data-testid="restore-start"]');
});

test("the program says its version and how it is used without a window", async (t) => {
  const folder = home(t);
  const world = { DISPLAY: "", WAYLAND_DISPLAY: "" };
  const version = await start(folder, world, ["--version"]);
  assert.match(version.said, /^Seshat \d+\.\d+\.\d+\n$/);
  assert.equal(version.code, 0);
  const help = await start(folder, world, ["--help"]);
  assert.match(help.said, /SESHAT_HOME/);
});

test("without a GPU the page is painted by the CPU, and a choice of the author's stands", async (t) => {
  const chosen = await open(t, home(t), { world: { ...login(t), WEBKIT_DISABLE_DMABUF_RENDERER: "0" } });
  assert.equal(await variable(chosen), "0");
  const world = login(t);
  const window = await open(t, home(t), { world: { ...world, WEBKIT_DISABLE_DMABUF_RENDERER: undefined } });
  const expected = hasGpu() ? undefined : "1";
  assert.equal(await variable(window), expected);
});

/** As WebKit's own process found it. */
async function variable(window) {
  const below = execFileSync("ps", ["-o", "pid=,comm=", "--ppid", String(await window.process())], { encoding: "utf8" });
  const [pid] = below.split("\n").find((line) => line.includes("WebKitWeb")).trim().split(" ");
  const lines = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  return lines.find((line) => line.startsWith("WEBKIT_DISABLE_DMABUF_RENDERER="))?.split("=")[1];
}

function hasGpu() {
  try {
    return readdirSync("/dev/dri").some((name) => name.startsWith("render"));
  } catch {
    return false;
  }
}
