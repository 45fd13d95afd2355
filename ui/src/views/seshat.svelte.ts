/**
 * The whole window: which screen is shown, what lies over it, and the way between them.
 *
 * **Guarantees:** the desk is left, with everything sent, before the vault is locked or another novel is opened.
 * When the vault is found locked, whoever locked it, no text stays on the screen or in anything that is held from
 * here, and nothing that was asked for before is shown when it arrives late.
 */
import { untrack } from "svelte";
import { Opened } from "../backup/opened.svelte";
import { asFailure, type Failure, type Host, type Kit, type NovelCard } from "../host/host";
import type { Hands } from "../palette/stage";
import { Settings } from "../settings/settings.svelte";
import { t } from "../shared/i18n.svelte";
import { Pulse } from "../sync/pulse.svelte";
import { Activity } from "./activity";
import { Novel, type Offer } from "./novel.svelte";

export type Screen =
  | { kind: "starting" }
  | { kind: "failed"; failure: Failure }
  | { kind: "create" }
  | { kind: "kit"; kit: Kit }
  | { kind: "unlock" }
  | { kind: "join" }
  | { kind: "approval" }
  | { kind: "recover"; from: "unlock" | "join" }
  | { kind: "restore" }
  | { kind: "library" }
  | { kind: "write"; novel: Novel };

export type Overlay =
  | "none"
  | "palette"
  | "goto"
  | "new"
  | "import"
  | "export"
  | "find"
  | "keys"
  | "server"
  | "settings"
  | "vault"
  | "devices"
  | "backups"
  | "merges"
  | "trash"
  | "snapshot"
  | "goals"
  | "spelling"
  | "joins"
  | "novel"
  | "passphrase";

export class Seshat {
  screen = $state.raw<Screen>({ kind: "starting" });
  overlay = $state<Overlay>("none");
  novels = $state.raw<NovelCard[]>([]);
  /** The novel that the overlay is about. */
  chosen = $state.raw<NovelCard | null>(null);
  /** What the view around the page can do, while one is shown. */
  hands = $state.raw<Hands | null>(null);
  /** What a screen reader hears next; also shown for a moment. Never takes the focus. */
  notice = $state("");
  /** What may be done about the notice. */
  offer = $state.raw<Offer | null>(null);
  readonly host: Host;
  readonly settings = new Settings();
  readonly pulse: Pulse;
  /** A backup that the author opened outside of the window. */
  readonly opened: Opened;
  readonly activity: Activity;
  /** Alarms that a screen reader has heard in this run. */
  readonly heard = new Set<number>();
  #quiet: ReturnType<typeof setTimeout> | undefined;
  /** Whether the status has said "open" since the last unlocking: an older "locked" must not lock again. */
  #heardOpen = false;
  #told: string | null = null;
  /** How often the vault was locked: an answer from before the last time is not shown. */
  #locks = 0;

  constructor(host: Host) {
    this.host = host;
    this.pulse = new Pulse(host);
    this.opened = new Opened(host);
    this.activity = new Activity(() => host.active());
  }

  async start(): Promise<void> {
    try {
      const vault = await this.host.vaultState();
      if (vault === "absent") this.show({ kind: "create" });
      else if (vault === "locked") this.show({ kind: "unlock" });
      else await this.openLibrary();
    } catch (thrown) {
      this.show({ kind: "failed", failure: asFailure(thrown) });
    }
  }

  show(screen: Screen): void {
    this.closeOverlay();
    this.screen = screen;
  }

  closeOverlay(): void {
    this.overlay = "none";
    this.chosen = null;
  }

  /** The sheet of one novel, or the question for its passphrase. */
  about(card: NovelCard, overlay: "novel" | "passphrase"): void {
    this.chosen = card;
    this.overlay = overlay;
  }

  tell(notice: string, offer: Offer | null = null): void {
    this.notice = notice;
    this.offer = offer;
    this.linger();
  }

  /** The window fills the screen, or does no more. */
  async fill(): Promise<void> {
    await this.tried(async () => this.host.fullScreen(!(await this.host.fullScreen(null))));
  }

  /** Says what went wrong, if something does. */
  async tried<T>(work: () => Promise<T>): Promise<T | false> {
    try {
      return await work();
    } catch (thrown) {
      this.tell(asFailure(thrown).message);
      return false;
    }
  }

