/**
 * Everything the window may ask of the program behind it, by name and type.
 *
 * **Invariant:** no other folder imports `@tauri-apps/*`; controllers know this interface only, so the same
 * window runs on the program, on the invented one in tests, and on the development page.
 * Every call fails with a {@link Failure} and with nothing else: see {@link asFailure}.
 */
import { told } from "../shared/told";
import type { BackupStatus } from "./bindings/BackupStatus";
import type { CheckReport } from "./bindings/CheckReport";
import type { CommentRow } from "./bindings/CommentRow";
import type { CopyRow } from "./bindings/CopyRow";
import type { DeletionAnswer } from "./bindings/DeletionAnswer";
import type { DeviceCard } from "./bindings/DeviceCard";
import type { DiffView } from "./bindings/DiffView";
import type { Edit } from "./bindings/Edit";
import type { Edited } from "./bindings/Edited";
import type { ExportCopy } from "./bindings/ExportCopy";
import type { ExportDone } from "./bindings/ExportDone";
import type { ExportKind } from "./bindings/ExportKind";
import type { ExportPages } from "./bindings/ExportPages";
import type { ExportPreset } from "./bindings/ExportPreset";
import type { ExportProgress } from "./bindings/ExportProgress";
import type { Failure } from "./bindings/Failure";
import type { FolderState } from "./bindings/FolderState";
import type { Found } from "./bindings/Found";
import type { GoalRow } from "./bindings/GoalRow";
import type { Imported } from "./bindings/Imported";
import type { ImportPreview } from "./bindings/ImportPreview";
import type { ImportSigns } from "./bindings/ImportSigns";
import type { JoinAsking } from "./bindings/JoinAsking";
import type { JoinState } from "./bindings/JoinState";
import type { Kit } from "./bindings/Kit";
import type { MergeReport } from "./bindings/MergeReport";
import type { Misspelling } from "./bindings/Misspelling";
import type { NewNode } from "./bindings/NewNode";
import type { NovelCard } from "./bindings/NovelCard";
import type { NovelVersionNode } from "./bindings/NovelVersionNode";
import type { NovelVersionRow } from "./bindings/NovelVersionRow";
import type { Outline } from "./bindings/Outline";
import type { OutlineNode } from "./bindings/OutlineNode";
import type { PasswordStrength } from "./bindings/PasswordStrength";
import type { PlacedImage } from "./bindings/PlacedImage";
import type { PlainReport } from "./bindings/PlainReport";
import type { Progress } from "./bindings/Progress";
import type { Query } from "./bindings/Query";
import type { RefusedRecord } from "./bindings/RefusedRecord";
import type { Replace } from "./bindings/Replace";
import type { Replaced } from "./bindings/Replaced";
import type { Restored } from "./bindings/Restored";
import type { SceneStatus } from "./bindings/SceneStatus";
import type { SceneView } from "./bindings/SceneView";
import type { ShapingChoice } from "./bindings/ShapingChoice";
import type { SpellingFacts } from "./bindings/SpellingFacts";
import type { SpellPiece } from "./bindings/SpellPiece";
import type { Status } from "./bindings/Status";
import type { SyncMode } from "./bindings/SyncMode";
import type { SyncReport } from "./bindings/SyncReport";
import type { TextPlace } from "./bindings/TextPlace";
import type { TrashedNode } from "./bindings/TrashedNode";
import type { Unreplaced } from "./bindings/Unreplaced";
import type { VaultState } from "./bindings/VaultState";
import type { VersionRow } from "./bindings/VersionRow";
import type { VersionText } from "./bindings/VersionText";
import type { Security } from "./security";

