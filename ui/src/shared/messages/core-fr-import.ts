/**
 * What the program says about imports, in French: refusals, and what a document held that cannot be kept. Longer
 * sentences are made of pieces there, so they are here, too. A test sees that every piece still stands in the program.
 */
type Pair = readonly [said: string, told: string];

export const importsFr: readonly Pair[] = [
  [
    "There is nothing at “{path}”: nothing was imported. Check the name, or choose the file or folder again.",
    "Il n’y a rien à « {path} » : rien n’a été importé. Vérifiez le nom, ou choisissez de nouveau le fichier ou le dossier.",
  ],
  [
    "“{path}” could not be read, so nothing was imported and the file is as it was. Check that you may open it, then try again.",
    "« {path} » n’a pas pu être lu : rien n’a été importé et le fichier est comme il était. Vérifiez que vous avez le droit de l’ouvrir, puis réessayez.",
  ],
  [
    "“{path}” is of a kind that is not read: nothing was imported. Save it as DOCX, ODT, RTF, EPUB, HTML, Markdown (.md) or plain text (.txt), then import it again.",
    "« {path} » est d’un format qui n’est pas lu : rien n’a été importé. Enregistrez-le en DOCX, ODT, RTF, EPUB, HTML, Markdown (.md) ou texte simple (.txt), puis importez-le de nouveau.",
  ],
  [
    "“{path}” has {size} MB and such a file may have {most} MiB: nothing was imported and the file is as it was. Split it into several files, then import them.",
    "« {path} » fait {size} Mo et un tel fichier peut en faire {most} : rien n’a été importé et le fichier est comme il était. Partagez-le en plusieurs fichiers, puis importez-les.",
  ],
  [
    "“{path}” could not be imported: {refusal}. Nothing was imported and the file is as it was. {advice}",
    "« {path} » n’a pas pu être importé : {refusal}. Rien n’a été importé et le fichier est comme il était. {advice}",
  ],
  [
    "The folder “{path}” is empty: nothing was imported. Choose the folder that holds the chapters.",
    "Le dossier « {path} » est vide : rien n’a été importé. Choisissez le dossier qui contient les chapitres.",
  ],
  [
    "No text was found in “{path}”: nothing was imported. Choose the file that holds the text, or a folder of chapters (.md, .markdown, .txt).",
    "Aucun texte n’a été trouvé dans « {path} » : rien n’a été importé. Choisissez le fichier qui contient le texte, ou un dossier de chapitres (.md, .markdown, .txt).",
  ],
  [
    "“{path}” is not a description of a book: nothing was imported and your chapters are as they were. Repair the file, or take it out of the folder, then import again.",
    "« {path} » n’est pas la description d’un livre : rien n’a été importé et vos chapitres sont comme ils étaient. Réparez le fichier, ou retirez-le du dossier, puis importez de nouveau.",
  ],
  [
    "“{path}” names the chapter “{file}”, which is not in the folder: nothing was imported and the other chapters are as they were. Put the file back, or take its name out of book.json, then import again.",
    "« {path} » nomme le chapitre « {file} », qui n’est pas dans le dossier : rien n’a été importé et les autres chapitres sont comme ils étaient. Remettez le fichier, ou retirez son nom de book.json, puis importez de nouveau.",
  ],
  [
    "“{path}” names “{file}”, which lies outside of the folder: nothing was imported. Take that name out of book.json, then import again.",
    "« {path} » nomme « {file} », qui se trouve hors du dossier : rien n’a été importé. Retirez ce nom de book.json, puis importez de nouveau.",
  ],
  [
    "The system has no room for another task, so nothing was imported; your file is as it was; close other programs and try again.",
    "Le système n’a plus de place pour une tâche de plus, rien n’a donc été importé ; votre fichier est comme il était ; fermez d’autres programmes et réessayez.",
  ],
  [
    "The reading was stopped, so nothing was imported; your file is as it was.",
    "La lecture a été arrêtée, rien n’a donc été importé ; votre fichier est comme il était.",
  ],
  [
    "This file could not be read, which is a fault of Seshat's; nothing was imported and the file is as it was; save it in another format and try again.",
    "Ce fichier n’a pas pu être lu, par une faute de Seshat ; rien n’a été importé et le fichier est comme il était ; enregistrez-le dans un autre format et réessayez.",
  ],
  [
    "This novel did not come by an import, so nothing was changed.",
    "Ce roman n’est pas venu par un import, rien n’a donc été changé.",
  ],
  [
    "The novel was written in since it came, so the import stays and nothing was changed; what is not wanted can go to the trash.",
    "On a écrit dans ce roman depuis son arrivée : l’import reste et rien n’a été changé ; ce qui n’est pas voulu peut aller à la corbeille.",
  ],
  [
    "The file does not say how its letters are encoded; it was read as {encoding}. If accents or other letters look wrong, save it as UTF-8 and import it again.",
    "Le fichier ne dit pas comment ses lettres sont codées ; il a été lu comme {encoding}. Si des accents ou d’autres lettres ont l’air faux, enregistrez-le en UTF-8 et importez-le de nouveau.",
  ],
  [
    "The chapter “{title}” has a scene of more than {most} words: it was split at paragraph ends, which made {more} more scenes.",
    "Le chapitre « {title} » a une scène de plus de {most} mots : elle a été divisée entre des paragraphes, ce qui fait {more} scènes de plus.",
  ],
  [
    "“{file}” was left out, because {book} does not name it.",
    "« {file} » a été laissé de côté, car {book} ne le nomme pas.",
  ],
  [
    "The folder “{name}” was left out: it holds no chapters.",
    "Le dossier « {name} » a été laissé de côté : il ne contient pas de chapitres.",
  ],
  [
    "“{name}” was left out: it is neither Markdown nor plain text.",
    "« {name} » a été laissé de côté : ce n’est ni du Markdown ni du texte simple.",
  ],
  ["The project's trash was left out: {items}.", "La corbeille du projet a été laissée de côté : {items}."],
  [
    "Among the novel's notes: {texts} beside the scenes.",
    "Parmi les notes du roman : {texts} à côté des scènes.",
  ],
  [
    "Left out: {pictures} ({reason}); what the document says they show stands there instead.",
    "Laissé de côté : {pictures} ({reason}) ; ce qu’on y voit d’après le document est écrit à la place.",
  ],
  ["Left out: {comments} at no scene.", "Laissé de côté : {comments} sans scène."],
  [
    "Left out: the card of a part without a title, because only parts with a title are kept.",
    "Laissé de côté : la fiche d’une partie sans titre, car seules les parties avec un titre sont gardées.",
  ],
  [
    "Left out: the status {names}, because the same scenes have a label.",
    "Laissé de côté : l’état {names}, car les mêmes scènes ont une étiquette.",
  ],
];

