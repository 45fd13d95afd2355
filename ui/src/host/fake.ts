/**
 * The program behind the window, invented: everything in memory, nothing sealed. For tests and the development page.
 *
 * **Invariant:** never part of the shipped window. Its scenes are rows of cells, changed by nothing but the
 * operations that the window sends, so that a wrong operation shows. It is made in layers, one a file: status, sync,
 * keys, binder, history, search, pictures, spelling, exports, and here backups.
 */
import { failure } from "./fake-base";
import { FakeExport } from "./fake-export";
import type { BackupStatus, CheckReport, Host, PlainReport, Restored } from "./host";

export type { FakeScene } from "./fake-base";
export { failure };

export class FakeHost extends FakeExport implements Host {
  copies: BackupStatus = {
    folder: "/home/author/.local/share/seshat/backups",
    backups: [],
    outside_at: null,
    reminder: null,
    synced_folder: null,
    failure: null,
  };
  problems: string[] = [];
  /** The secret of the one backup that can be brought back. */
  backupSecret = "password";

  async backups(): Promise<BackupStatus> {
    this.mustBeOpen();
    return structuredClone(this.copies);
  }

  async backupNow(): Promise<void> {
    const path = `${this.copies.folder}/${this.copies.backups.length + 1}.seshat`;
    this.copies.backups.unshift({ path, at: Date.now(), size: 3_400_000 });
    this.copies.failure = null;
  }

  async backupTo(path: string | null): Promise<string | null> {
    this.copies.outside_at = Date.now();
    this.copies.reminder = null;
    this.say({ backup: null });
    return path ?? "/media/stick/Seshat backup.seshat";
  }

  async backupPlain(folder: string | null): Promise<PlainReport | null> {
    const words = (await this.library()).reduce((sum, card) => sum + card.words, 0);
    const path = folder ?? "/home/author/Readable copy";
    return { path, novels: this.novels.length, texts: this.scenes.size, words, problems: [...this.problems] };
  }

  async remindLater(): Promise<void> {
    this.copies.reminder = null;
    this.say({ backup: null });
  }

  async chooseBackup(): Promise<string | null> {
    return "/media/stick/Seshat backup.seshat";
  }

  #opened: string[] = [];
  #wanted: (() => void)[] = [];

  /** The author opens a backup in the file manager. */
  openFile(path: string): void {
    this.#opened = [path];
    for (const wake of this.#wanted.splice(0)) wake();
  }

  async nextFile(): Promise<string> {
    for (;;) {
      const path = this.#opened.pop();
      if (path !== undefined) return path;
      await new Promise<void>((resolve) => this.#wanted.push(resolve));
    }
  }

  async restoreBackup(file: string, secret: string): Promise<Restored> {
    if (!file.startsWith("/"))
      throw failure("not_found", "There is no backup at this path; nothing was changed.");
    if (secret !== this.backupSecret)
      throw failure("wrong_password", "This password does not open the backup; nothing was changed.");
    const vault = this.state === "absent";
    if (vault) this.become("open");
    return { novels: 1, records: 42, vault, problems: [...this.problems] };
  }

  async check(): Promise<CheckReport> {
    const cards = await this.library();
    const words = cards.reduce((sum, card) => sum + card.words, 0);
    const records = this.scenes.size * 3;
    return { records, opened: records, documents: this.scenes.size, words, problems: [...this.problems] };
  }
}
