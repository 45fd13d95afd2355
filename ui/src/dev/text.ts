/** A short novel of our own for the development page and tests. Nothing of it ships. */
import type { Run } from "../host/host";

type Scene = {
  title: string;
  status: "todo" | "draft" | "revised" | "final";
  synopsis: string;
  text: string;
};
type Chapter = { title: string; scenes: Scene[] };

/** `_` around emphasis; a line of its own is a paragraph; `***` is a scene break. */
export const CHAPTERS: readonly Chapter[] = [
  {
    title: "The Keeper’s Ledger",
    scenes: [
      {
        title: "A light that nobody lit",
        status: "final",
        synopsis:
          "Ines finds the lamp burning on her first evening. Old Tomas says that the ledger will explain it, and does not say where the ledger is.",
        text: `The lamp was burning when Ines reached the top of the stairs, and she had the only key.
She stood for a while with one hand on the rail. Below her the sea went about its work, pulling at the rocks and putting them back. The glass was warm. Somebody had trimmed the wick within the hour, and had done it well.
“You are late,” said Tomas behind her. He had climbed a hundred and forty steps without a sound, at eighty-one, in boots. “It likes to be lit by six.”
“I did not light it.”
“No,” he agreed. “You would have smoked the chimney. They all do, the first week.”
Ines looked at the brass, in which both of them stood very small and upside down. “Then who did?”
“It is in the ledger.”
“Where is the ledger?”
He thought about this with every appearance of honesty. The beam went round over the water, found the buoy, lost it, found a boat that she had not known was there, and came back to the wall beside his face.
“Now _that_,” said Tomas, “is what the last keeper wanted to know.”
***
She slept badly, on a cot that had been made for a shorter woman. At two the light failed, and by the time she had found her shoes it was burning again.
In the morning there were footprints on the gallery, bare ones, wet, going round and round the lamp and never to the door. She measured one against her own. It was longer by the width of a thumb.
She wrote it down, because that was the work: the hour, the wind, the state of the glass. Under _remarks_ she wrote nothing for a long time, and then she wrote, _not alone_, and blotted it, and was ashamed of how plain it looked.`,
      },
      {
        title: "What Tomas left out",
        status: "revised",
        synopsis: "Breakfast, and eleven questions. He answers the twelfth.",
        text: `Tomas ate an egg as other men read a newspaper, turning it, disapproving, missing nothing.
“Eleven keepers,” he said at last. “You make twelve.”
“And what happened to the eleven?”
“They retired.” He put down the spoon. “Most of them.”`,
      },
      {
        title: "The drawer in the stair",
        status: "revised",
        synopsis: "",
        text: `The ninth step from the top rang hollow. She had counted them every day for a week before she heard it.
Inside lay a book bound in sailcloth, and a child’s shoe.`,
      },
    ],
  },
  {
    title: "Low Water",
    scenes: [
      {
        title: "A boat with no name",
        status: "draft",
        synopsis: "The boat comes back on a windless night.",
        text: `It came in on the ebb with its sail down and nobody at the oars.
Ines had the glass on it for the better part of an hour.`,
      },
      {
        title: "",
        status: "draft",
        synopsis: "",
        text: "Nobody in the village would buy the fish that week.",
      },
    ],
  },
  {
    title: "The Twelfth Keeper",
    scenes: [
      {
        title: "A letter from the Board",
        status: "draft",
        synopsis: "",
        text: "The Board regretted, in a good hand.",
      },
      {
        title: "Three miles of causeway",
        status: "todo",
        synopsis: "",
        text: "She walked it at the turn of the tide.",
      },
      { title: "The inspector at the instrument", status: "todo", synopsis: "", text: "" },
    ],
  },
];

export function runsFromText(text: string): Run[] {
  const runs: Run[] = [];
  for (const line of text.split("\n")) {
    const broken = line === "***";
    runs.push({ text: "\n", attributes: broken ? { block: "break" } : {} });
    if (broken) continue;
    line.split("_").forEach((piece, index) => {
      if (piece !== "") runs.push({ text: piece, attributes: index % 2 === 1 ? { emphasis: true } : {} });
    });
  }
  return runs;
}