/** What stands in the places of those sentences. */
export const piecesFr: readonly Pair[] = [
  ["it is not {what}", "ce n’est pas {what}"],
  ["it is damaged or not complete", "il est abîmé ou incomplet"],
  ["it is not complete: {part} is not in it", "il est incomplet : {part} n’y est pas"],
  ["it is protected with a password", "il est protégé par un mot de passe"],
  ["it has more parts than a document has", "il a plus d’éléments qu’un document"],
  ["it unpacks to more than {size} MB", "décompressé, il dépasse {size} Mo"],
  [
    "it unpacks to far more than a text would, as files do that were made to harm",
    "décompressé, il est bien plus grand qu’un texte, comme les fichiers faits pour nuire",
  ],
  [
    "it defines XML entities, as no writing program does",
    "il définit des entités XML, ce que ne fait aucun programme d’écriture",
  ],
  ["it is nested more deeply than any document", "il est imbriqué plus profondément que tout document"],
  ["it is {version}, which is not read", "il est {version}, ce qui n’est pas lu"],
  ["there is no text in it", "il ne contient pas de texte"],
  [
    "Open it in the program that wrote it and save it again.",
    "Ouvrez-le dans le programme qui l’a écrit et enregistrez-le de nouveau.",
  ],
  [
    "Open it in the program that wrote it, save it again, and import that copy.",
    "Ouvrez-le dans le programme qui l’a écrit, enregistrez-le de nouveau et importez cette copie.",
  ],
  [
    "Take the password off in the program that wrote it, and import it then.",
    "Retirez le mot de passe dans le programme qui l’a écrit, puis importez-le.",
  ],
  [
    "Save it in several files, or without its pictures, and import those.",
    "Enregistrez-le en plusieurs fichiers, ou sans ses images, et importez-les.",
  ],
  ["Do not trust where it came from.", "Ne vous fiez pas à sa provenance."],
  [
    "Save it in a newer format, such as DOCX, and import that.",
    "Enregistrez-le dans un format plus récent, comme DOCX, et importez celui-là.",
  ],
  ["Choose the file that holds the text.", "Choisissez le fichier qui contient le texte."],
  ["plain text", "du texte simple"],
  ["plain text in an encoding that is known", "du texte simple dans un codage connu"],
  ["a DOCX document", "un document DOCX"],
  ["an RTF document", "un document RTF"],
  ["an OpenDocument text", "un texte OpenDocument"],
  ["a project of yWriter", "un projet yWriter"],
  ["a project of Scrivener", "un projet Scrivener"],
  ["its table of contents", "sa table des matières"],
  ["its text", "son texte"],
  ["its order of files", "l’ordre de ses fichiers"],
  ["its binder", "son classeur"],
  ["a document of a program of before 2007", "un document d’un programme d’avant 2007"],
  ["packed in a way of its own", "compressé à sa manière"],
  ["larger than 20 MB", "plus de 20 Mo"],
  ["more pixels than are shown", "plus de pixels qu’on n’en montre"],
  ["not PNG, JPEG, WebP or GIF", "ni PNG, JPEG, WebP ni GIF"],
  ["cut short or damaged", "incomplet ou abîmé"],
  ["1 picture", "1 image"],
  ["{n} pictures", "{n} images"],
  ["1 comment", "1 commentaire"],
  ["{n} comments", "{n} commentaires"],
  ["1 text", "1 texte"],
  ["{n} texts", "{n} textes"],
  ["1 item", "1 élément"],
  ["{n} items", "{n} éléments"],
];

