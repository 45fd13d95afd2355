/** The figures of the window: see scripts/window-figures. Every figure of ours stands beside the bare page's. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort, until, Window } from "../../tests/window/window.mjs";
import { cpu, memory } from "./processes.mjs";
import { novel, page, paragraphs } from "./texts.mjs";

const work = process.argv[2];
const programs = process.env.SESHAT_BIN;
const PASSWORD = "lantern gravel oboe tuesday";
const [ROUNDS, LETTERS, REST] = [5, 200, 60_000];
const home = join(work, "vault");
const rows = [];
const running = [];

const middle = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const share = (numbers, part) => numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * part))];
const fixed = (number, digits = 0) => number.toFixed(digits);

function row(what, ours, bare, aim, holds) {
  rows.push({ what, ours, bare, aim, holds });
  console.log(`| ${what} | ${ours} | ${bare} | ${aim} | ${holds === null ? "" : holds ? "yes" : "**no**"} |`);
}

/** A program under a driver of its own, when `selector` is there and painted; with what that took. */
async function begin(binary, args, selector) {
  const port = await freePort();
  const env = { ...process.env, SESHAT_HOME: home, TAURI_AUTOMATION: "true", TAURI_WEBVIEW_AUTOMATION: "true" };
  if (binary !== "seshat-desktop") env.WEBKIT_DISABLE_DMABUF_RENDERER ??= "1";
  const driver = spawn("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], { env, stdio: "ignore" });
  const window = new Window(port, driver);
  running.push(window);
  await until("the driver", () => fetch(`http://127.0.0.1:${port}/status`).then((answer) => answer.ok));
  const path = binary === "seshat-desktop" ? join(programs, binary) : binary;
  const at = performance.now();
  const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": { binary: path, args } } };
  const session = await window.call("POST", "/session", { capabilities });
  window.session = `/session/${session.sessionId}`;
  await window.find(selector);
  await window.ask("POST", "/execute/async", { script: "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(1)))", args: [] });
  const wall = performance.now() - at;
  const child = execFileSync("ps", ["-o", "pid=", "--ppid", String(driver.pid)], { encoding: "utf8" });
  window.root = Number(child.trim().split(/\s+/)[0]);
  return { window, wall };
}

async function end(window) {
  running.splice(running.indexOf(window), 1);
  try {
    process.kill(window.root, "SIGKILL");
  } catch {
    // It has ended.
  }
  window.driver.kill("SIGKILL");
  await until("the program to be gone", () => cpu(window.root) === 0);
}

const ours = (args = []) => begin("seshat-desktop", args, '[data-testid="password"]');
const bare = (url) => begin(process.env.BARE_PAGE, [url], "#editor");

async function starts(url) {
  const [walls, cpus] = [{ ours: [], bare: [] }, { ours: [], bare: [] }];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, start] of [["bare", () => bare(url)], ["ours", ours]]) {
      const { window, wall } = await start();
      await wait(1500);
      walls[name].push(wall);
      cpus[name].push(cpu(window.root));
      await end(window);
    }
  }
  for (const [what, of] of [["wall", walls], ["CPU, with the second and a half after it", cpus]]) {
    const [here, there] = [middle(of.ours), middle(of.bare)];
    row(`start to the unlock screen, ${what}, middle of ${ROUNDS}`, `${fixed(here)} ms`, `${fixed(there)} ms`, `${fixed(here / there, 2)} ×; at most 1.15`, here / there <= 1.15);
  }
}

const PROBE = `window.seen = [];
  addEventListener("keydown", (event) => {
    const pressed = event.timeStamp;
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.seen.push(performance.now() - pressed);
      channel.port2.postMessage(0);
    });
  }, true);`;

/** Types into the text and says what a letter cost and how long until it was painted. */
async function typing(window, paragraph) {
  await window.click(paragraph);
  await window.run(PROBE);
  await wait(2000);
  const before = cpu(window.root);
  const letters = "and then she wrote ".repeat(LETTERS).slice(0, LETTERS);
  for (let at = 0; at < LETTERS; at += 25) {
    const actions = [...letters.slice(at, at + 25)].flatMap((value) => [
      { type: "keyDown", value },
      { type: "keyUp", value },
      { type: "pause", duration: 90 },
    ]);
    await window.ask("POST", "/actions", { actions: [{ type: "key", id: "keys", actions }] });
  }
  const used = cpu(window.root) - before;
  const seen = await window.run("return window.seen");
  if (seen.length < LETTERS) throw new Error(`${seen.length} of ${LETTERS} letters were seen`);
  return { each: used / LETTERS, p50: share(seen, 0.5), p95: share(seen, 0.95) };
}

