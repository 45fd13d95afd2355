/** Answers that come late, in the order that a test wants. */
import type { Host } from "../host/host";

type Question = {
  [Name in keyof Host]: Host[Name] extends (...given: never[]) => Promise<unknown> ? Name : never;
}[keyof Host];

/** Each `answers` lets one answer go, in the order of asking; `letGo` all of them, and whatever is asked after it. */
export type Held = { answers: (() => void)[]; letGo: () => void };

/** From now on these questions are asked only once they are let go. */
export function hold(host: Host, ...questions: Question[]): Held {
  const answers: (() => void)[] = [];
  let open = false;
  const turn = () => (open ? Promise.resolve() : new Promise<void>((go) => answers.push(go)));
  for (const question of questions) {
    const ask = host[question].bind(host) as (...given: unknown[]) => Promise<unknown>;
    const late = (...given: unknown[]) => turn().then(() => ask(...given));
    Object.assign(host, { [question]: late });
  }
  const letGo = () => {
    open = true;
    for (const go of answers) go();
  };
  return { answers, letGo };
}
