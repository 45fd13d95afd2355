/**
 * The whole window: which screen is shown, what lies over it, and the way between them.
 *
 * **Guarantees:** the desk is left, with everything sent, before the vault is locked or another novel is opened.
 * When the vault is found locked, whoever locked it, no text stays on the screen.
 */
import { asFailure, type Failure, type Host, type Kit, type NovelCard } from "../host/host";
import { Settings } from "../settings/settings.svelte";
import { t } from "../shared/i18n.svelte";
import { Pulse } from "../sync/pulse.svelte";
import { Novel } from "./novel.svelte";

export type Screen =
  | { kind: "starting" }
  | { kind: "failed"; failure: Failure }
  | { kind: "create" }
  | { kind: "kit"; kit: Kit }
  | { kind: "unlock" }
  | { kind: "join" }
  | { kind: "recover"; from: "unlock" | "join" }
  | { kind: "library" }
  | { kind: "write"; novel: Novel };

export type Overlay = "none" | "new" | "import" | "export" | "find" | "keys" | "server" | "settings";

export class Seshat {
  screen = $state.raw<Screen>({ kind: "starting" });
  overlay = $state<Overlay>("none");
  novels = $state.raw<NovelCard[]>([]);
  /** What a screen reader hears next; also shown for a moment. Never takes the focus. */
  notice = $state("");
  readonly host: Host;
  readonly settings = new Settings();
  readonly pulse: Pulse;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  /** Whether the status has said "open" since the last unlocking: an older "locked" must not lock again. */
  #heardOpen = false;
  #told: string | null = null;

  constructor(host: Host) {
    this.host = host;
    this.pulse = new Pulse(host);
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
    this.overlay = "none";
    this.screen = screen;
  }

  tell(notice: string): void {
    this.notice = notice;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      this.notice = "";
    }, 7000);
  }

  async openLibrary(): Promise<void> {
    if (!(await this.#leaveDesk())) return;
    try {
      this.novels = await this.host.library();
      this.show({ kind: "library" });
    } catch (thrown) {
      this.#afterFailure(asFailure(thrown));
    }
  }

  async openNovel(card: NovelCard): Promise<void> {
    if (!(await this.#leaveDesk())) return;
    try {
      const novel = await Novel.open(this, card);
      this.show({ kind: "write", novel });
    } catch (thrown) {
      this.#afterFailure(asFailure(thrown));
    }
  }

  async lock(): Promise<void> {
    if (this.screen.kind !== "write" && this.screen.kind !== "library") return;
    if (!(await this.#leaveDesk())) return;
    try {
      await this.host.lock();
      this.#locked();
    } catch (thrown) {
      this.tell(asFailure(thrown).message);
    }
  }

  /** Everything to the disk: when the window loses the attention, or may be about to go. */
  async flush(): Promise<void> {
    if (this.screen.kind === "write") await this.screen.novel.desk.flush();
  }

  /** What the status asks for: a notice to be read, or a vault that was locked from elsewhere. */
  onStatus(): void {
    const { vault, notice } = this.pulse.status;
    if (notice !== null && notice !== this.#told) this.tell(notice);
    this.#told = notice;
    const inside = this.screen.kind === "write" || this.screen.kind === "library";
    if (vault === "open") this.#heardOpen = true;
    else if (inside && this.#heardOpen) this.#locked();
  }

  #locked(): void {
    this.#heardOpen = false;
    this.novels = [];
    this.show({ kind: "unlock" });
  }

  #afterFailure(failure: Failure): void {
    if (failure.code === "locked") this.#locked();
    else if (this.screen.kind === "library" || this.screen.kind === "write") this.tell(failure.message);
    else this.show({ kind: "failed", failure });
  }

  async #leaveDesk(): Promise<boolean> {
    if (this.screen.kind !== "write") return true;
    const { novel } = this.screen;
    const left = await novel.leave();
    const { saveState } = novel.desk;
    if (!left) {
      const message = saveState.kind === "failed" ? saveState.failure.message : "";
      this.tell(t("save.failed", { message }));
    }
    return left;
  }
}
