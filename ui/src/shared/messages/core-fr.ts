/**
 * What the program behind the window says, in French. It speaks English, in whole sentences; each is found by itself.
 * A test sees that every one of them still stands in the program.
 */
export const coreFr: readonly (readonly [said: string, told: string])[] = [
  [
    "Another laptop deleted a lot; nothing of that was done here; it waits for your word.",
    "Un autre ordinateur a beaucoup supprimé ; rien de cela n’a été fait ici ; cela attend votre décision.",
  ],
  ["Your novels are arriving ({share} %).", "Vos romans arrivent ({share} %)."],
  [
    "1 novel is ready to write in; the rest is arriving ({share} %).",
    "1 roman est prêt ; le reste arrive ({share} %).",
  ],
  [
    "{count} novels are ready to write in; the rest is arriving ({share} %).",
    "{count} romans sont prêts ; le reste arrive ({share} %).",
  ],
  [
    "This laptop works offline, as you set it.",
    "Cet ordinateur travaille hors ligne, comme vous l’avez réglé.",
  ],
  [
    "{scenes} until this laptop may sync again.",
    "{scenes} que cet ordinateur puisse de nouveau synchroniser.",
  ],
  ["{scenes} until you sync.", "{scenes} que vous synchronisiez."],
  [
    "{scenes}, because the server has no more room for this account.",
    "{scenes} : le serveur n’a plus de place pour ce compte.",
  ],
  ["{scenes} to be sent.", "{scenes} d’être envoyé."],
  [
    "{scenes}; the server answers, and something is wrong.",
    "{scenes} ; le serveur répond, et quelque chose ne va pas.",
  ],
  ["{scenes} for the network.", "{scenes} le réseau."],
  [
    "The server refuses 1 change; it is safe on this laptop.",
    "Le serveur refuse 1 modification ; elle est en sûreté sur cet ordinateur.",
  ],
  [
    "The server refuses {count} changes; they are safe on this laptop.",
    "Le serveur refuse {count} modifications ; elles sont en sûreté sur cet ordinateur.",
  ],
  [
    "The server was restored from a backup; this laptop sent it what it lacked.",
    "Le serveur a été rétabli d’après une sauvegarde ; cet ordinateur lui a envoyé ce qui manquait.",
  ],
  [
    "The server cannot be reached; everything is safe on this laptop.",
    "Le serveur est injoignable ; tout est en sûreté sur cet ordinateur.",
  ],
  ["Both laptops have everything.", "Les deux ordinateurs ont tout."],
  ["All {total} laptops have everything.", "Les {total} ordinateurs ont tout."],
  ["The server has everything.", "Le serveur a tout."],
  [
    "The server has everything; “{name}” has not fetched all of it yet.",
    "Le serveur a tout ; « {name} » n’a pas encore tout reçu.",
  ],
  [
    "The server has everything; {count} laptops have not fetched all of it yet.",
    "Le serveur a tout ; {count} ordinateurs n’ont pas encore tout reçu.",
  ],
  [
    "The vault is locked; everything in it is safe; unlock it with your password.",
    "Le coffre est verrouillé ; tout y est en sûreté ; ouvrez-le avec votre mot de passe.",
  ],
  [
    "This novel is closed with a passphrase of its own; everything in it is safe; open it with its passphrase.",
    "Ce roman est fermé par une phrase secrète à lui ; tout y est en sûreté ; ouvrez-le avec elle.",
  ],
  [
    "There is no vault here yet; make one, or join an account that has one already.",
    "Il n’y a pas encore de coffre ici ; créez-en un, ou rejoignez un compte qui en a un.",
  ],
  [
    "This server takes new accounts by invitation only, so none was made; everything is safe here; ask whoever runs it for an invitation code, and check it if you gave one.",
    "Ce serveur n’accepte de nouveaux comptes que sur invitation, aucun n’a donc été créé ; tout est en sûreté ici ; demandez un code d’invitation à qui s’en occupe, et vérifiez-le si vous en avez donné un.",
  ],
  [
    "This password does not open the vault; nothing was changed; try again, or set a new one with the Emergency Kit.",
    "Ce mot de passe n’ouvre pas le coffre ; rien n’a changé ; réessayez, ou définissez-en un nouveau avec la trousse de secours.",
  ],
  [
    "This vault also asks for its account code, which stands in the Emergency Kit; nothing was changed; open it with the kit.",
    "Ce coffre demande aussi son code de compte, qui figure dans la trousse de secours ; rien n’a changé ; ouvrez-le avec la trousse.",
  ],
  [
    "This vault was written by a newer Seshat; nothing was changed; update Seshat on this laptop.",
    "Ce coffre a été écrit par un Seshat plus récent ; rien n’a changé ; mettez Seshat à jour sur cet ordinateur.",
  ],
  [
    "There is not enough free memory to check the password; nothing was changed; close other programs and try again.",
    "Il n’y a pas assez de mémoire libre pour vérifier le mot de passe ; rien n’a changé ; fermez d’autres programmes et réessayez.",
  ],
  [
    "The vault is damaged or was altered, so it was not opened; nothing was changed; restore it from a backup or fetch it again from your server.",
    "Le coffre est abîmé ou a été altéré, il n’a donc pas été ouvert ; rien n’a changé ; rétablissez-le d’après une sauvegarde ou reprenez-le de votre serveur.",
  ],
  [
    "Something stored here does not open: it is damaged or was altered; everything else is safe; run a check to see what it is.",
    "Quelque chose d’enregistré ici ne s’ouvre pas : c’est abîmé ou altéré ; tout le reste est en sûreté ; lancez une vérification pour savoir ce que c’est.",
  ],
  [
    "This does not open the novel; nothing was changed and everything else is open as before; try again.",
    "Cela n’ouvre pas le roman ; rien n’a changé et tout le reste est ouvert comme avant ; réessayez.",
  ],
  [
    "This is not the password of the vault; nothing was changed; try again.",
    "Ce n’est pas le mot de passe du coffre ; rien n’a changé ; réessayez.",
  ],
  [
    "The vault kept changing at the same moment, so this was not done; everything is as it was; try again.",
    "Le coffre changeait sans cesse au même moment, cela n’a donc pas été fait ; tout est comme avant ; réessayez.",
  ],
  [
    "Other laptops kept changing the vault at the same moment; nothing was changed here; try again.",
    "D’autres ordinateurs modifiaient sans cesse le coffre au même moment ; rien n’a changé ici ; réessayez.",
  ],
  [
    "The password was changed since this vault was opened; nothing was sent; lock it, unlock it with the new password, and connect again.",
    "Le mot de passe a changé depuis l’ouverture de ce coffre ; rien n’a été envoyé ; verrouillez-le, ouvrez-le avec le nouveau mot de passe et reconnectez-vous.",
  ],
  [
    "This email address has an account on that server already, so nothing was sent; on a new laptop, join it; else use another address.",
    "Cette adresse a déjà un compte sur ce serveur, rien n’a donc été envoyé ; sur un nouvel ordinateur, rejoignez-le ; sinon, prenez une autre adresse.",
  ],
  [
    "The server does not accept this email address with this password; nothing was changed; check both, and the server's address.",
    "Le serveur n’accepte pas cette adresse avec ce mot de passe ; rien n’a changé ; vérifiez les deux, et l’adresse du serveur.",
  ],
  [
    "This is no email address, so nothing was sent; it needs a name, an @ and a domain.",
    "Ce n’est pas une adresse électronique, rien n’a donc été envoyé ; il faut un nom, un @ et un domaine.",
  ],
  ["There is no such version; nothing was changed.", "Cette version n’existe pas ; rien n’a changé."],
  [
    "There is no such part, chapter, scene or note; nothing was changed.",
    "Il n’y a pas de telle partie, ni chapitre, scène ou note ; rien n’a changé.",
  ],
  [
    "There is no such comment; another laptop may have removed it.",
    "Ce commentaire n’existe pas ; un autre ordinateur l’a peut-être enlevé.",
  ],
  [
    "A novel needs a title, so none was made; any word will do, it can be changed.",
    "Un roman a besoin d’un titre, aucun n’a donc été créé ; n’importe quel mot convient, on peut le changer.",
  ],
  [
    "A laptop's name needs one to a hundred characters, so it was not changed.",
    "Le nom d’un ordinateur compte d’un à cent caractères, il n’a donc pas changé.",
  ],
  [
    "This is the laptop that you are using, so it was not shut out; do it from another one.",
    "C’est l’ordinateur que vous utilisez, il n’a donc pas été exclu ; faites-le depuis un autre.",
  ],
  [
    "Nobody asks to join so any more; nothing was sent; ask again on the new laptop.",
    "Personne ne demande plus à rejoindre ; rien n’a été envoyé ; refaites la demande sur le nouvel ordinateur.",
  ],
  [
    "This laptop does not remember the vault any more; nothing was changed; use your password.",
    "Cet ordinateur ne se souvient plus du coffre ; rien n’a changé ; utilisez votre mot de passe.",
  ],
  [
    "The system's keychain is locked or no longer has the key of this vault; nothing was changed; use your password.",
    "Le trousseau du système est verrouillé ou n’a plus la clé de ce coffre ; rien n’a changé ; utilisez votre mot de passe.",
  ],
  [
    "This laptop is set to work offline, so nothing was sent or asked; everything is safe on it; let it sync again to do this.",
    "Cet ordinateur est réglé hors ligne, rien n’a donc été envoyé ni demandé ; tout y est en sûreté ; laissez-le synchroniser pour faire cela.",
  ],
  [
    "No server and no folder is connected, so nothing was changed; everything is safe on this laptop.",
    "Aucun serveur ni dossier n’est relié, rien n’a donc changé ; tout est en sûreté sur cet ordinateur.",
  ],
  [
    "The last backup outside of this laptop is {days} days old; everything is safe here; save one on another disk now, so that it is safe from this one, too.",
    "La dernière sauvegarde hors de cet ordinateur a {days} jours ; tout est en sûreté ici ; enregistrez-en une sur un autre disque, pour qu’elle le soit aussi sans lui.",
  ],
  [
    "The server cannot be reached; your work is safe on this laptop, and sync will try again.",
    "Le serveur est injoignable ; votre travail est en sûreté sur cet ordinateur, et la synchronisation réessaiera.",
  ],
  [
    "The server took too long to answer; your work is safe on this laptop, and sync will try again.",
    "Le serveur a mis trop de temps à répondre ; votre travail est en sûreté sur cet ordinateur, et la synchronisation réessaiera.",
  ],
  [
    "The connection broke in the middle of an answer; your work is safe on this laptop, and sync will try again.",
    "La connexion s’est rompue au milieu d’une réponse ; votre travail est en sûreté sur cet ordinateur, et la synchronisation réessaiera.",
  ],
  [
    "The server has trouble of its own (status {status}); your work is safe on this laptop, and sync will try again.",
    "Le serveur a des ennuis (code {status}) ; votre travail est en sûreté sur cet ordinateur, et la synchronisation réessaiera.",
  ],
  [
    "There is no Seshat server at this address (it answered with status {status}); check the address.",
    "Il n’y a pas de serveur Seshat à cette adresse (réponse : code {status}) ; vérifiez l’adresse.",
  ],
  [
    "This server and this Seshat do not speak the same version; your work is safe on this laptop; update the older of the two.",
    "Ce serveur et ce Seshat ne parlent pas la même version ; votre travail est en sûreté sur cet ordinateur ; mettez à jour le plus ancien des deux.",
  ],
  [
    "The server could not prove who it is (its certificate was not accepted), so nothing was sent; check the address, or ask whoever runs the server.",
    "Le serveur n’a pas pu prouver qui il est (son certificat n’a pas été accepté), rien n’a donc été envoyé ; vérifiez l’adresse, ou demandez à qui s’en occupe.",
  ],
  [
    "This laptop was shut out of the account, so the server takes nothing from it; everything that is on it stays on it.",
    "Cet ordinateur a été exclu du compte, le serveur n’en prend donc rien ; tout ce qui s’y trouve y reste.",
  ],
  [
    "This laptop and the server have very different times, so the server took nothing; your work is safe on this laptop; set its clock, and the server's.",
    "Cet ordinateur et le serveur ont des heures très différentes, le serveur n’a donc rien pris ; votre travail est en sûreté sur cet ordinateur ; réglez son horloge, et celle du serveur.",
  ],
  [
    "Another laptop changed the vault at the same moment; your work is safe, and sync will try again.",
    "Un autre ordinateur a modifié le coffre au même moment ; votre travail est en sûreté, et la synchronisation réessaiera.",
  ],
  [
    "The folder that syncs your laptops is not there, or not complete yet; your work is safe on this laptop; plug in the stick or start the program that syncs the folder.",
    "Le dossier qui relie vos ordinateurs n’est pas là, ou pas encore complet ; votre travail est en sûreté sur cet ordinateur ; branchez la clé ou lancez le programme qui synchronise le dossier.",
  ],
  [
    "Sync stopped because of a problem on this laptop; everything that was saved is safe, here and on the server.",
    "La synchronisation s’est arrêtée à cause d’un problème sur cet ordinateur ; tout ce qui a été enregistré est en sûreté, ici et sur le serveur.",
  ],
  [
    "This is not an address; it should look like https://sync.example.org.",
    "Ce n’est pas une adresse ; elle devrait ressembler à https://sync.example.org.",
  ],
  [
    "An address has to begin with https:// (or http:// inside your own network).",
    "Une adresse commence par https:// (ou http:// dans votre propre réseau).",
  ],
  [
    "The server was set back to a backup; nothing is lost on this laptop, and it sends the server what it lacks; sync your other laptops too.",
    "Le serveur a été ramené à une sauvegarde ; rien n’est perdu sur cet ordinateur, qui envoie au serveur ce qui manque ; synchronisez aussi vos autres ordinateurs.",
  ],
  [
    "The server was set back to a backup; nothing is lost, and this laptop has sent it what it lacked; sync your other laptops too.",
    "Le serveur a été ramené à une sauvegarde ; rien n’est perdu, et cet ordinateur lui a envoyé ce qui manquait ; synchronisez aussi vos autres ordinateurs.",
  ],
  [
    "The server offered an older copy of your vault than before; this laptop kept the newer one and sends it back; ask whoever runs the server.",
    "Le serveur a proposé une copie plus ancienne de votre coffre ; cet ordinateur a gardé la plus récente et la renvoie ; demandez à qui s’occupe du serveur.",
  ],
  [
    "The server offered a changed copy of something written on {laptop}; the one on this laptop was kept; ask whoever runs the server.",
    "Le serveur a proposé une copie modifiée de quelque chose écrit sur {laptop} ; celle de cet ordinateur a été gardée ; demandez à qui s’occupe du serveur.",
  ],
  [
    "Changes from {laptop} were missing and have all arrived; nothing is lost; there is nothing more to do.",
    "Des modifications de {laptop} manquaient et sont toutes arrivées ; rien n’est perdu ; il n’y a plus rien à faire.",
  ],
  [
    "The server had offered an older copy of your vault; it has the newer one again, and nothing is lost; there is nothing more to do.",
    "Le serveur avait proposé une copie plus ancienne de votre coffre ; il a de nouveau la plus récente, et rien n’est perdu ; il n’y a plus rien à faire.",
  ],
  [
    "The vault lies in a folder that {program} syncs, which can mix up or swap its file while it is open; everything is safe now; move the vault's folder elsewhere and let Seshat sync it.",
    "Le coffre se trouve dans un dossier que {program} synchronise, ce qui peut mêler ou échanger son fichier pendant qu’il est ouvert ; tout est en sûreté pour l’instant ; déplacez le dossier du coffre et laissez Seshat le synchroniser.",
  ],
];
