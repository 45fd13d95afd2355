/**
 * Every screen and what lies over it, as the page on the invented host shows it: what `axe.test.mjs` examines and
 * `scripts/screens` takes pictures of. A new screen belongs into this table.
 *
 * `ask` is the page's address (ui/src/dev/main.ts), `after` what is done then, `shows` what stands there at last.
 */
import { Key } from "./window.mjs";

const id = (name) => `[data-testid="${name}"]`;
const state = (name, ask, shows, after) => ({ name, ask, shows, after });
/** Only where the window has room for it. */
const wide = (state) => ({ ...state, wide: true });
const editor = `${id("editor")} p`;

const asked = [
  { type: "https://desk.example.org", into: id("server") },
  { type: "ines@example.org", into: id("email") },
];

const importing = (path) => [{ type: path, into: id("import-path") }, { click: id("import-look") }];

/** Chooses what a sign of an imported document becomes. */
const become = (cut, value) => `const choice = document.querySelector('${id(`cut-${cut}`)}');
  choice.value = "${value}";
  choice.dispatchEvent(new Event("change", { bubbles: true }));`;

export const STATES = [
  state("create", "screen=create", id("create-vault")),
  state("kit", "screen=kit&code", id("kit-words")),
  state("kit-confirm", "screen=kit", id("kit-confirm"), [{ click: id("kit-next") }]),
  state("unlock", "screen=unlock", id("unlock")),
  state("unlock-remembered", "screen=unlock&remembered", id("open-remembered")),
  state("recover", "screen=unlock", id("recover"), [{ click: id("go-recover") }]),
  state("join", "screen=join", id("join")),
  state("approval", "screen=approval", id("ask-to-join")),
  state("approval-waiting", "screen=approval&join=waiting", id("cancel-join"), [...asked, { click: id("ask-to-join") }]),
  state("approval-denied", "screen=approval&join=denied", id("ask-again"), [...asked, { click: id("ask-to-join") }]),
  state("approval-compare", "screen=approval&join=compare", id("code"), [...asked, { click: id("ask-to-join") }]),
  state("restore", "screen=restore", id("restore-start")),
  state("library", "screen=library", id("novel")),
  state("library-empty", "screen=empty", id("sample-novel")),
  state("new", "screen=library&overlay=new", `dialog ${id("create-novel")}`),
  state("import", "screen=library&overlay=import", `dialog ${id("import-path")}`),
  state("import-refused", "screen=library&overlay=import", "dialog [role=alert]", importing("nowhere.docx")),
  state("import-reading", "screen=library&overlay=import", id("import-stop"), importing("/home/author/long.docx")),
  state("import-seen", "screen=library&overlay=import", id("import-rows"), importing("/home/author/keeper.docx")),
  state("import-cut", "screen=library&overlay=import", id("cut-many"), [
    ...importing("/home/author/keeper.docx"),
    { run: become("blanks", "scene"), on: id("cut-blanks") },
  ]),
  state("import-bare", "screen=library&overlay=import", "dialog .cuts p", importing("/home/author/clocks.txt")),
  state("import-done", "screen=library&overlay=import", id("open-imported"), [
    ...importing("/home/author/keeper.docx"),
    { click: id("import-start") },
  ]),
  state("novel-sheet", "screen=library&overlay=novel", "dialog"),
  state("passphrase", "screen=library&novel=locked&overlay=passphrase", `dialog ${id("open-novel")}`),
  state("write", "", editor),
  state("write-offline", "link=offline&waiting=3", editor),
  state("write-damaged", "damaged", id("damage")),
  state("write-alarm", "alarms=2&link=attention", id("alarm")),
  state("write-banners", "joins=1&code=482913&merged&backup=reminder", id("open-joins")),
  state("chapter", "", `${id("editor")} p`, [{ run: "seshat.settings.extent = 'chapter'", on: editor }]),
  state("book", "", `${id("editor")} p`, [{ run: "seshat.settings.extent = 'book'", on: editor }]),
  state("format", "", id("format"), [{ press: ["\uE00A", "\uE03A"], on: editor }]),
  state("footnote", "", id("footnote"), [{ press: [Key.control, "\uE00A", "f"], on: editor }]),
  wide(state("menu", "", "[role=menu]", [{ run: `document.querySelector('[role=row][aria-current] ${id("row-menu")}').click()`, on: `[role=row][aria-current]` }])),
  state("focus", "", '[data-dimmed="yes"]', [{ press: [Key.f9], on: editor }, { type: "And then ", into: id("editor") }]),
  // What three seconds of typing bring.
  state("focus-faded", "", '[data-dimmed="yes"]', [{ press: [Key.f9], on: editor }, { run: "document.querySelector('.write').dataset.focus = 'faded'", on: '[data-dimmed="yes"]' }]),
  state("find", "overlay=find&find=lamp", id("hit")),
  state("replace", "overlay=find&find=lamp&with=lantern", id("replace-field")),
  state("history", "view=history", id("difference")),
  state("history-version", "view=history&version=3", id("difference")),
  state("history-novel", "view=history&states", id("past-outline")),
  state("trash", "trashed&overlay=trash", "dialog"),
  state("snapshot", "overlay=snapshot", "dialog"),
  state("merges", "merged&overlay=merges", `dialog ${id("merge")}`),
  state("export", "overlay=export", `dialog ${id("page-image")}`),
  // The choices of the e-book, for somebody, with its pages, where there is room for both.
  wide(state("export-copy", "overlay=export", `dialog ${id("copy-mark")}`, [{ click: '[data-preset="builtin-ebook"]' }, { click: id("range-scenes") }, { type: "Ada Lane", into: id("recipient") }])),
  // The choices of a printed book, with what was found in it.
  state("export-done", "overlay=export", `dialog ${id("findings")}`, [{ click: '[data-preset="builtin-print"]' }, { click: id("range-chapters") }, { run: "host.findings = [{ grave: true, said: 'The book has no author.' }, { grave: false, said: 'A picture has no words.' }]", on: id("export-paper") }, { click: id("export-start") }]),
  state("export-copies", "overlay=export&copies", `dialog ${id("register")}`, [{ click: id("copies") }, { click: id("identify") }]),
  state("settings", "overlay=settings", id("sample"), [{ click: id("settings-appearance") }]),
  state("settings-writing", "overlay=settings", id("setting-smart"), [{ click: id("settings-writing") }]),
  state("settings-language", "overlay=settings", "dialog select, dialog input", [{ click: id("settings-language") }]),
  state("palette", "overlay=palette", "dialog [role=option]"),
  state("goto", "overlay=goto", "dialog [role=option]"),
  state("goals", "overlay=goals", "dialog"),
  state("spelling", "overlay=spelling", id("own-word")),
  state("seek", "", id("seek-field"), [{ press: [Key.control, "f"], on: editor }]),
  state("keys", "overlay=keys", "dialog"),
  state("vault", "overlay=vault", `dialog ${id("facts")}`),
  state("vault-kit", "overlay=vault", `dialog ${id("show-kit")}, dialog ${id("new-kit")}`, [{ click: id("part-kit") }]),
  state("vault-locking", "overlay=vault", "dialog [role=tabpanel], dialog", [{ click: id("part-locking") }]),
  state("devices", "overlay=devices&devices=3", `dialog ${id("device")}`),
  state("backups", "overlay=backups&backup=reminder", `dialog ${id("backup-now")}`),
  state("joins", "joins=2&code=482913&overlay=joins", `dialog ${id("join-request")}`),
  state("server", "overlay=server", `dialog ${id("connect")}`),
  state("sync", "link=online&laptops=3&overlay=server", `dialog ${id("sync-now")}`),
  state("sync-trouble", "link=attention&laptops=3&held&refused&noroom&overlay=server", `dialog ${id("held")}`),
  state("sync-folder", "link=online&folder&overlay=server", `dialog ${id("folder-facts")}`),
];