export type { Alarm } from "./bindings/Alarm";
export type { AlarmKind } from "./bindings/AlarmKind";
export type { BackupRow } from "./bindings/BackupRow";
export type { ChapterInitials } from "./bindings/ChapterInitials";
export type { ChapterNumbering } from "./bindings/ChapterNumbering";
export type { ChapterOpeners } from "./bindings/ChapterOpeners";
export type { ContentsPlace } from "./bindings/ContentsPlace";
export type { DiffParagraph } from "./bindings/DiffParagraph";
export type { DiffPiece } from "./bindings/DiffPiece";
export type { EditOp } from "./bindings/EditOp";
export type { ExportFinding } from "./bindings/ExportFinding";
export type { ExportRange } from "./bindings/ExportRange";
export type { ExportStep } from "./bindings/ExportStep";
export type { FailureCode } from "./bindings/FailureCode";
export type { FirstSync } from "./bindings/FirstSync";
export type { FoundHit } from "./bindings/FoundHit";
export type { FoundScene } from "./bindings/FoundScene";
export type { HeldDeletion } from "./bindings/HeldDeletion";
export type { KeychainState } from "./bindings/KeychainState";
export type { LaptopHas } from "./bindings/LaptopHas";
export type { LaptopSync } from "./bindings/LaptopSync";
export type { Link } from "./bindings/Link";
export type { ManuscriptLook } from "./bindings/ManuscriptLook";
export type { MatterRole } from "./bindings/MatterRole";
export type { MatterRow } from "./bindings/MatterRow";
export type { MergeRow } from "./bindings/MergeRow";
export type { NodeKind } from "./bindings/NodeKind";
export type { NovelLock } from "./bindings/NovelLock";
export type { Pace } from "./bindings/Pace";
export type { PageChoice } from "./bindings/PageChoice";
export type { PaperSize } from "./bindings/PaperSize";
export type { PreviewNode } from "./bindings/PreviewNode";
export type { Run } from "./bindings/Run";
export type { Slot } from "./bindings/Slot";
export type { SyncFacts } from "./bindings/SyncFacts";
export type { VersionKind } from "./bindings/VersionKind";
export type { WrittenDay } from "./bindings/WrittenDay";
export type {
  BackupStatus,
  CheckReport,
  CommentRow,
  CopyRow,
  DeletionAnswer,
  DeviceCard,
  DiffView,
  Edit,
  Edited,
  ExportCopy,
  ExportDone,
  ExportKind,
  ExportPages,
  ExportPreset,
  ExportProgress,
  Failure,
  FolderState,
  Found,
  GoalRow,
  Imported,
  ImportPreview,
  ImportSigns,
  JoinAsking,
  JoinState,
  Kit,
  MergeReport,
  Misspelling,
  NewNode,
  NovelCard,
  NovelVersionNode,
  NovelVersionRow,
  Outline,
  OutlineNode,
  PasswordStrength,
  PlacedImage,
  PlainReport,
  Progress,
  Query,
  RefusedRecord,
  Replace,
  Replaced,
  Restored,
  SceneStatus,
  SceneView,
  Security,
  ShapingChoice,
  SpellingFacts,
  SpellPiece,
  Status,
  SyncMode,
  SyncReport,
  TextPlace,
  TrashedNode,
  Unreplaced,
  VaultState,
  VersionRow,
  VersionText,
};

export interface Host {
  vaultState(): Promise<VaultState>;
  passwordStrength(password: string): Promise<PasswordStrength>;
  /** The vault is open afterwards; its kit is shown again only for the password. */
  createVault(password: string, accountCode: boolean): Promise<Kit>;
  kitConfirmed(): Promise<void>;
  /** Without a path the system asks for one. Null: the author closed that question. */
  saveKit(path: string | null): Promise<string | null>;
  /** The same kit as a page to be printed. */
  saveKitPage(path: string | null): Promise<string | null>;
  unlock(password: string): Promise<void>;
  lock(): Promise<void>;
  join(server: string, email: string, password: string, kitText: string | null): Promise<void>;
  /** Sets a new password with the Emergency Kit. With a server and an email: the laptop is new as well. */
  recover(server: string | null, email: string | null, kitText: string, newPassword: string): Promise<void>;

  /** Asks an open laptop of the account to let this one in; {@link Host.joinState} says how that goes. */
  askToJoin(server: string, email: string): Promise<void>;
  joinState(): Promise<JoinState>;
  cancelJoin(): Promise<void>;
  /** Whether this laptop may open the vault without the password. May be asked while it is locked. */
  remembered(): Promise<boolean>;
  unlockRemembered(): Promise<void>;