/** One of a kind that cannot be kept, several of it, what becomes of it, and both sentences in French. */
export const lossesFr: readonly (readonly [string, string, string, string, string])[] = [
  [
    "subscript",
    "subscripts",
    "{is} on the line now",
    "1 indice est maintenant sur la ligne.",
    "{n} indices sont maintenant sur la ligne.",
  ],
  [
    "change of font, size or colour",
    "changes of font, size or colour",
    "{was} not kept; the text is there",
    "1 changement de police, de taille ou de couleur n’a pas été gardé ; le texte est là.",
    "{n} changements de police, de taille ou de couleur n’ont pas été gardés ; le texte est là.",
  ],
  [
    "highlighted text",
    "highlighted texts",
    "lost the highlighting",
    "1 texte surligné a perdu son surlignage.",
    "{n} textes surlignés ont perdu leur surlignage.",
  ],
  [
    "paragraph with an indent of its own",
    "paragraphs with an indent of their own",
    "lost it",
    "1 paragraphe a perdu son retrait particulier.",
    "{n} paragraphes ont perdu leur retrait particulier.",
  ],
  [
    "list",
    "lists",
    "became paragraphs that begin with their sign or number",
    "1 liste est devenue des paragraphes qui commencent par leur signe ou leur numéro.",
    "{n} listes sont devenues des paragraphes qui commencent par leur signe ou leur numéro.",
  ],
  [
    "table",
    "tables",
    "became paragraphs, one for each row, with tabs between the cells",
    "1 tableau est devenu des paragraphes, un par ligne, avec des tabulations entre les cases.",
    "{n} tableaux sont devenus des paragraphes, un par ligne, avec des tabulations entre les cases.",
  ],
  [
    "text box",
    "text boxes",
    "became ordinary paragraphs",
    "1 zone de texte est devenue des paragraphes ordinaires.",
    "{n} zones de texte sont devenues des paragraphes ordinaires.",
  ],
  [
    "header or footer of pages",
    "headers and footers of pages",
    "{was} left out; an export makes its own",
    "1 en-tête ou pied de page a été laissé de côté ; un export fait les siens.",
    "{n} en-têtes et pieds de page ont été laissés de côté ; un export fait les siens.",
  ],
  [
    "tracked deletion",
    "tracked deletions",
    "{was} taken as accepted, so that text is gone",
    "1 suppression suivie a été acceptée, ce texte n’est donc plus là.",
    "{n} suppressions suivies ont été acceptées, ces textes ne sont donc plus là.",
  ],
  [
    "tracked insertion",
    "tracked insertions",
    "{was} taken as accepted",
    "1 insertion suivie a été acceptée.",
    "{n} insertions suivies ont été acceptées.",
  ],
  [
    "hidden text",
    "hidden texts",
    "{is} visible now",
    "1 texte caché est maintenant visible.",
    "{n} textes cachés sont maintenant visibles.",
  ],
  [
    "field",
    "fields",
    "became the text that it showed last",
    "1 champ est devenu le dernier texte qu’il montrait.",
    "{n} champs sont devenus le dernier texte qu’ils montraient.",
  ],
  [
    "table of contents or index",
    "tables of contents or indexes",
    "{was} left out; an export makes its own",
    "1 table des matières ou index a été laissé de côté ; un export fait les siens.",
    "{n} tables des matières ou index ont été laissés de côté ; un export fait les siens.",
  ],
  [
    "formula",
    "formulas",
    "became plain letters",
    "1 formule est devenue de simples lettres.",
    "{n} formules sont devenues de simples lettres.",
  ],
  [
    "drawing or chart",
    "drawings and charts",
    "{was} left out",
    "1 dessin ou graphique a été laissé de côté.",
    "{n} dessins et graphiques ont été laissés de côté.",
  ],
  [
    "embedded object, film or sound",
    "embedded objects, films or sounds",
    "{was} left out",
    "1 objet intégré, film ou son a été laissé de côté.",
    "{n} objets intégrés, films ou sons ont été laissés de côté.",
  ],
  [
    "image outside of the file",
    "images outside of the file",
    "{was} not fetched, because an import never uses the network",
    "1 image hors du fichier n’a pas été cherchée, car un import n’utilise jamais le réseau.",
    "{n} images hors du fichier n’ont pas été cherchées, car un import n’utilise jamais le réseau.",
  ],
  [
    "image of a kind or size that is not kept",
    "images of a kind or size that is not kept",
    "{was} left out",
    "1 image d’un format ou d’une taille qu’on ne garde pas a été laissée de côté.",
    "{n} images d’un format ou d’une taille qu’on ne garde pas ont été laissées de côté.",
  ],
  [
    "link to an unusual address",
    "links to unusual addresses",
    "became plain text",
    "1 lien vers une adresse inhabituelle est devenu du texte simple.",
    "{n} liens vers des adresses inhabituelles sont devenus du texte simple.",
  ],
  [
    "link inside the document",
    "links inside the document",
    "became plain text",
    "1 lien à l’intérieur du document est devenu du texte simple.",
    "{n} liens à l’intérieur du document sont devenus du texte simple.",
  ],
  [
    "form field",
    "form fields",
    "became plain text",
    "1 champ de formulaire est devenu du texte simple.",
    "{n} champs de formulaire sont devenus du texte simple.",
  ],
  [
    "script or style sheet",
    "scripts and style sheets",
    "{was} left out",
    "1 script ou feuille de style a été laissé de côté.",
    "{n} scripts et feuilles de style ont été laissés de côté.",
  ],
  [
    "comment without a place",
    "comments without a place",
    "{is} at the end of the text",
    "1 commentaire sans place est à la fin du texte.",
    "{n} commentaires sans place sont à la fin du texte.",
  ],
  [
    "entry of the program's own data",
    "entries of the program's own data",
    "{was} left out",
    "1 entrée des données propres au programme a été laissée de côté.",
    "{n} entrées des données propres au programme ont été laissées de côté.",
  ],
  [
    "detail of a character, place or thing",
    "details of characters, places or things",
    "{was} left out",
    "1 détail d’un personnage, d’un lieu ou d’un objet a été laissé de côté.",
    "{n} détails de personnages, de lieux ou d’objets ont été laissés de côté.",
  ],
];

/** The sentences about what was lost, as the program puts them together. */
export const lossSentencesFr: readonly Pair[] = lossesFr.flatMap(
  ([one, many, fate, oneFr, manyFr]): Pair[] => [
    [`1 ${one} ${fate.replaceAll("{is}", "is").replaceAll("{was}", "was")}.`, oneFr],
    [`{n} ${many} ${fate.replaceAll("{is}", "are").replaceAll("{was}", "were")}.`, manyFr],
  ],
);
