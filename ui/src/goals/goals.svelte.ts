/** What was typed today and in this sitting, and what the author means to reach. */
import type { Edited, GoalRow, Host, Progress } from "../host/host";

const NOTHING: Progress = {
  words: 0,
  today: 0,
  sitting: 0,
  goals: { daily: null, words: null, deadline: null },
  pace: null,
  days: [],
};

export class Goals {
  progress = $state.raw<Progress>(NOTHING);
  readonly #host: Host;
  readonly #novel: string;

  constructor(host: Host, novel: string) {
    this.#host = host;
    this.#novel = novel;
  }

  /** Of the day's goal, from 0 to 1; null: there is none. */
  get share(): number | null {
    const { goals, today } = this.progress;
    return goals.daily === null ? null : Math.min(1, today / goals.daily);
  }

  async load(): Promise<void> {
    this.progress = await this.#host.progress(this.#novel);
  }

  /** After an edit, without asking again. */
  counted({ novel_words: words, today, sitting }: Edited): void {
    this.progress = { ...this.progress, words, today, sitting };
  }

  async set(goals: GoalRow): Promise<void> {
    await this.#host.setGoals(this.#novel, goals);
    await this.load();
  }

  forget(): void {
    this.progress = NOTHING;
  }
}
