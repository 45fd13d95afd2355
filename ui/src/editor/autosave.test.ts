import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { failure } from "../host/fake";
import type { Edited, EditOp } from "../host/host";
import { Autosave, joinInserts, type Opening } from "./autosave.svelte";

const insert = (at: number, text: string): EditOp => ({ op: "insert", at, text, attributes: {} });
const batch = (...ops: EditOp[]) => ({ ops, steps: [], typed: true });
const EDITED: Edited = { words: 1, novel_words: 1, today: 1, sitting: 1 };

type Call = { opening: Opening; ops: EditOp[]; typed: boolean; answer: (thrown?: unknown) => Promise<void> };

function desk() {
  const calls: Call[] = [];
  const stale = vi.fn();
  const refused = vi.fn();
  const send = (opening: Opening, { ops, typed }: { ops: EditOp[]; typed: boolean }) =>
    new Promise<Edited>((resolve, reject) => {
      const answer = async (thrown?: unknown) => {
        if (thrown === undefined) resolve(EDITED);
        else reject(thrown);
        await vi.advanceTimersByTimeAsync(0);
      };
      calls.push({ opening, ops, typed, answer });
    });
  const saving = new Autosave({ session: 7, sequence: 0 }, send, {
    onEdited: () => {},
    onStale: stale,
    onRefused: refused,
  });
  return { saving, calls, stale, refused };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("saving by itself", () => {
  test("sends what was typed a moment ago as one batch", async () => {
    const { saving, calls } = desk();
    saving.take(batch(insert(1, "a")));
    saving.take(batch(insert(2, "b")));
    expect(saving.state.kind).toBe("waiting");
    await vi.advanceTimersByTimeAsync(150);
    expect(calls.map((call) => call.ops)).toEqual([[insert(1, "ab")]]);
    await calls[0]?.answer();
    expect(saving.state.kind).toBe("saved");
  });

  test("sends what was typed and what was pasted apart, in their order", async () => {
    const { saving, calls } = desk();
    saving.take(batch(insert(1, "a")));
    saving.take({ ...batch(insert(2, "pasted")), typed: false });
    saving.take(batch(insert(8, "b")));
    for (const turn of [0, 1, 2]) {
      await vi.advanceTimersByTimeAsync(150);
      await calls[turn]?.answer();
    }
    expect(calls.map(({ ops, typed }) => [ops, typed])).toEqual([
      [[insert(1, "a")], true],
      [[insert(2, "pasted")], false],
      [[insert(8, "b")], true],
    ]);
    expect(saving.state.kind).toBe("saved");
  });

  test("has one batch under way, and the next only after the answer, in order", async () => {
    const { saving, calls } = desk();
    saving.take(batch(insert(1, "a")));
    await vi.advanceTimersByTimeAsync(150);
    saving.take(batch(insert(2, "b")));
    await vi.advanceTimersByTimeAsync(1000);
    expect(calls.length).toBe(1);
    await calls[0]?.answer();
    await vi.advanceTimersByTimeAsync(150);
    expect(calls.map((call) => call.opening.sequence)).toEqual([1, 2]);
  });

  test("sends a failed batch again, the same one under the same number, and keeps what came since", async () => {
    const { saving, calls } = desk();
    saving.take(batch(insert(1, "a")));
    await vi.advanceTimersByTimeAsync(150);
    saving.take(batch(insert(2, "b")));
    await calls[0]?.answer(failure("other", "The disk is full."));
    expect(saving.state).toEqual({
      kind: "failed",
      failure: { code: "other", message: "The disk is full." },
    });
    await vi.advanceTimersByTimeAsync(500);
    expect(calls[1]?.ops).toEqual([insert(1, "a")]);
    expect(calls[1]?.opening).toEqual({ session: 7, sequence: 1 });
    await calls[1]?.answer();
    await vi.advanceTimersByTimeAsync(150);
    expect(calls[2]?.ops).toEqual([insert(2, "b")]);
    await calls[2]?.answer();
    expect(saving.state.kind).toBe("saved");
  });

  test("flush waits for everything, what is under way and what is not", async () => {
    const { saving, calls } = desk();
    saving.take(batch(insert(1, "a")));
    await vi.advanceTimersByTimeAsync(150);
    saving.take(batch(insert(2, "b")));
    let done: boolean | null = null;
    void saving.flush().then((all) => {
      done = all;
    });
    await calls[0]?.answer();
    expect(done).toBe(null);
    await calls[1]?.answer();
    expect(done).toBe(true);
  });

  test("flush says so when it could not", async () => {
    const { saving, calls } = desk();
    saving.take(batch(insert(1, "a")));
    const flushed = saving.flush();
    await vi.advanceTimersByTimeAsync(0);
    await calls[0]?.answer(failure("other", "No."));
    expect(await flushed).toBe(false);
  });

  test("a stale opening is reported once and not tried again by itself", async () => {
    const { saving, calls, stale } = desk();
    saving.take(batch(insert(1, "a")));
    await vi.advanceTimersByTimeAsync(150);
    await calls[0]?.answer(failure("stale", "Opened again."));
    await vi.advanceTimersByTimeAsync(60_000);
    expect([stale.mock.calls.length, calls.length]).toEqual([1, 1]);
    saving.adopt({ session: 8, sequence: 0 }, batch(insert(5, "a")));
    await vi.advanceTimersByTimeAsync(0);
    expect(calls[1]?.opening).toEqual({ session: 8, sequence: 1 });
  });

  test("a batch that is refused three times is reported, and still kept", async () => {
    const { saving, calls, refused } = desk();
    saving.take(batch(insert(1, "a")));
    for (let round = 0; round < 3; round += 1) {
      await vi.advanceTimersByTimeAsync(10_000);
      await calls[round]?.answer(failure("other", "It does not fit."));
    }
    expect(refused).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(calls[3]?.ops).toEqual([insert(1, "a")]);
  });

  test("while held it takes changes and sends nothing", async () => {
    const { saving, calls } = desk();
    await saving.hold();
    saving.take(batch(insert(1, "a")));
    await vi.advanceTimersByTimeAsync(5000);
    expect(calls.length).toBe(0);
    saving.resume();
    await vi.advanceTimersByTimeAsync(0);
    expect(calls.length).toBe(1);
  });
});

test("only letters that follow each other under the same marks are joined, never newlines or atoms", () => {
  const strong: EditOp = { op: "insert", at: 3, text: "c", attributes: { strong: true } };
  expect(joinInserts([insert(1, "a"), insert(2, "b"), strong])).toEqual([insert(1, "ab"), strong]);
  expect(joinInserts([insert(1, "a"), insert(1, "b")]).length).toBe(2);
  expect(joinInserts([insert(1, "a"), insert(2, "\n"), insert(3, "b")]).length).toBe(3);
});