  security(): Promise<Security>;
  changePassword(current: string, newPassword: string): Promise<void>;
  /** New keys, new password, new kit; the other laptops follow and the old kit opens nothing any more. */
  rotateVault(current: string, newPassword: string): Promise<Kit>;
  showKit(password: string): Promise<Kit>;
  newKit(password: string): Promise<Kit>;
  /** Measures this laptop and derives the key anew. */
  calibrate(password: string): Promise<void>;
  remember(days: number): Promise<void>;
  forgetRemembered(): Promise<void>;
  /** Null: never. */
  setIdleMinutes(minutes: number | null): Promise<void>;
  /** The author did something. At most every 20 seconds. */
  active(): Promise<void>;

  /** Asks the server as well, when it can be reached. */
  devices(): Promise<DeviceCard[]>;
  renameDevice(device: string, name: string): Promise<void>;
  revokeDevice(device: string): Promise<void>;
  joins(): Promise<JoinAsking[]>;
  /** Without a name the program finds one. */
  approveJoin(join: string, name: string): Promise<void>;
  denyJoin(join: string): Promise<void>;
  dismissAlarm(alarm: number): Promise<void>;

  lockNovel(novel: string, passphrase: string, recoveryCopy: boolean): Promise<void>;
  openNovel(novel: string, passphrase: string): Promise<void>;
  openNovelWithKit(novel: string, kitText: string): Promise<void>;
  closeNovel(novel: string): Promise<void>;
  /** Takes the passphrase away. */
  unlockNovelForGood(novel: string): Promise<void>;

  library(): Promise<NovelCard[]>;
  createNovel(title: string, language: string): Promise<NovelCard>;
  /** In the language of the window, where there is a sample in it. */
  sampleNovel(language: string): Promise<NovelCard>;
  chooseImport(folder: boolean): Promise<string | null>;
  /**
   * What an import would bring in; nothing is written. Null: cut as its signs suggest. What was read is kept in memory
   * until {@link Host.forgetImport}, so cutting it again is quick.
   */
  previewImport(path: string, shaping: ShapingChoice | null): Promise<ImportPreview>;
  importNovel(
    path: string,
    title: string | null,
    language: string | null,
    shaping: ShapingChoice | null,
  ): Promise<Imported>;
  /** Nothing is kept of what was looked into, and whatever is being read is not waited for. */
  forgetImport(): Promise<void>;
  /** Takes a whole import back; refused when the novel was written in since. */
  undoImport(novel: string): Promise<void>;

  /** Those that came with Seshat, then the author's own. */
  exportPresets(novel: string): Promise<ExportPreset[]>;
  /** Keeps it with the novel; without an id it is a new one. */
  saveExportPreset(novel: string, preset: ExportPreset): Promise<ExportPreset>;
  removeExportPreset(novel: string, id: string): Promise<void>;
  /** Pages as pictures; `from` counts from 0. Nothing is written. */
  previewExport(novel: string, preset: ExportPreset, from: number, count: number): Promise<ExportPages>;
  exportNovel(novel: string, preset: ExportPreset, copy: ExportCopy, path: string): Promise<ExportDone>;
  /** Null: no export is running. */
  exportProgress(): Promise<ExportProgress | null>;
  /** The export that is running fails then, and leaves nothing behind. */
  cancelExport(): Promise<void>;
  /** Asks where a file, or a folder, of this kind shall be written. `name` is what the novel is called. */
  chooseExport(kind: ExportKind, name: string): Promise<string | null>;
  showInFolder(path: string): Promise<void>;
  /** Who got which copy of the novel. */
  exportCopies(novel: string): Promise<CopyRow[]>;
  /** Whose copy a file is; a row without an id is a mark that stands in no register of this vault. */
  identifyCopy(path: string): Promise<CopyRow[]>;
  chooseCover(): Promise<string | null>;
  /** A file that came from somewhere. */
  chooseCopy(): Promise<string | null>;