/** From a click on a scene until its text is on the screen, and how long the program took of it. */
async function opening(window, which, opening) {
  const [total, data] = await window.ask("POST", "/execute/async", {
    script: `const [last, opening, done] = arguments;
      const rows = [...document.querySelectorAll('[data-testid="row-scene"]')];
      const row = rows.at(last ? -1 : 0);
      const start = performance.now();
      row.click();
      const look = () => {
        const editor = document.querySelector('[data-testid="editor"]');
        if (editor?.textContent.includes(opening)) done([performance.now() - start, rows.length]);
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);`,
    args: [which === "last", opening],
  });
  return { total, rows: data };
}

async function unlock(window) {
  await window.type('[data-testid="password"]', PASSWORD);
  await window.click('[data-testid="unlock"]');
  await window.find('[data-testid="novel"]', 30_000);
}

async function choose(window, title) {
  await window.run(
    `[...document.querySelectorAll('[data-testid="novel"]')].find((card) => card.textContent.includes(arguments[0])).click()`,
    title,
  );
  await window.find('[data-testid="editor"] p', 30_000);
}

function prepare() {
  mkdirSync(home, { recursive: true });
  const file = join(work, "password");
  writeFileSync(file, `${PASSWORD}\n`);
  const seshat = (...args) =>
    execFileSync(join(programs, "seshat"), ["--home", home, "--password-file", file, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  seshat("init", "--kit", join(work, "kit"));
  seshat("import", novel(work, "short", 1, 10_000), "--title", "Short", "--language", "en-GB");
  seshat("import", novel(work, "long", 365, 560_000), "--title", "Long", "--language", "en-GB");
}

/** What a window holds, what typing costs in it, and what it does when nothing is typed. */
async function atDesk(open, paragraph) {
  const window = await open();
  await wait(8000);
  const held = memory(window.root);
  const typed = await typing(window, paragraph);
  await wait(15_000);
  const before = cpu(window.root);
  await wait(REST);
  const idle = ((cpu(window.root) - before) / REST) * 100;
  await end(window);
  return { held, typed, idle };
}

async function measure() {
  prepare();
  const text = page(work, "text", paragraphs(10_000, "Opening 1 of them"));
  console.log("| what | Seshat | bare page | aim | reached |\n|---|---|---|---|---|");
  await starts(page(work, "short", ["Password"]));

  // One after the other: only one window has the focus, and a caret that blinks is painted.
  const here = await atDesk(async () => {
    const { window } = await ours();
    await unlock(window);
    await choose(window, "Short");
    return window;
  }, '[data-testid="editor"] p');
  const there = await atDesk(async () => (await bare(text)).window, "#editor p");
  const [held, heldBare] = [here.held, there.held];
  row("memory of all processes (PSS), a scene of 10,000 words open", `${fixed(held)} MiB`, `${fixed(heldBare)} MiB`, `${fixed(held / heldBare, 2)} ×; at most 1.10`, held / heldBare <= 1.1);

  const [typed, typedBare] = [here.typed, there.typed];
  row("CPU of a letter typed in it", `${fixed(typed.each, 1)} ms`, `${fixed(typedBare.each, 1)} ms`, "at most 20 ms", typed.each <= 20);
  row("from the key to the frame, half of the letters", `${fixed(typed.p50)} ms`, `${fixed(typedBare.p50)} ms`, "", null);
  row("from the key to the frame, 95 in 100", `${fixed(typed.p95)} ms`, `${fixed(typedBare.p95)} ms`, "at most 50 ms", typed.p95 <= 50);

  const [idle, idleBare] = [here.idle, there.idle];
  row("CPU at rest, 60 seconds, 15 seconds after the last letter", `${fixed(idle, 2)} %`, `${fixed(idleBare, 2)} %`, "at most 0.1 %", idle <= 0.1);
  const long = (await ours()).window;
  await unlock(long);
  await choose(long, "Long");
  await wait(3000);
  const times = { first: [], last: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const which of ["last", "first"]) {
      const { total } = await opening(long, which, `Opening ${which === "last" ? 365 : 1} of them`);
      times[which].push(total);
      await wait(500);
    }
  }
  for (const which of ["first", "last"])
    row(`from a click to the text: the ${which} scene of a novel of 560,000 words, middle of ${ROUNDS}`, `${fixed(middle(times[which]))} ms`, "", "", null);
  await end(long);
}

try {
  await measure();
} finally {
  for (const window of [...running]) await end(window).catch(() => {});
}
process.exitCode = rows.every(({ holds }) => holds !== false) ? 0 : 2;
