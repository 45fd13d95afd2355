import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fill, find, key, press, settled, showWindow, submit, until } from "../dev/screen";
import { FakeHost } from "../host/fake";
import type { JoinState } from "../host/host";
import { JoinWatch } from "./joining.svelte";

describe("a laptop that asks to join", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function watching() {
    const host = new FakeHost();
    let joined = 0;
    const watch = new JoinWatch(host, () => (joined += 1));
    const says = async (state: JoinState) => {
      host.vault.joining = state;
      await vi.advanceTimersByTimeAsync(1600);
    };
    return { host, watch, says, joined: () => joined };
  }

  test("waits, compares and is in", async () => {
    const { watch, says, joined } = watching();
    await watch.ask("https://desk.example.org", "ines@example.org");
    expect(watch.state).toEqual({ kind: "waiting" });
    await says({ step: "compare", code: "048291" });
    expect(watch.state).toEqual({ kind: "compare", code: "048291" });
    await says({ step: "joined", code: null });
    expect([watch.state.kind, joined()]).toEqual(["joined", 1]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(joined(), "it does not ask again").toBe(1);
  });

  test.each(["denied", "ended"] as const)("stops when it is %s", async (how) => {
    const { host, watch, says } = watching();
    await watch.ask("https://desk.example.org", "ines@example.org");
    await says({ step: how, code: null });
    expect(watch.state).toEqual({ kind: "over", how });
    const asked = vi.spyOn(host, "joinState");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).not.toHaveBeenCalled();
  });

  test("goes on when the network was away for a moment", async () => {
    const { host, watch, says } = watching();
    await watch.ask("https://desk.example.org", "ines@example.org");
    const answer = vi
      .spyOn(host, "joinState")
      .mockRejectedValueOnce({ code: "offline", message: "No network." });
    await vi.advanceTimersByTimeAsync(1600);
    expect([watch.trouble, watch.state.kind]).toEqual(["No network.", "waiting"]);
    answer.mockRestore();
    await says({ step: "compare", code: "048291" });
    expect([watch.trouble, watch.state.kind]).toEqual([null, "compare"]);
  });

  test("takes the question back when it is left, and shows no answer that comes after that", async () => {
    const { host, watch } = watching();
    await watch.ask("https://desk.example.org", "ines@example.org");
    let answer: (state: JoinState) => void = () => undefined;
    host.joinState = () => new Promise((resolve) => (answer = resolve));
    await vi.advanceTimersByTimeAsync(1600);
    const cancelled = vi.spyOn(host, "cancelJoin");
    await watch.stop();
    expect(cancelled).toHaveBeenCalledOnce();
    answer({ step: "compare", code: "111111" });
    await vi.advanceTimersByTimeAsync(1600);
    expect(watch.state).toEqual({ kind: "asking" });
  });
});

describe("the gate of a new laptop", () => {
  test("shows six digits that are read one by one, and opens the desk when it is let in", async () => {
    const { host } = await showWindow();
    await press("go-join");
    await press("go-approval");
    await fill("server", "https://desk.example.org");
    await fill("email", "ines@example.org");
    await submit("ask-to-join");
    expect(document.body.textContent).toContain("Waiting for the other laptop");
    host.vault.joining = { step: "compare", code: "048291" };
    await until(() => find("code"));
    expect(find("code").textContent?.replace(/\s/g, "")).toBe("048291");
    expect(find("code").getAttribute("aria-label")).toContain("0 4 8 2 9 1");
    expect([...find("code").querySelectorAll("span")].map((part) => part.textContent)).toEqual([
      "048",
      "291",
    ]);
    host.vault.joining = { step: "joined", code: null };
    await until(() => find("new-novel"));
  });

  test("says plainly that it was refused, and Escape takes a question back", async () => {
    const { host, seshat } = await showWindow();
    seshat.show({ kind: "approval" });
    await settled();
    await fill("server", "https://desk.example.org");
    await fill("email", "ines@example.org");
    await submit("ask-to-join");
    await key("Escape", document.body);
    expect(host.vault.joining.step).toBe("ended");
    await submit("ask-to-join");
    host.vault.joining = { step: "denied", code: null };
    await until(() =>
      expect(document.querySelector("[role=alert]")?.textContent).toContain("Nothing was sent"),
    );
    await press("ask-again");
    expect(find("ask-to-join")).toBeTruthy();
  });
});

describe("the laptop that is asked", () => {
  async function asked(code: string | null) {
    const host = new FakeHost();
    host.state = "open";
    host.knock(code);
    const shown = await showWindow(host);
    await until(() => find("joins-banner"));
    await press("open-joins");
    await until(() => find("join-request"));
    return shown;
  }

  test("can allow nothing before there are digits to compare", async () => {
    const { host } = await asked(null);
    expect(document.querySelector("[data-testid=allow]")).toBeNull();
    const [request] = host.vault.requests;
    if (request) request.code = "048291";
    await until(() => find("allow"));
  });

  test("does not allow with Enter in the name, only with the button", async () => {
    const { host } = await asked("048291");
    await fill("join-name", "Attic");
    await key("Enter", find("join-name"));
    expect(host.vault.requests.length).toBe(1);
    expect(document.activeElement).toBe(find("allow"));
    await press("allow");
    await until(() => expect(host.vault.devices.map((device) => device.name)).toContain("Attic"));
    expect(document.querySelector("dialog")?.textContent).toContain("Attic may open your novels now");
    await until(() => expect(document.querySelector("[data-testid=joins-banner]")).toBeNull());
  });

  test("refuses, and nothing is sent", async () => {
    const { host } = await asked("048291");
    await press("refuse");
    await until(() => expect(document.querySelector("dialog")?.textContent).toContain("Refused"));
    expect([host.vault.requests.length, host.vault.devices.length]).toEqual([0, 1]);
  });
});
