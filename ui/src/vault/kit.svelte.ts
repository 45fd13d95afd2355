/** Showing the Emergency Kit and making sure that a copy exists. The words leave memory with this object. */
import { asFailure, type Failure, type Host, type Kit } from "../host/host";

export type Step = { kind: "words" } | { kind: "confirm" };
export type Saved = { kind: "no" } | { kind: "saved"; path: string } | { kind: "failed"; failure: Failure };

export class KitCeremony {
  step = $state.raw<Step>({ kind: "words" });
  saved = $state.raw<Saved>({ kind: "no" });
  /** What the author typed, in the order of the kit's places to confirm. */
  answers = $state<string[]>([]);
  /** The first place whose word is another one, after a try. */
  wrong = $state<number | null>(null);
  failure = $state.raw<Failure | null>(null);
  readonly kit: Kit;
  readonly #host: Host;

  constructor(host: Host, kit: Kit) {
    this.#host = host;
    this.kit = kit;
    this.answers = kit.confirm.map(() => "");
  }

  async save(as: "text" | "page"): Promise<void> {
    try {
      const path = as === "text" ? await this.#host.saveKit(null) : await this.#host.saveKitPage(null);
      if (path !== null) this.saved = { kind: "saved", path };
    } catch (thrown) {
      this.saved = { kind: "failed", failure: asFailure(thrown) };
    }
  }

  /** True: the three words are right and the host knows it. */
  async confirm(): Promise<boolean> {
    this.wrong = this.#firstWrong();
    if (this.wrong !== null) return false;
    try {
      await this.#host.kitConfirmed();
      return true;
    } catch (thrown) {
      this.failure = asFailure(thrown);
      return false;
    }
  }

  #firstWrong(): number | null {
    const places = this.kit.confirm;
    const index = places.findIndex((place, at) => {
      const typed = (this.answers[at] ?? "").trim().toLowerCase().normalize("NFKC");
      return typed !== this.kit.words[place - 1]?.toLowerCase();
    });
    return index < 0 ? null : (places[index] ?? null);
  }
}
