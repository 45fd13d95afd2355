/**
 * The invented program's server, its folder and its other laptops: what the status says of them, and what may be done.
 *
 * **Invariant:** leaving takes nothing away, and what has not been sent still waits after it, as in the real one.
 */
import { FakeBase, failure } from "./fake-base";
import {
  type DeletionAnswer,
  type FolderState,
  type LaptopHas,
  type LaptopSync,
  type RefusedRecord,
  SILENT,
  type SyncFacts,
  type SyncMode,
  type SyncReport,
} from "./host";

export class FakeSync extends FakeBase {
  /** What the server wants to hear from whoever makes an account. */
  invitation: string | null = null;
  refused: RefusedRecord[] = [];
  folder: FolderState | null = null;
  answers: DeletionAnswer[] = [];

  /** Something about syncing is different now. */
  turn(sync: Partial<SyncFacts>): void {
    this.say({ sync: { ...this.report.sync, ...sync } });
  }

  /** The first one is this laptop. */
  laptops(...laptops: [name: string, has: LaptopHas][]): void {
    const rows = laptops.map(([name, has], index): LaptopSync => {
      const id = (index + 1).toString(16).repeat(32);
      return { id, name, has, this_one: index === 0, seen_at: index === 0 ? null : Date.now() };
    });
    this.turn({ laptops: rows });
  }

  refuse(...records: RefusedRecord[]): void {
    this.refused.push(...records);
    this.turn({ refused: this.refused.length });
  }

  async connectServer(server: string, email: string, invitation: string | null = null): Promise<void> {
    if (this.invitation !== null && invitation !== this.invitation)
      throw failure(
        "invitation_needed",
        "This server takes new accounts by invitation only; ask for a code.",
      );
    this.say({ server, email, link: "online" });
  }

  async leaveServer(): Promise<number> {
    const sync = { ...SILENT.sync, mode: this.report.sync.mode };
    this.folder = null;
    this.say({ server: null, email: null, link: "none", message: null, sync });
    return this.report.waiting;
  }

  async syncNow(): Promise<SyncReport> {
    const online = this.report.link !== "offline";
    const { waiting } = this.report;
    return { online, complete: online, up: 3, down: 0, waiting, rejected: 0, message: null };
  }

  async setSyncMode(mode: SyncMode): Promise<void> {
    this.turn({ mode });
    if (mode === "offline") this.say({ link: "offline" });
    else this.say({ link: "online" });
  }

  async answerDeletion(answer: DeletionAnswer): Promise<void> {
    if (this.report.sync.held === null)
      throw failure("not_found", "No deletion waits for an answer; nothing was changed.");
    this.answers.push(answer);
    this.turn({ held: null });
  }

  async refusedRecords(): Promise<RefusedRecord[]> {
    return structuredClone(this.refused);
  }

  async offerRefusedAgain(): Promise<number> {
    const offered = this.refused.splice(0).length;
    this.turn({ refused: 0 });
    return offered;
  }

  async chooseSyncFolder(): Promise<string | null> {
    return "/media/stick/Seshat";
  }

  async createFolder(path: string): Promise<void> {
    if (!path.startsWith("/"))
      throw failure("not_found", "There is no folder at this path; nothing was changed.");
    const counted = { files: 12, bytes: 240_000, unusable: 0, laptops: 1, waiting: 0 };
    this.folder = { path, there: true, ...counted, message: null };
    this.say({ server: `folder:${path}`, email: null, link: "online" });
  }

  async connectFolder(path: string): Promise<void> {
    await this.createFolder(path);
  }

  async joinFolder(path: string, password: string, _kitText: string | null): Promise<void> {
    await this.createFolder(path);
    this.password = password;
    this.become("open");
  }

  async recoverFromFolder(path: string, _kitText: string, newPassword: string): Promise<void> {
    await this.joinFolder(path, newPassword, null);
  }

  async folderState(): Promise<FolderState | null> {
    return structuredClone(this.folder);
  }
}
