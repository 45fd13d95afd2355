/**
 * What the program says about exports, in French: why one was not made, and what was found in one. A test sees that every
 * sentence still stands in the program. What only a damaged file would show is not here.
 */
export const exportsFr: readonly (readonly [said: string, told: string])[] = [
  [
    "Another export is being written, so this one was not begun; your novel is safe; wait for it or stop it, then export again.",
    "Un autre export est en cours d’écriture : celui-ci n’a pas commencé ; votre roman est en sûreté ; attendez-le ou arrêtez-le, puis exportez de nouveau.",
  ],
  [
    "An outline or a folder of Markdown cannot say for whom it is, so nothing was exported; your novel is safe; choose another kind, or leave the recipient's mark and line out.",
    "Un plan ou un dossier Markdown ne peut pas dire pour qui il est : rien n’a été exporté ; votre roman est en sûreté ; choisissez un autre format, ou renoncez à la marque et à la ligne.",
  ],
  [
    "The cover cannot be read, so nothing was exported; your novel is safe; choose another picture, or none.",
    "La couverture ne peut pas être lue : rien n’a été exporté ; votre roman est en sûreté ; choisissez une autre image, ou aucune.",
  ],
  [
    "The cover is no whole PNG, JPEG, WebP or GIF of at most 20 MB, so nothing was exported; your novel is safe; choose another picture, or none.",
    "La couverture n’est pas une image PNG, JPEG, WebP ou GIF entière d’au plus 20 Mo : rien n’a été exporté ; votre roman est en sûreté ; choisissez une autre image, ou aucune.",
  ],
  [
    "No font on this computer has these characters, and readers see boxes for them: {shown}. Install a font that has them, then export again.",
    "Aucune police de cet ordinateur n’a ces caractères, et on verra des cases à leur place : {shown}. Installez une police qui les a, puis exportez de nouveau.",
  ],
  [
    "What this preset exports is no longer in the novel, or is left out of exports, so nothing was exported; choose again what shall be in it.",
    "Ce que ce préréglage exporte n’est plus dans le roman, ou est exclu des exports : rien n’a été exporté ; choisissez de nouveau ce qu’il doit contenir.",
  ],
  [
    "{gone} of the scenes that you ticked are no longer in the novel, or are left out of exports: tick again what shall be in it.",
    "{gone} des scènes que vous avez cochées ne sont plus dans le roman, ou sont exclues des exports : cochez de nouveau ce qui doit y être.",
  ],
  [
    "The file cannot be read, so nobody knows yet whose copy it is; it was left as it is; look whether it is there and you may read it.",
    "Le fichier ne peut pas être lu : on ne sait pas encore à qui est cet exemplaire ; il est resté comme il était ; voyez s’il est là et si vous avez le droit de le lire.",
  ],
  [
    "No text could be read in this PDF, which does not mean that there is no mark; the file was left as it is; open it, copy its text into a text file, and choose that one.",
    "Aucun texte n’a pu être lu dans ce PDF, ce qui ne veut pas dire qu’il n’y a pas de marque ; le fichier est resté comme il était ; ouvrez-le, copiez son texte dans un fichier de texte, et choisissez celui-ci.",
  ],
  [
    "The copy could not be entered in the register, so it was not written; your novel is safe; export again.",
    "L’exemplaire n’a pas pu être inscrit au registre : il n’a pas été écrit ; votre roman est en sûreté ; exportez de nouveau.",
  ],
  [
    "A preset needs a name of at most 100 characters, so it was not kept; the others are as they were; give it one.",
    "Un préréglage doit avoir un nom d’au plus 100 caractères : il n’a pas été gardé ; les autres sont comme ils étaient ; donnez-lui-en un.",
  ],
  [
    "This preset is too long, or the novel has 200 of them, so it was not kept; the others are as they were; shorten its texts, or take one away.",
    "Ce préréglage est trop long, ou le roman en a déjà 200 : il n’a pas été gardé ; les autres sont comme ils étaient ; raccourcissez ses textes, ou supprimez-en un.",
  ],
  [
    "The program that makes PDFs (seshat-press) could not be started: nothing was written, and your novel is safe in Seshat. Install Seshat again, or export as DOCX or EPUB.",
    "Le programme qui fait les PDF (seshat-press) n’a pas pu être lancé : rien n’a été écrit, et votre roman est en sûreté dans Seshat. Réinstallez Seshat, ou exportez en DOCX ou en EPUB.",
  ],
  [
    "The program that makes PDFs (seshat-press) stopped before it was done: nothing was written, and your novel is safe in Seshat. Close other programs, in case there was too little memory, and export again.",
    "Le programme qui fait les PDF (seshat-press) s’est arrêté avant la fin : rien n’a été écrit, et votre roman est en sûreté dans Seshat. Fermez d’autres programmes, au cas où la mémoire aurait manqué, et exportez de nouveau.",
  ],
  [
    "The program that makes PDFs (seshat-press) is of another version than this one: nothing was written, and your novel is safe in Seshat. Install Seshat again, so that both are of one version.",
    "Le programme qui fait les PDF (seshat-press) est d’une autre version que celui-ci : rien n’a été écrit, et votre roman est en sûreté dans Seshat. Réinstallez Seshat, pour que les deux soient de la même version.",
  ],
  [
    "The PDF was not done after ten minutes and was given up: nothing was written, and your novel is safe in Seshat. Export it as DOCX or EPUB, or in parts.",
    "Le PDF n’était pas fini après dix minutes et a été abandonné : rien n’a été écrit, et votre roman est en sûreté dans Seshat. Exportez-le en DOCX ou en EPUB, ou par parties.",
  ],
  [
    "There is too much text for one PDF: nothing was written, and your novel is safe in Seshat. Export it in parts, or as DOCX or EPUB.",
    "Il y a trop de texte pour un seul PDF : rien n’a été écrit, et votre roman est en sûreté dans Seshat. Exportez-le par parties, ou en DOCX ou en EPUB.",
  ],
  [
    "You stopped the export: nothing was written, and your novel is safe in Seshat. Export again when you like.",
    "Vous avez arrêté l’export : rien n’a été écrit, et votre roman est en sûreté dans Seshat. Exportez de nouveau quand vous voudrez.",
  ],
  [
    "There is no chapter in what you chose to export: nothing was written. Choose chapters, or the whole novel.",
    "Il n’y a pas de chapitre dans ce que vous avez choisi d’exporter : rien n’a été écrit. Choisissez des chapitres, ou le roman entier.",
  ],
  [
    "The file could not be put together: nothing was written, and your novel is safe in Seshat. Leave out large pictures, or export part of the novel.",
    "Le fichier n’a pas pu être assemblé : rien n’a été écrit, et votre roman est en sûreté dans Seshat. Laissez de côté les grandes images, ou exportez une partie du roman.",
  ],
  [
    "There is already something at “{path}”: it was left as it is and nothing was exported. Choose another name.",
    "Il y a déjà quelque chose à « {path} » : c’est resté comme c’était et rien n’a été exporté. Choisissez un autre nom.",
  ],
  [
    "The place for “{path}” does not exist: nothing was exported, and your novel is safe in Seshat. Choose a folder that exists.",
    "L’endroit prévu pour « {path} » n’existe pas : rien n’a été exporté, et votre roman est en sûreté dans Seshat. Choisissez un dossier qui existe.",
  ],
  [
    "“{path}” could not be written: nothing was left behind, and your novel is safe in Seshat. Check that there is room and that you may write there, then export again.",
    "« {path} » n’a pas pu être écrit : il n’en est rien resté, et votre roman est en sûreté dans Seshat. Vérifiez qu’il y a de la place et que vous avez le droit d’y écrire, puis exportez de nouveau.",
  ],
  [
    "The book has no title: give the novel one, for shops and shelves list books by it.",
    "Le livre n’a pas de titre : donnez-en un au roman, car les librairies et les rayons classent les livres ainsi.",
  ],
  [
    "The book names no author: write the name under “Author”, for shops and shelves list books by it.",
    "Le livre ne nomme pas d’auteur : écrivez le nom sous « Auteur », car les librairies et les rayons classent les livres ainsi.",
  ],
  [
    "The book does not say its language: choose the novel's language, so that words are divided and read aloud rightly.",
    "Le livre ne dit pas sa langue : choisissez la langue du roman, pour que les mots soient bien coupés et bien lus à voix haute.",
  ],
  [
    "A picture has no description: write one, for readers who cannot see it.",
    "Une image n’a pas de description : écrivez-en une, pour les lecteurs qui ne la voient pas.",
  ],
  [
    "{more} pictures have no description: write one for each, for readers who cannot see them.",
    "{more} images n’ont pas de description : écrivez-en une pour chacune, pour les lecteurs qui ne les voient pas.",
  ],
  [
    "The manuscript's first page has no address: write name, address and e-mail under “Contact”, so that editors can answer.",
    "La première page du manuscrit n’a pas d’adresse : écrivez nom, adresse et courriel sous « Contact », pour que les éditeurs puissent répondre.",
  ],
  [
    "A picture is not on this computer: its description stands in its place. Let Seshat fetch it, then export again.",
    "Une image n’est pas sur cet ordinateur : sa description la remplace. Laissez Seshat la chercher, puis exportez de nouveau.",
  ],
  [
    "{more} pictures are not on this computer: their descriptions stand in their places. Let Seshat fetch them, then export again.",
    "{more} images ne sont pas sur cet ordinateur : leurs descriptions les remplacent. Laissez Seshat les chercher, puis exportez de nouveau.",
  ],
  [
    "A link leads to no address of the web or of mail: its text is exported, its address is not.",
    "Un lien ne mène à aucune adresse du web ni de courriel : son texte est exporté, son adresse ne l’est pas.",
  ],
  [
    "{more} links lead to no address of the web or of mail: their text is exported, their addresses are not.",
    "{more} liens ne mènent à aucune adresse du web ni de courriel : leur texte est exporté, leurs adresses ne le sont pas.",
  ],
];
