/** Puts what the address asks for of syncing into an invented host. */
import type { FakeHost } from "../host/fake";
import type { LaptopHas, NovelCard, SyncMode } from "../host/host";

const LAPTOPS: [string, LaptopHas][] = [
  ["Writing laptop", "everything"],
  ["Attic", "not_yet"],
  ["Reading laptop with a name that somebody made rather long", "unknown"],
];

export async function fillSync(host: FakeHost, asked: URLSearchParams, card: NovelCard): Promise<void> {
  if (asked.has("folder")) await host.createFolder("/media/ines/stick/Seshat");
  host.laptops(...LAPTOPS.slice(0, Number(asked.get("laptops") ?? 0)));
  const scenes = Number(asked.get("scenes") ?? 0);
  const headline =
    asked.get("headline") ?? "The server has everything; “Attic” has not fetched all of it yet.";
  const mode = (asked.get("mode") ?? "automatic") as SyncMode;
  host.turn({ headline, mode, waiting_scenes: scenes, no_room: asked.has("noroom") });
  const done = Number(asked.get("first") ?? 0);
  if (done > 0) host.turn({ first: { done, total: 100, bytes: 0, ready: [card.id] } });
  if (asked.has("refused"))
    host.refuse({
      novel: card.id,
      title: card.title,
      scene: "1",
      reason: "the record is larger than this server takes",
    });
  const held = {
    message:
      "“Attic” put 30 texts of one novel into the trash; nothing of that was done here and everything is safe; say whether it was meant.",
    laptops: ["Attic"],
    novels: [{ novel: card.id, title: card.title, trashed: 30, emptied: 2, of: 40 }],
  };
  if (asked.has("held")) host.turn({ held });
}