  /** The notice stays for its time again: what offers something has more of it. */
  linger(): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.hush(), this.offer ? 15_000 : 7000);
  }

  /** The notice stays for as long as the author is at it. */
  hold(): void {
    clearTimeout(this.#quiet);
  }

  hush(): void {
    clearTimeout(this.#quiet);
    this.notice = "";
    this.offer = null;
  }

  async openLibrary(): Promise<void> {
    if (!(await this.#leaveDesk())) return;
    const locks = this.#locks;
    try {
      const novels = await this.host.library();
      if (locks !== this.#locks) return;
      this.novels = novels;
      this.show({ kind: "library" });
    } catch (thrown) {
      this.#afterFailure(asFailure(thrown));
    }
  }

  /** After something that changed the cards: locked novels get their titles, or lose them. */
  async refreshLibrary(): Promise<void> {
    const locks = this.#locks;
    const novels = await this.host.library().catch(() => this.novels);
    if (locks === this.#locks) this.novels = novels;
  }

  async openNovel(card: NovelCard): Promise<void> {
    if (card.lock === "locked") return this.about(card, "passphrase");
    if (!(await this.#leaveDesk())) return;
    const locks = this.#locks;
    try {
      const novel = await Novel.open(this, card);
      if (locks !== this.#locks) return novel.forget();
      this.show({ kind: "write", novel });
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (failure.code !== "novel_locked") return this.#afterFailure(failure);
      // It has got a passphrase since its card was drawn.
      await this.openLibrary();
      const now = this.novels.find((one) => one.id === card.id);
      if (now?.lock === "locked") this.about(now, "passphrase");
    }
  }

  /** Closes a novel that has a passphrase: from now on it is a spine without a title. */
  async closeNovel(card: NovelCard): Promise<void> {
    if (!(await this.#leaveDesk())) return;
    try {
      await this.host.closeNovel(card.id);
    } catch (thrown) {
      this.#afterFailure(asFailure(thrown));
    }
    await this.openLibrary();
  }

  async lock(): Promise<void> {
    if (!this.inside) return;
    if (!(await this.#leaveDesk())) return;
    await this.tried(async () => {
      await this.host.lock();
      this.#locked();
    });
  }

  /** Everything to the disk: when the window loses the attention, or may be about to go. */
  async flush(): Promise<void> {
    if (this.screen.kind !== "write") return;
    this.screen.novel.keepPlace();
    await this.screen.novel.desk.flush();
  }

  /** What the status asks for: a notice to be read, or a vault that was locked from elsewhere. */
  onStatus(): void {
    const { vault, notice } = this.pulse.status;
    if (notice !== null && notice !== this.#told) this.tell(notice);
    this.#told = notice;
    const inside = this.inside || this.screen.kind === "kit";
    if (vault === "open") this.#heardOpen = true;
    else if (inside && this.#heardOpen) this.#locked();
  }

  /** A backup was opened outside: it is asked about as soon as nothing else is, and the vault is open or there is none. */
  onOpened(): void {
    if (this.opened.file === null) return;
    if (this.inside && this.overlay === "none") this.overlay = "backups";
    else if (this.screen.kind === "create") this.show({ kind: "restore" });
    else if (this.screen.kind === "unlock") untrack(() => this.tell(t("restore.locked")));
  }

  /** Whether the vault is open and something of it is on the screen. */
  get inside(): boolean {
    return this.screen.kind === "write" || this.screen.kind === "library";
  }

  #locked(): void {
    this.#heardOpen = false;
    this.#locks += 1;
    if (this.screen.kind === "write") this.screen.novel.forget();
    this.novels = [];
    this.pulse.forget();
    this.hush();
    this.#told = null;
    this.show({ kind: "unlock" });
  }

  #afterFailure(failure: Failure): void {
    if (failure.code === "locked") this.#locked();
    else if (this.inside) this.tell(failure.message);
    else this.show({ kind: "failed", failure });
  }

  async #leaveDesk(): Promise<boolean> {
    if (this.screen.kind !== "write") return true;
    const { novel } = this.screen;
    const left = await novel.leave();
    // Locked from elsewhere meanwhile: there is no desk to come back to, and nothing of it to speak of.
    if (this.screen.kind !== "write") return false;
    const { saveState } = novel.desk;
    if (!left) {
      const message = saveState.kind === "failed" ? saveState.failure.message : "";
      this.tell(t("save.failed", { message }));
    }
    return left;
  }
}
