/** Copies of the vault, the reminder, and beginning with a backup. */
import { describe, expect, test } from "vitest";
import { showDesk } from "../dev/desk";
import { fill, find, key, press, settled, showWindow, submit, until } from "../dev/screen";
import { FakeHost, failure } from "../host/fake";

async function backups(before: (host: FakeHost) => unknown = () => undefined) {
  const shown = await showDesk(before);
  shown.seshat.overlay = "backups";
  await settled();
  await until(() => find("backup-now"));
  return shown;
}

describe("the part about backups", () => {
  test("makes a copy, lists it with its time, and saves one elsewhere", async () => {
    const { host } = await backups();
    expect(find("backups").textContent).toContain("There is no copy yet.");
    await press("backup-now");
    await until(() => expect(find("backup-said").textContent).toContain("opened to be sure"));
    expect(host.copies.backups.length).toBe(1);
    await press("backup-list");
    expect(find("backup-rows").textContent).toContain("3.4 MB");
    await press("backup-elsewhere");
    await until(() => expect(find("backup-said").textContent).toContain("/media/stick"));
  });

  test("says nothing when the author closes the system's question", async () => {
    const { host } = await backups();
    host.backupTo = async () => null;
    await press("backup-elsewhere");
    await settled();
    expect(document.querySelector("[data-testid=backup-said]")).toBe(null);
  });

  test("names what a readable copy had to leave out, and what a check found", async () => {
    const { host } = await backups();
    await press("backup-check");
    await until(() => expect(find("backup-said").textContent).toContain("All is well"));
    host.problems = ["Chapter 2, scene 1: one record does not open."];
    await press("backup-plain");
    await until(() => expect(find("backups").textContent).toContain("one record does not open"));
    await press("backup-check");
    await until(() => expect(find("backup-said").textContent).toContain("1 thing is not well"));
  });

  test("shows that the vault lies where another program syncs files, and why the last copy failed", async () => {
    await backups((host) => {
      host.copies.synced_folder = "Your vault lies in a folder that Dropbox syncs.";
      host.copies.failure = "The disk is full; the copies from before are safe.";
    });
    const notes = [...document.querySelectorAll("[data-testid=backup-note]")].map((note) => note.textContent);
    expect(notes).toEqual([
      "The disk is full; the copies from before are safe.",
      "Your vault lies in a folder that Dropbox syncs.",
    ]);
  });

  test("brings back what is missing, after a wrong password too", async () => {
    await backups();
    await press("backup-restore");
    await until(() => expect(document.activeElement).toBe(find("restore-path")));
    await press("choose-backup");
    await fill("restore-secret", "not it");
    await submit("restore-start");
    await until(() => expect(find("backups").textContent).toContain("does not open the backup"));
    expect(document.activeElement).toBe(find("restore-secret"));
    await fill("restore-secret", "password");
    await submit("restore-start");
    await until(() => expect(find("restored").textContent).toContain("1 novel"));
    expect(document.activeElement).toBe(find("restore-open"));
  });
});

describe("the reminder", () => {
  const REMINDER = "It is 20 days since a copy was saved elsewhere.";
  test("stands above the footer, covers nothing, and waits for later when asked", async () => {
    const { host } = await showDesk((host) => host.say({ backup: REMINDER }));
    await until(() => expect(find("backup-banner").textContent).toContain(REMINDER));
    expect(document.activeElement, "it takes no focus").toBe(find("editor"));
    await press("backup-later");
    await until(() => expect(document.querySelector("[data-testid=backup-banner]")).toBe(null));
    expect(host.report.backup).toBe(null);
  });

  test("leads to the backups", async () => {
    await showDesk((host) => host.say({ backup: REMINDER }));
    await until(() => find("open-backups"));
    await press("open-backups");
    await until(() => find("backup-elsewhere"));
    await key("Escape", find("backup-elsewhere"));
    await until(() => expect(document.querySelector("dialog")).toBe(null));
  });
});

test("a laptop without a vault begins with a backup", async () => {
  const host = new FakeHost();
  await showWindow(host);
  await press("go-restore");
  await until(() => expect(document.activeElement).toBe(find("restore-path")));
  host.restoreBackup = async () => {
    throw failure("not_found", "There is no backup at this path; nothing was changed.");
  };
  await fill("restore-path", "/nowhere");
  await fill("restore-secret", "password");
  await submit("restore-start");
  await until(() => expect(document.body.textContent).toContain("no backup at this path"));
  host.restoreBackup = FakeHost.prototype.restoreBackup.bind(host);
  await submit("restore-start");
  await until(() => find("restore-open"));
  await press("restore-open");
  await until(() => find("new-novel"));
  expect(host.state).toBe("open");
});

describe("a backup that was opened outside of the window", () => {
  const FILE = "/media/stick/Seshat backup.seshat";
  const path = () => find<HTMLInputElement>("restore-path").value;

  test("stands in the form on a laptop without a vault, which lacks nothing but its password", async () => {
    const host = new FakeHost();
    host.openFile(FILE);
    await showWindow(host);
    await until(() => expect(document.activeElement).toBe(find("restore-secret")));
    expect(path()).toBe(FILE);
  });

  test("is asked about beside the text, and the newest one counts", async () => {
    const { host } = await showDesk();
    host.openFile("/older.seshat");
    await until(() => expect(path()).toBe("/older.seshat"));
    host.openFile(FILE);
    await until(() => expect(path()).toBe(FILE));
    await key("Escape", find("restore-path"));
    await until(() => expect(document.querySelector("dialog")).toBe(null));
    expect(find("editor"), "the text is still there").toBeTruthy();
  });

  test("waits until the vault is unlocked", async () => {
    const host = new FakeHost();
    host.state = "locked";
    host.password = "password";
    const { seshat } = await showWindow(host);
    host.openFile(FILE);
    await until(() => expect(seshat.notice).toContain("Unlock the vault"));
    await fill("password", "password");
    await submit("unlock");
    await until(() => expect(path()).toBe(FILE));
  });

  test("takes nobody away from another sheet", async () => {
    const { host, seshat } = await showDesk();
    seshat.overlay = "settings";
    host.openFile(FILE);
    await settled();
    expect(seshat.overlay).toBe("settings");
    seshat.closeOverlay();
    await until(() => expect(path()).toBe(FILE));
  });
});
