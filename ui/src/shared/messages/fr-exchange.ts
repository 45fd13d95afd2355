/** Importer et exporter, en français, dans le même ordre que l’anglais. */
import type { Message } from "../i18n.svelte";
import type { enExchange } from "./en-exchange";

export const frExchange: Record<keyof typeof enExchange, Message> = {
  "import.title": "Importer",
  "import.lead": "Markdown et texte simple, un dossier entier ou un fichier. L’original reste comme il est.",
  "import.folder": "Choisir un dossier",
  "import.file": "Choisir un fichier",
  "import.path": "Chemin",
  "import.path.hint": "Ou tapez ou collez son emplacement.",
  "import.name": "Titre",
  "import.language": "Langue du texte",
  "import.language.auto": "Comme le disent les fichiers",
  "import.look": "Regarder",
  "import.seen": "Voici ce qui a été trouvé. Rien n’a encore été importé.",
  "import.rows": "Parties, chapitres et scènes, avec leurs mots",
  "import.writing": "Scellement",
  "import.button": "Importer",
  "import.working": "Lecture",
  "import.done": "{title} est dans votre bibliothèque.",
  "import.counts": "{words}, {chapters}, {scenes}",
  "import.scenes": { one: "{n} scène", other: "{n} scènes" },
  "import.notes": "À savoir",
  "import.open": "L’ouvrir",

  "export.title": "Exporter",
  "export.lead": "Tout, dans l’ordre de lecture. Rien de la corbeille.",
  "export.format": "Format",
  "export.md": "Dossier Markdown",
  "export.md.hint": "Un fichier par chapitre, avec l’italique et les notes.",
  "export.txt": "Fichier de texte simple",
  "export.txt.hint": "Un seul fichier, les mots seulement.",
  "export.path": "Vers",
  "export.choose": "Choisir",
  "export.button": "Exporter",
  "export.working": "Écriture",
  "export.done": "Écrit dans {path}",
};
