/** What an author sees of syncing, and what may be done about it. */
import { describe, expect, test } from "vitest";
import { fillLibrary } from "../dev/library";
import { fill, find, press, settled, showWindow, submit, until } from "../dev/screen";
import { FakeHost, failure } from "../host/fake";
import { SILENT } from "../host/host";
import { Pulse } from "./pulse.svelte";

const SERVER = { server: "https://desk.example.org", email: "ines@example.org", link: "online" } as const;
const STICK = "/media/stick/Seshat";
const ALL = "All 3 laptops have everything.";

const there = (testid: string) => document.querySelector(`[data-testid=${testid}]`) !== null;

async function library(before: (host: FakeHost) => unknown = (host) => host.say(SERVER)) {
  const host = new FakeHost();
  host.state = "open";
  host.password = "password";
  const card = await fillLibrary(host);
  await before(host);
  const shown = await showWindow(host);
  await until(() => find("link"));
  return { ...shown, card };
}

async function sheet(before?: (host: FakeHost) => unknown) {
  const shown = await library(before);
  await press("link");
  return shown;
}

async function choose(label: string) {
  const choice = [...document.querySelectorAll("label")].find((one) => one.textContent?.trim() === label);
  choice?.querySelector("input")?.click();
  await settled();
}

describe("how things stand", () => {
  test("is one sentence, the program's own: in the sheet, over the shelf and behind the footer", async () => {
    const { host } = await sheet();
    host.laptops(["Desk", "everything"], ["Attic", "everything"], ["Train", "everything"]);
    host.turn({ headline: ALL });
    await until(() => expect(find("headline").textContent).toBe(ALL));
    expect(find("shelf-headline").textContent).toBe(ALL);
    expect(find("link").title).toBe(ALL);
    const rows = [...find("sync-laptops").querySelectorAll("li")].map((row) => row.textContent);
    expect(rows.length).toBe(3);
    expect(rows[0]).toContain("this one");
    expect(rows[1]).toMatch(/Attic.*today.*has everything/s);
    host.laptops(["Desk", "everything"], ["Attic", "not_yet"], ["Train", "unknown"]);
    await until(() => expect(find("sync-laptops").textContent).toContain("not everything yet"));
    expect(find("sync-laptops").textContent).toContain("not known");
  });

  test("is asked of the server when somebody looks, and never where nothing shall go out", async () => {
    const asked: string[] = [];
    const { host } = await library((host) => {
      host.say(SERVER);
      host.turn({ mode: "when_asked" });
      host.devices = async () => {
        asked.push("devices");
        return [];
      };
    });
    await press("link");
    expect(asked).toEqual([]);
    await press("sync-now");
    expect(asked, "whoever presses asks").toEqual(["devices"]);
    await choose("By itself");
    expect(asked).toEqual(["devices", "devices"]);
    host.say({ waiting: 1 });
    await settled();
    expect(asked, "other news is no reason to ask again").toEqual(["devices", "devices"]);
  });

  test("counts scenes in the footer, and changes only where no scene is among them", async () => {
    const { host } = await library();
    host.say({ waiting: 9, link: "offline" });
    await until(() => expect(find("link").textContent).toContain("Offline · 9 waiting"));
    host.turn({ waiting_scenes: 4 });
    await until(() => expect(find("link").textContent).toContain("Offline · 4 scenes waiting"));
  });

  test("leaves nothing on the screen that names a laptop or a novel when the vault is locked", async () => {
    const host = new FakeHost();
    const held = { message: "Attic deleted a lot.", laptops: ["Attic"], novels: [] };
    host.say({ ...SERVER, sync: { ...SILENT.sync, mode: "offline", headline: ALL, held } });
    const pulse = new Pulse(host);
    await pulse.look();
    pulse.forget();
    expect(pulse.status.sync).toEqual({ ...SILENT.sync, mode: "offline" });
  });
});

describe("the choice when to sync", () => {
  test("goes to the program, and the footer says why it is quiet", async () => {
    const { host } = await sheet();
    await choose("Offline");
    expect(host.report.sync.mode).toBe("offline");
    expect(find("link").textContent).toContain("Offline, as you set it");
    expect(find<HTMLButtonElement>("sync-now").disabled, "there is nothing to press").toBe(true);
    await choose("When I ask");
    expect(host.report.sync.mode).toBe("when_asked");
    expect(find("link").textContent).toContain("Syncs when you ask");
    expect(find<HTMLButtonElement>("sync-now").disabled).toBe(false);
    await choose("By itself");
    expect(find("link").textContent).toContain("Online");
  });

  test("stands where it was when the program refuses it, which is said", async () => {
    const { host } = await sheet();
    host.setSyncMode = async () => Promise.reject(failure("other", "The disk is full; nothing was changed."));
    await choose("Offline");
    await until(() => expect(document.body.textContent).toContain("The disk is full; nothing was changed."));
    expect(host.report.sync.mode).toBe("automatic");
    const chosen = [...document.querySelectorAll<HTMLInputElement>("dialog input[type=radio]:checked")];
    expect(chosen.map((one) => one.closest("label")?.textContent?.trim())).toEqual(["By itself"]);
  });
});

