/** Copies of the vault: how they stand, and the few things to do about them. */
import { asFailure, type BackupStatus, type Host, type PlainReport } from "../host/host";
import { count, t } from "../shared/i18n.svelte";

type Facts =
  | { kind: "loading" }
  | { kind: "ready"; status: BackupStatus }
  | { kind: "failed"; message: string };

export type Deed = "now" | "elsewhere" | "plain" | "check";

export class Backups {
  facts = $state.raw<Facts>({ kind: "loading" });
  /** What is being done. */
  working = $state<Deed | null>(null);
  /** What was done, or why not, with a sentence for each thing that is missing. */
  said = $state.raw<{ kind: "done" | "failed"; message: string; problems: string[] } | null>(null);
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  async load(): Promise<void> {
    try {
      this.facts = { kind: "ready", status: await this.#host.backups() };
    } catch (thrown) {
      this.facts = { kind: "failed", message: asFailure(thrown).message };
    }
  }

  now(): Promise<void> {
    return this.#do("now", async () => {
      await this.#host.backupNow();
      return t("backup.now.done");
    });
  }

  elsewhere(): Promise<void> {
    return this.#do("elsewhere", async () => {
      const path = await this.#host.backupTo(null);
      return path === null ? null : t("backup.elsewhere.done", { path });
    });
  }

  plain(): Promise<void> {
    return this.#do("plain", async () => {
      const report = await this.#host.backupPlain(null);
      return report === null ? null : written(report);
    });
  }

  check(): Promise<void> {
    return this.#do("check", async () => {
      const { records, documents, problems } = await this.#host.check();
      if (problems.length > 0)
        return { message: t("backup.check.problems", { n: problems.length }), problems };
      return t("backup.check.done", { n: records, documents: count(documents) });
    });
  }

  async later(): Promise<void> {
    await this.#do("now", async () => {
      await this.#host.remindLater();
      return null;
    });
  }

  async #do(deed: Deed, work: () => Promise<string | { message: string; problems: string[] } | null>) {
    if (this.working !== null) return;
    this.working = deed;
    this.said = null;
    try {
      const said = await work();
      if (typeof said === "string") this.said = { kind: "done", message: said, problems: [] };
      else if (said !== null) this.said = { kind: said.problems.length > 0 ? "failed" : "done", ...said };
    } catch (thrown) {
      this.said = { kind: "failed", message: asFailure(thrown).message, problems: [] };
    } finally {
      this.working = null;
    }
    await this.load();
  }
}

function written({ path, texts, words, problems }: PlainReport) {
  return { message: t("backup.plain.done", { n: texts, words: count(words), path }), problems };
}
