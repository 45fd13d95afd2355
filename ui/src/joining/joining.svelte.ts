/**
 * A new laptop that waits until another one lets it in.
 *
 * **Guarantees:** asks for the state until it has an end; leaving takes the question back, so that nothing is
 * approved for a screen that nobody sees any more.
 */
import { asFailure, type Host, type JoinState } from "../host/host";

export type Joining =
  | { kind: "asking" }
  | { kind: "waiting" }
  | { kind: "compare"; code: string }
  | { kind: "joined" }
  | { kind: "over"; how: "denied" | "ended" };

const PAUSE = 1500;

export class JoinWatch {
  state = $state.raw<Joining>({ kind: "asking" });
  /** Why the last look did not get an answer. It goes on. */
  trouble = $state<string | null>(null);
  readonly #host: Host;
  readonly #onJoined: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Grows with every question: an answer to an older one is dropped. */
  #question = 0;

  constructor(host: Host, onJoined: () => void) {
    this.#host = host;
    this.#onJoined = onJoined;
  }

  /** Fails when the question could not be asked at all. */
  async ask(server: string, email: string): Promise<void> {
    await this.#host.askToJoin(server, email);
    this.#question += 1;
    this.state = { kind: "waiting" };
    await this.#look(this.#question);
  }

  /** Takes the question back, if one is open. */
  async stop(): Promise<void> {
    const open = this.state.kind === "waiting" || this.state.kind === "compare";
    this.#question += 1;
    clearTimeout(this.#timer);
    this.trouble = null;
    this.state = { kind: "asking" };
    if (open) await this.#host.cancelJoin().catch(() => undefined);
  }

  async #look(question: number): Promise<void> {
    try {
      const answer = await this.#host.joinState();
      if (question !== this.#question) return;
      this.trouble = null;
      this.state = read(answer);
    } catch (thrown) {
      if (question !== this.#question) return;
      this.trouble = asFailure(thrown).message;
    }
    if (this.state.kind === "joined") this.#onJoined();
    else if (this.state.kind !== "over") this.#timer = setTimeout(() => void this.#look(question), PAUSE);
  }
}

function read({ step, code }: JoinState): Joining {
  if (step === "joined") return { kind: "joined" };
  if (step === "denied" || step === "ended") return { kind: "over", how: step };
  return step === "compare" && code !== null ? { kind: "compare", code } : { kind: "waiting" };
}