describe("a first sync", () => {
  test("says how far it is and which novels can be written in, and goes when it is done", async () => {
    const { host, card } = await library();
    const other = await host.createNovel("Salt", "en");
    const headline = "1 novel is ready to write in; the rest is arriving (25 %).";
    host.turn({ headline, first: { done: 5, total: 20, bytes: 0, ready: [card.id] } });
    await until(() => expect(find("first-banner").textContent).toContain(headline));
    const progress = find<HTMLProgressElement>("first-sync");
    expect([progress.value, progress.max]).toEqual([5, 20]);
    const cardOf = (title: string) =>
      [...document.querySelectorAll("[data-testid=novel]")].find((one) => one.textContent?.includes(title));
    await until(() =>
      expect(cardOf("Salt")?.textContent, "asked again as novels come").toContain("Arriving"),
    );
    expect(cardOf(card.title)?.textContent).not.toContain("Arriving");
    host.turn({ first: { done: 19, total: 20, bytes: 0, ready: [card.id, other.id] } });
    await until(() => expect(cardOf("Salt")?.textContent).not.toContain("Arriving"));
    host.turn({ headline: ALL, first: null });
    await until(() => expect(there("first-banner")).toBe(false));
  });

  test("does not offer to begin a novel on a shelf that is only not filled yet", async () => {
    const { host } = await library((host) => {
      host.novels = [];
      host.say(SERVER);
      host.turn({
        headline: "Your novels are arriving (0 %).",
        first: { done: 0, total: 0, bytes: 0, ready: [] },
      });
    });
    await until(() => expect(document.body.textContent).toContain("Your novels are on their way."));
    expect(there("new-novel")).toBe(false);
    host.turn({ first: null });
    await until(() => find("new-novel"));
    expect(document.body.textContent, "nobody has been asked yet").toContain("comes with the next sync");
    host.turn({ even_at: Date.now() });
    await until(() => expect(document.body.textContent).not.toContain("comes with the next sync"));
  });
});

describe("a large deletion by another laptop", () => {
  const HELD = {
    message: "Attic put 30 texts into the trash; nothing of that was done here; say whether it was meant.",
    laptops: ["Attic"],
    novels: [{ novel: "1", title: "Salt", trashed: 30, emptied: 2, of: 40 }],
  };

  test("asks, takes no focus, and keeps everything when that is the answer", async () => {
    const { host } = await library();
    const focused = document.activeElement;
    host.turn({ held: HELD });
    await until(() => expect(find("held-banner").textContent).toContain(HELD.message));
    expect(document.activeElement).toBe(focused);
    await press("open-held");
    expect(find("held").textContent).toContain("30 of 40 texts would go to the trash.");
    expect(find("held").textContent).toContain("2 of 40 texts would lose all their words.");
    await press("held-keep");
    expect(host.answers).toEqual(["keep"]);
    await until(() => expect(there("held")).toBe(false));
    expect(there("held-banner")).toBe(false);
    expect(document.body.textContent).toContain("Everything stays");
  });

  test("is done here, too, when it was meant; when it cannot be, the question stays and says why", async () => {
    const { host } = await sheet();
    host.turn({ held: HELD });
    await until(() => find("held-delete"));
    const answer = host.answerDeletion.bind(host);
    host.answerDeletion = async () =>
      Promise.reject(failure("other", "The disk refuses; nothing was changed."));
    await press("held-delete");
    await until(() => expect(document.body.textContent).toContain("The disk refuses"));
    expect(there("held")).toBe(true);
    host.answerDeletion = answer;
    await press("held-delete");
    expect(host.answers).toEqual(["delete"]);
    await until(() => expect(there("held")).toBe(false));
  });
});

describe("what the server does not take", () => {
  test("is listed with its reason and offered again", async () => {
    const { host } = await sheet();
    const reason = "the record is larger than this server takes";
    host.refuse(
      { novel: "1", title: "Salt", scene: "2", reason },
      { novel: null, title: null, scene: null, reason: "unknown" },
    );
    await until(() => expect(find("refused").textContent).toContain(reason));
    expect(find("refused").textContent).toMatch(/Salt.*A text.*Not known of which novel.*Outline/s);
    await press("offer-again");
    await until(() => expect(there("refused")).toBe(false));
    expect(document.body.textContent).toContain("2 changes are offered again.");
  });

  test("for want of room is said above the footer until there is room", async () => {
    const { host } = await library();
    host.turn({ no_room: true });
    await until(() => expect(find("noroom-banner").textContent).toContain("no more room"));
    host.turn({ no_room: false });
    await until(() => expect(there("noroom-banner")).toBe(false));
  });
});

