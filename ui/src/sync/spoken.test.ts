import { expect, test } from "vitest";
import { showDesk } from "../dev/desk";
import { settled, until } from "../dev/screen";

const heard = () => document.querySelector("footer [role=status]")?.textContent ?? "";

test("a screen reader hears that the server is lost and found, and nothing of the rounds between", async () => {
  const { host } = await showDesk();
  const say = async (link: "online" | "offline" | "syncing") => {
    host.say({ link, server: "https://desk.example.org" });
    await settled();
    return heard();
  };
  await say("online");
  await until(() => expect(heard()).toBe("Online"));
  await say("syncing");
  await until(() => expect(document.querySelector("[data-link=syncing]")).not.toBeNull());
  expect(heard()).toBe("Online");
  await say("offline");
  await until(() => expect(heard()).toBe("Offline"));
  await say("syncing");
  await until(() => expect(document.querySelector("[data-link=syncing]")).not.toBeNull());
  expect(heard()).toBe("Offline");
});