  outline(novel: string): Promise<Outline>;
  addNode(novel: string, node: NewNode): Promise<OutlineNode>;
  renameNode(novel: string, node: string, title: string): Promise<void>;
  /** `index` counts the new parent's children without the node itself. */
  moveNode(novel: string, node: string, parent: string | null, index: number): Promise<void>;
  trashNode(novel: string, node: string): Promise<void>;
  setStatus(novel: string, node: string, status: SceneStatus): Promise<void>;
  setSynopsis(novel: string, node: string, synopsis: string): Promise<void>;
  setLabel(novel: string, node: string, label: string): Promise<void>;
  /** Words that the scene shall have. Null: none set. */
  setTarget(novel: string, node: string, target: number | null): Promise<void>;
  progress(novel: string): Promise<Progress>;
  setGoals(novel: string, goals: GoalRow): Promise<void>;
  /** Whether an export takes it along. */
  setIncluded(novel: string, node: string, included: boolean): Promise<void>;
  /** A copy behind it, with everything below. */
  duplicateNode(novel: string, node: string): Promise<OutlineNode>;
  /** The author has read that it lives on although it was in the trash. */
  acknowledgeNode(novel: string, node: string): Promise<void>;
  trash(novel: string): Promise<TrashedNode[]>;
  restoreNode(novel: string, node: string): Promise<void>;
  /** The text from there on becomes a scene of its own, which is the answer. Ends the opening of the scene. */
  splitScene(novel: string, scene: string, atUtf16: number): Promise<OutlineNode>;
  /** Takes the next scene of the same chapter in. Ends the opening of both. */
  mergeScenes(novel: string, scene: string): Promise<OutlineNode>;

  /** Ends older openings of the same scene: their edits fail as `stale`. */
  openScene(novel: string, scene: string): Promise<SceneView>;
  /** Idempotent by session and sequence: sent again, it is applied once. */
  editScene(edit: Edit): Promise<Edited>;
  /** Answers when everything received so far is on the disk. */
  flush(): Promise<void>;
  closeScene(novel: string, scene: string): Promise<void>;

  /** Where the author was in a novel. Null: not known, or that scene is gone. */
  place(novel: string): Promise<TextPlace | null>;
  /** Remembers it, sealed and on this laptop alone. When the author rests, not with every keystroke. */
  keepPlace(novel: string, scene: string, atUtf16: number): Promise<void>;

  /** Lets the window fill the screen, or not any more, and says how it is then. Null: only says so. */
  fullScreen(on: boolean | null): Promise<boolean>;

  comments(novel: string, scene: string): Promise<CommentRow[]>;
  /** `from` and `to` count UTF-16 units of the flat text that the host has. */
  addComment(novel: string, scene: string, from: number, to: number, text: string): Promise<CommentRow>;
  editComment(novel: string, scene: string, comment: string, text: string): Promise<void>;
  resolveComment(novel: string, scene: string, comment: string, resolved: boolean): Promise<void>;
  removeComment(novel: string, scene: string, comment: string): Promise<void>;

  /** Newest first. */
  versions(novel: string, scene: string): Promise<VersionRow[]>;
  versionText(novel: string, scene: string, version: string): Promise<VersionText>;
  /** What became of `from` until `to`. Null: until now. */
  versionDiff(novel: string, scene: string, from: string, to: string | null): Promise<DiffView>;
  /** Gives the present text a name. */
  nameVersion(novel: string, scene: string, name: string): Promise<VersionRow>;
  renameVersion(novel: string, scene: string, id: string, name: string): Promise<void>;
  forgetVersion(novel: string, scene: string, id: string): Promise<void>;
  /** Keeps the present text as a version first. Ends the opening of the scene. */
  restoreVersion(novel: string, scene: string, version: string): Promise<Edited>;
  /** Newest first. */
  novelVersions(novel: string): Promise<NovelVersionRow[]>;
  nameNovelVersion(novel: string, name: string): Promise<NovelVersionRow>;
  novelVersionOutline(novel: string, id: string): Promise<NovelVersionNode[]>;
  restoreNovelVersion(novel: string, id: string): Promise<void>;
  forgetNovelVersion(novel: string, id: string): Promise<void>;
  /** What sync merged and the author has not put away. Newest first. */
  merges(novel: string): Promise<MergeReport[]>;
  dismissMerges(novel: string): Promise<void>;

  /** With a text to put there, each hit says what it would become. */
  find(query: Query, replacement: string | null): Promise<Found>;
  replace(replace: Replace): Promise<Replaced>;
  undoReplace(undo: number): Promise<Unreplaced>;