describe("connecting", () => {
  test("asks for an invitation code only when the server does, and says the server's sentence", async () => {
    const { host } = await sheet((host) => {
      host.invitation = "tulip-harbour";
    });
    await fill("server", "https://desk.example.org");
    await fill("email", "ines@example.org");
    expect(there("invitation")).toBe(false);
    await submit("connect");
    await until(() => expect(document.activeElement).toBe(find("invitation")));
    expect(document.querySelector("[role=alert]")?.textContent).toContain("by invitation only");
    await fill("invitation", " tulip-harbour ");
    await submit("connect");
    await until(() => find("sync-now"));
    expect(host.report.server).toBe("https://desk.example.org");
  });

  test("through a folder takes one that the author chooses, and shows what lies in it", async () => {
    const { host } = await sheet(() => undefined);
    await choose("A folder");
    expect(there("server")).toBe(false);
    await press("choose-folder");
    expect(find<HTMLInputElement>("folder-path").value).toBe(STICK);
    await submit("connect");
    await until(() => expect(find("place").textContent).toContain(STICK));
    expect(find("place").textContent).not.toContain("folder:");
    await until(() => expect(find("folder-facts").textContent).toContain("12 sealed files"));
    expect(host.report.server).toBe(`folder:${STICK}`);
  });

  test("says why a folder will not do, and lets the author try another one", async () => {
    const { host } = await sheet(() => undefined);
    await choose("A folder");
    await fill("folder-path", "stick");
    await submit("connect");
    await until(() => expect(document.querySelector("[role=alert]")?.textContent).toContain("no folder"));
    expect(host.report.server).toBe(null);
    expect(find<HTMLInputElement>("folder-path").value).toBe("stick");
  });

  test("finds a folder again that is somewhere else now", async () => {
    const { host } = await sheet(async (host) => {
      await host.createFolder(STICK);
      if (host.folder)
        Object.assign(host.folder, { there: false, message: "Plug in the stick; all is safe here." });
    });
    await until(() => expect(find("folder-facts").textContent).toContain("Plug in the stick"));
    await press("folder-moved");
    await press("choose-folder");
    await submit("folder-move");
    await until(() => expect(find("folder-facts").textContent).toContain("12 sealed files"));
    expect(host.folder?.there).toBe(true);
    expect(there("folder-moved")).toBe(false);
  });
});

describe("signing out", () => {
  test("asks first, says what stays, and leads back to where one can connect again", async () => {
    const { host } = await sheet((host) => host.say({ ...SERVER, waiting: 3 }));
    await press("leave");
    expect(find("leaving").textContent).toContain("Everything stays on this laptop");
    expect(document.activeElement, "the way back is the nearer one").toBe(find("leave-stay"));
    await press("leave-stay");
    await until(() => expect(document.activeElement).toBe(find("leave")));
    expect(host.report.server).toBe(SERVER.server);
    await press("leave");
    await press("leave-now");
    await until(() => find("connect"));
    expect(host.report.server).toBe(null);
    expect(document.body.textContent).toContain("3 changes wait until you connect again");
    expect(find("link").textContent).toContain("On this laptop only");
  });

  test("that fails changes nothing and says so beside the question", async () => {
    const { host } = await sheet();
    host.leaveServer = async () => Promise.reject(failure("other", "The disk refuses; all is as it was."));
    await press("leave");
    await press("leave-now");
    await until(() => expect(find("leaving").textContent).toContain("all is as it was"));
    expect(host.report.server).toBe(SERVER.server);
  });

  test("is named after the folder where it is one", async () => {
    await sheet((host) => host.createFolder(STICK));
    await press("leave");
    expect(find("leaving").textContent).toContain("in the folder");
  });
});

describe("a laptop without a vault", () => {
  async function joining() {
    const host = new FakeHost();
    host.state = "absent";
    const shown = await showWindow(host);
    shown.seshat.show({ kind: "join" });
    await settled();
    return shown;
  }

  test("joins through a folder with the password", async () => {
    const { host } = await joining();
    expect(document.activeElement).toBe(find("server"));
    await choose("A folder");
    await fill("folder-path", STICK);
    await fill("password", "password");
    await submit("join");
    await until(() => find("link"));
    expect(host.report.server).toBe(`folder:${STICK}`);
    expect(host.state).toBe("open");
  });

  test("comes back through a folder with its Emergency Kit", async () => {
    const { host } = await joining();
    await press("go-recover");
    await choose("A folder");
    await fill("folder-path", STICK);
    await fill("kit-text", "word ".repeat(24));
    await fill("password", "a new password of some length");
    await submit("recover");
    await until(() => find("link"));
    expect(host.password).toBe("a new password of some length");
  });

  test("keeps the focus on the choice that is walked with the arrow keys", async () => {
    await joining();
    await choose("A folder");
    const choice = document.querySelector<HTMLInputElement>("[role=radiogroup] input");
    choice?.focus();
    await choose("A server");
    await until(() => find("server"));
    expect(document.activeElement).toBe(choice);
  });
});
