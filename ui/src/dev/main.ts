/**
 * The development page: the window on an invented host. Not part of the build.
 *
 * The address chooses what is shown: `?screen=write&theme=dark&overlay=settings&locale=fr&link=offline`. For keys and
 * laptops: `devices=3`, `joins=1&code=482913`, `alarms=2`, `remembered`, `keychain=absent`, `novel=locked` or `open`,
 * and `join=waiting|compare|denied|ended` on the screen `approval`. For the past: `view=history`, `trashed`, `merged`,
 * `kept`, `states`, `damaged`, `backup=good|reminder|cloud`, `opened=/stick/a.seshat`, `find=lamp` and `with=lantern`. For exports: `copies`. For syncing, with a `link`:
 * `laptops=3`, `mode=offline`, `first=25`, `held`, `refused`, `noroom`, `folder`, and `headline=…`.
 */
import "../shared/base.css";
import { mount } from "svelte";
import { FakeHost } from "../host/fake";
import { language } from "../shared/i18n.svelte";
import App from "../views/App.svelte";
import { type Overlay, Seshat } from "../views/seshat.svelte";
import { fillCopies } from "./copies";
import { fillDays } from "./days";
import { fillKeys } from "./keys";
import { fillLibrary, fillShelf } from "./library";
import { fillPast } from "./past";
import { pseudoRtl } from "./pseudo";
import { fillSync } from "./sync";

const asked = new URLSearchParams(location.search);
const screen = asked.get("screen") ?? "write";
const host = new FakeHost();
const OUTSIDE = ["create", "join", "kit", "approval", "restore"];
host.state = OUTSIDE.includes(screen) ? "absent" : "open";
if (screen === "unlock") host.state = "locked";
host.password = "password";
const card = await fillLibrary(host);
if (screen === "library") await fillShelf(host);
if (screen === "empty") host.novels = [];
fillKeys(host, asked, card.id);
fillDays(host, card.id);
if (asked.has("copies")) fillCopies(host, card.id);
if (screen === "write") await fillPast(host, card, asked);
const link = asked.get("link");
if (link) {
  host.say({
    link: link as "offline",
    waiting: Number(asked.get("waiting") ?? 3),
    server: "https://desk.example.org",
    email: "ines@example.org",
  });
}
if (link) await fillSync(host, asked, card);
host.say({ saved_at: Date.now() - 2000 });
const opened = asked.get("opened");
if (opened) host.openFile(opened);

const seshat = new Seshat(host);
const theme = asked.get("theme");
if (theme) seshat.settings.theme = theme as "light";
const locale = asked.get("locale");
if (locale === "rtl") language.override = { messages: pseudoRtl(), direction: "rtl" };
else seshat.settings.locale = locale === "fr" ? "fr" : "en";
mount(App, { target: document.body, props: { seshat } });

await new Promise((resolve) => setTimeout(resolve, 100));
if (screen === "write") await seshat.openNovel(card);
if (seshat.screen.kind === "write") {
  const { novel } = seshat.screen;
  novel.finding.text = asked.get("find") ?? "";
  novel.finding.with = asked.get("with") ?? "";
  novel.finding.replacing = asked.has("with");
  if (asked.get("view") === "history")
    setTimeout(async () => {
      await novel.showHistory(asked.has("states") ? "novel" : "scene");
      const row = novel.versions.rows[Number(asked.get("version") ?? -1)];
      if (row) await novel.versions.choose(row);
    }, 250);
}
if (screen === "restore") seshat.show({ kind: "restore" });
if (screen === "approval") seshat.show({ kind: "approval" });
if (screen === "join") seshat.show({ kind: "join" });
if (screen === "kit") seshat.show({ kind: "kit", kit: await host.createVault("x", asked.has("code")) });
const overlay = asked.get("overlay");
if (overlay) {
  seshat.chosen = seshat.novels.find((novel) => novel.id === card.id) ?? null;
  setTimeout(() => (seshat.overlay = overlay as Overlay), 300);
}
for (const [at, key] of (asked.get("press") ?? "").split(";").filter(Boolean).entries()) {
  setTimeout(() => press(key), 400 + at * 100);
}

/** `ctrl+\` and the like, at whatever has the focus. */
function press(keys: string): void {
  const parts = keys.split("+");
  const key = parts.at(-1) ?? "";
  const held = {
    ctrlKey: parts.includes("ctrl"),
    shiftKey: parts.includes("shift"),
    altKey: parts.includes("alt"),
  };
  (document.activeElement ?? document.body).dispatchEvent(
    new KeyboardEvent("keydown", { key, ...held, bubbles: true, cancelable: true }),
  );
}

// For looking inside from the browser's console.
Object.assign(globalThis, { seshat, host });
