/** An invented month of writing, with goals. */
import { dayOf } from "../goals/days";
import type { FakeHost } from "../host/fake";

const WORDS = [
  310, 0, 720, 1040, 0, 0, 250, 480, 610, 0, 1180, 90, 400, 0, 0, 330, 870, 540, 20, 0, 760, 1010, 0,
];

export function fillDays(host: FakeHost, novel: string): void {
  const today = new Date();
  host.typed.set(novel, 620);
  host.goals.set(novel, { daily: 1000, words: 90_000, deadline: `${today.getFullYear() + 1}-03-31` });
  host.days = [...WORDS, 620].map((words, index) => {
    const date = new Date(today.getFullYear(), today.getMonth(), today.getDate() - WORDS.length + index, 12);
    return { day: dayOf(date), words };
  });
}
