import { readdirSync, readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { fill, find, settled, showWindow, submit } from "../dev/screen";
import { FakeHost } from "../host/fake";
import { language } from "./i18n.svelte";
import { coreFr } from "./messages/core-fr";
import { exportsFr } from "./messages/core-fr-export";
import { importsFr, lossesFr, lossSentencesFr, piecesFr } from "./messages/core-fr-import";
import { told } from "./told";

afterEach(() => {
  language.locale = "en";
});

const EVERY = [...coreFr, ...exportsFr, ...importsFr, ...piecesFr];

/** Everything that the program may say, as it stands in its source. */
function program(): string {
  const folders = ["app", "interchange", "sync", "store", "vault"].map(
    (name) => `../crates/seshat-${name}/src`,
  );
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".rs"))
      .map((name) => readFileSync(`${folder}/${name}`, "utf8")),
  );
  return shape(files.join("\n").replaceAll("\\\n", " "));
}

/** Without what stands in the places, and with one blank for several. */
const shape = (text: string) => text.replace(/\{[^{}"]*\}/g, "{}").replace(/\s+/g, " ");

test("every sentence with a translation still stands in the program", () => {
  const all = program();
  const pieces = ([said]: readonly [string, string]) =>
    shape(said)
      .split(/\{\}|\b1 |\bit is\b|\bthey are\b| changes?\b/)
      .map((piece) => piece.trim())
      .filter((piece) => piece.length > 3);
  const gone = EVERY.filter((pair) => pieces(pair).some((piece) => !all.includes(piece)));
  expect(gone.map(([said]) => said)).toEqual([]);
  const lost = lossesFr.flatMap(([one, many, fate]) => [one, many, fate].map((piece) => `"${shape(piece)}"`));
  expect(lost.filter((piece) => !all.includes(piece))).toEqual([]);
});

test("each translation has the places of its sentence", () => {
  const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const [said, now] of [...EVERY, ...lossSentencesFr]) expect(places(now), said).toEqual(places(said));
});

test("a sentence is told in the window's language with its names and numbers, and an unknown one as it came", () => {
  const said = "The server has everything; “Attic” has not fetched all of it yet.";
  expect(told(said)).toBe(said);
  language.locale = "fr";
  expect(told(said)).toBe("Le serveur a tout\u00a0; «\u00a0Attic\u00a0» n’a pas encore tout reçu.");
  expect(told("4 scenes wait for the network.")).toBe("4 scènes attendent le réseau.");
  expect(told("1 scene waits until you sync.")).toBe("1 scène attend que vous synchronisiez.");
  expect(told("Something else.")).toBe("Something else.");
  expect(told(told(said))).toBe(told(said));
});

test("a sentence about an import is told with its pieces, and what was lost with how much of it", () => {
  language.locale = "fr";
  const refused =
    "“/a.docx” could not be imported: it is not a DOCX document. Nothing was imported and the file is as it was. Open it in the program that wrote it and save it again.";
  expect(told(refused)).toBe(
    "«\u00a0/a.docx\u00a0» n’a pas pu être importé\u00a0: ce n’est pas un document DOCX. Rien n’a été importé et le fichier est comme il était. Ouvrez-le dans le programme qui l’a écrit et enregistrez-le de nouveau.",
  );
  expect(told("1 header or footer of pages was left out; an export makes its own.")).toContain(
    "1\u00a0en-tête ou pied de page a été",
  );
  expect(
    told("12 images outside of the file were not fetched, because an import never uses the network."),
  ).toContain("12\u00a0images");
  expect(
    told(
      "Left out: 3 pictures (cut short or damaged); what the document says they show stands there instead.",
    ),
  ).toContain("3\u00a0images (incomplet ou abîmé)");
  expect(told("A sentence of a reader that nobody knows.")).toBe("A sentence of a reader that nobody knows.");
});

test("a French window refuses a wrong password in French", async () => {
  const host = new FakeHost();
  host.state = "locked";
  host.password = "right";
  const { seshat } = await showWindow(host);
  seshat.settings.locale = "fr";
  await settled();
  await fill("password", "wrong");
  await submit("unlock");
  expect(document.body.textContent).toContain("Ce mot de passe n’ouvre pas le coffre");
  expect(find("unlock")).not.toBeNull();
});
