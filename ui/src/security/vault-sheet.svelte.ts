/**
 * The sheet "Vault and devices": what protects the vault, which laptops open it, and the few deeds that change that.
 *
 * **Invariant:** no password is held here; a kit is held only while it is shown and goes with the step.
 */
import { asFailure, type DeviceCard, type Host, type Kit, type Security } from "../host/host";
import { t } from "../shared/i18n.svelte";

export type Part = "keys" | "kit" | "locking" | "devices" | "backups";
export const PARTS: readonly Part[] = ["keys", "kit", "locking", "devices", "backups"];

export type KitReason = "shown" | "new" | "leaked";
export type AskReason = "show" | "new" | "measure";
export type Step =
  | { kind: "overview" }
  | { kind: "change" }
  | { kind: "leaked"; after: "own" | "revoked" }
  | { kind: "ask"; why: AskReason }
  | { kind: "kit"; kit: Kit; why: KitReason }
  /** A new kit that nobody has confirmed: the way out asks once. */
  | { kind: "leaving"; kit: Kit; why: KitReason }
  | { kind: "revoke"; device: DeviceCard }
  | { kind: "revoked"; device: DeviceCard };

export type Facts =
  | { kind: "loading" }
  | { kind: "ready"; security: Security }
  | { kind: "failed"; message: string };

export class VaultSheet {
  part = $state<Part>("keys");
  step = $state.raw<Step>({ kind: "overview" });
  facts = $state.raw<Facts>({ kind: "loading" });
  /** One sentence about what was just done, or why it was not. */
  said = $state.raw<{ kind: "done" | "failed"; message: string } | null>(null);
  renaming = $state<string | null>(null);
  /** The button that led into the last step: it gets the focus back. */
  returnTo: string | null = null;
  readonly #host: Host;
  #held = false;

  constructor(host: Host, part: Part) {
    this.#host = host;
    this.part = part;
  }

  get security(): Security | null {
    return this.facts.kind === "ready" ? this.facts.security : null;
  }

  /** What is known here at once; what the server knows of the laptops a moment later, if it can be reached. */
  async load(): Promise<void> {
    await this.refresh();
    try {
      const devices = await this.#host.devices();
      if (this.facts.kind === "ready")
        this.facts = { kind: "ready", security: { ...this.facts.security, devices } };
    } catch {
      // The list that this laptop keeps is shown already.
    }
  }

  async refresh(): Promise<void> {
    try {
      this.facts = { kind: "ready", security: await this.#host.security() };
    } catch (thrown) {
      this.facts = { kind: "failed", message: asFailure(thrown).message };
    }
  }

  choose(part: Part): void {
    this.part = part;
    this.said = null;
    this.renaming = null;
  }

  go(step: Step, from: string): void {
    this.said = null;
    this.returnTo = from;
    this.step = step;
  }

  /** Work whose answer must be seen, such as new keys with their kit: the sheet stays until it is there. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    this.#held = true;
    try {
      return await work();
    } finally {
      this.#held = false;
    }
  }

  /** One step back. False: there is none, the sheet may close. */
  back(): boolean {
    const { step } = this;
    if (this.#held) return true;
    if (this.renaming !== null) this.renaming = null;
    else if (step.kind === "overview") return false;
    else if (step.kind === "kit" && step.why !== "shown") this.step = { ...step, kind: "leaving" };
    else if (step.kind === "leaving") this.step = { ...step, kind: "kit" };
    else this.step = { kind: "overview" };
    return true;
  }

  /** Back to the overview with a sentence about what was done there. */
  async finish(message: string | null): Promise<void> {
    this.said = message === null ? null : { kind: "done", message };
    this.step = { kind: "overview" };
    await this.refresh();
  }

  /** Does something small at once and shows the vault as it is then. */
  async change(work: () => Promise<unknown>): Promise<boolean> {
    this.said = null;
    try {
      await work();
    } catch (thrown) {
      this.said = { kind: "failed", message: asFailure(thrown).message };
    }
    const failed = this.said !== null;
    await this.refresh();
    return !failed;
  }

  /** The answer to the question for the password. */
  async answer(why: AskReason, password: string): Promise<void> {
    if (why === "measure") {
      await this.#host.calibrate(password);
      await this.finish(t("measure.done"));
    } else {
      const ask = () => (why === "show" ? this.#host.showKit(password) : this.#host.newKit(password));
      const kit = await this.hold(ask);
      this.step = { kind: "kit", kit, why: why === "show" ? "shown" : "new" };
    }
  }

  async rename(device: DeviceCard, name: string): Promise<void> {
    this.renaming = null;
    const wanted = name.trim();
    if (wanted === "" || wanted === device.name) return;
    await this.change(() => this.#host.renameDevice(device.id, wanted));
  }
}