  /** The misspelt words of paragraphs, one list for each. A language without a dictionary has none. */
  misspelt(novel: string, paragraphs: SpellPiece[][]): Promise<Misspelling[][]>;
  /** At most eight. Null: in the novel's language. */
  spellingSuggestions(novel: string, language: string | null, word: string): Promise<string[]>;
  spelling(novel: string): Promise<SpellingFacts>;
  addOwnWord(novel: string, word: string): Promise<void>;
  removeOwnWord(novel: string, word: string): Promise<void>;
  /** The system asks for a file. `language` is that of a file which does not say it; null: the question was closed. */
  chooseDictionary(language: string): Promise<string | null>;
  removeDictionary(language: string): Promise<void>;

  /** A picture that the author chooses, kept for a novel; null: the question was closed. */
  chooseImage(novel: string): Promise<PlacedImage | null>;
  /** Keeps a picture for a novel; the bytes are those of a file. No text shows it before one says so. */
  putImage(novel: string, bytes: Uint8Array): Promise<PlacedImage>;
  /** The file of a picture; fails with `not_found` while it has not come. */
  image(novel: string, image: string): Promise<Uint8Array>;

  backups(): Promise<BackupStatus>;
  backupNow(): Promise<void>;
  /** Without a path the system asks for one. Null: the author closed that question. */
  backupTo(path: string | null): Promise<string | null>;
  /** Readable without Seshat, and without its protection. */
  backupPlain(folder: string | null): Promise<PlainReport | null>;
  /** No reminder for a while. */
  remindLater(): Promise<void>;
  chooseBackup(): Promise<string | null>;
  /** Answers when the author opens a backup outside of the window. */
  nextFile(): Promise<string>;
  /** `secret` is the password or the words of the kit that were in force when the backup was made. */
  restoreBackup(file: string, secret: string): Promise<Restored>;
  /** Opens every record and says what it found. */
  check(): Promise<CheckReport>;

  /** Makes an account for this vault. With a code where the server takes new accounts by invitation. */
  connectServer(server: string, email: string, invitation: string | null): Promise<void>;
  /** Lets go of the server or the folder; everything stays on this laptop. Answers how many changes it never got. */
  leaveServer(): Promise<number>;
  syncNow(): Promise<SyncReport>;
  setSyncMode(mode: SyncMode): Promise<void>;
  /** Whether what another laptop deleted shall be deleted here, too. */
  answerDeletion(answer: DeletionAnswer): Promise<void>;
  /** What the server will not take. */
  refusedRecords(): Promise<RefusedRecord[]>;
  offerRefusedAgain(): Promise<number>;

  /** Null: the author closed the system's question. */
  chooseSyncFolder(): Promise<string | null>;
  /** This vault syncs through the folder from now on, together with laptops of the account that do already. */
  createFolder(path: string): Promise<void>;
  /** The folder was moved: it holds this account already. */
  connectFolder(path: string): Promise<void>;
  joinFolder(path: string, password: string, kitText: string | null): Promise<void>;
  recoverFromFolder(path: string, kitText: string, newPassword: string): Promise<void>;
  /** Null: this vault does not sync through a folder. */
  folderState(): Promise<FolderState | null>;

  status(since: number): Promise<Status>;
  /** Answers when the revision is past `since`, or after 20 seconds. */
  nextStatus(since: number): Promise<Status>;
}

/** What there is to say before anything has happened. */
export const SILENT: Status = {
  revision: 0,
  vault: "locked",
  writing: false,
  saved_at: null,
  save_failure: null,
  link: "none",
  server: null,
  email: null,
  waiting: 0,
  message: null,
  notice: null,
  changed_scenes: [],
  changed_novels: [],
  alarms: [],
  joins: 0,
  merges: 0,
  backup: null,
  sync: {
    mode: "automatic",
    headline: "",
    waiting_scenes: 0,
    no_room: false,
    refused: 0,
    even_at: null,
    laptops: [],
    restored: null,
    first: null,
    held: null,
  },
};

/** Whatever was thrown, as the one type the window shows. */
export function asFailure(thrown: unknown): Failure {
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown) {
    const failure = thrown as Failure;
    return { ...failure, message: told(failure.message) };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "other", message };
}
