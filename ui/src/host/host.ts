/**
 * Everything the window may ask of the program behind it, by name and type.
 *
 * **Invariant:** no other folder imports `@tauri-apps/*`; controllers know this interface only, so the same
 * window runs on the program, on the invented one in tests, and on the development page.
 * Every call fails with a {@link Failure} and with nothing else: see {@link asFailure}.
 */
import type { DeviceCard } from "./bindings/DeviceCard";
import type { Edit } from "./bindings/Edit";
import type { Edited } from "./bindings/Edited";
import type { ExportFormat } from "./bindings/ExportFormat";
import type { Failure } from "./bindings/Failure";
import type { Imported } from "./bindings/Imported";
import type { JoinAsking } from "./bindings/JoinAsking";
import type { JoinState } from "./bindings/JoinState";
import type { Kit } from "./bindings/Kit";
import type { NewNode } from "./bindings/NewNode";
import type { NovelCard } from "./bindings/NovelCard";
import type { Outline } from "./bindings/Outline";
import type { OutlineNode } from "./bindings/OutlineNode";
import type { PasswordStrength } from "./bindings/PasswordStrength";
import type { SceneStatus } from "./bindings/SceneStatus";
import type { SceneView } from "./bindings/SceneView";
import type { SearchHit } from "./bindings/SearchHit";
import type { Status } from "./bindings/Status";
import type { SyncReport } from "./bindings/SyncReport";
import type { VaultState } from "./bindings/VaultState";
import type { Security } from "./security";

export type { Alarm } from "./bindings/Alarm";
export type { AlarmKind } from "./bindings/AlarmKind";
export type { EditOp } from "./bindings/EditOp";
export type { FailureCode } from "./bindings/FailureCode";
export type { KeychainState } from "./bindings/KeychainState";
export type { Link } from "./bindings/Link";
export type { NodeKind } from "./bindings/NodeKind";
export type { NovelLock } from "./bindings/NovelLock";
export type { Run } from "./bindings/Run";
export type { Slot } from "./bindings/Slot";
export type {
  DeviceCard,
  Edit,
  Edited,
  ExportFormat,
  Failure,
  Imported,
  JoinAsking,
  JoinState,
  Kit,
  NewNode,
  NovelCard,
  Outline,
  OutlineNode,
  PasswordStrength,
  SceneStatus,
  SceneView,
  SearchHit,
  Security,
  Status,
  SyncReport,
  VaultState,
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
  sampleNovel(): Promise<NovelCard>;
  chooseImport(folder: boolean): Promise<string | null>;
  importPath(path: string, title: string | null, language: string | null): Promise<Imported>;
  chooseExport(): Promise<string | null>;
  exportNovel(novel: string, format: ExportFormat, path: string): Promise<string>;

  outline(novel: string): Promise<Outline>;
  addNode(novel: string, node: NewNode): Promise<OutlineNode>;
  renameNode(novel: string, node: string, title: string): Promise<void>;
  /** `index` counts the new parent's children without the node itself. */
  moveNode(novel: string, node: string, parent: string | null, index: number): Promise<void>;
  trashNode(novel: string, node: string): Promise<void>;
  setStatus(novel: string, node: string, status: SceneStatus): Promise<void>;
  setSynopsis(novel: string, node: string, synopsis: string): Promise<void>;

  /** Ends older openings of the same scene: their edits fail as `stale`. */
  openScene(novel: string, scene: string): Promise<SceneView>;
  /** Idempotent by session and sequence: sent again, it is applied once. */
  editScene(edit: Edit): Promise<Edited>;
  /** Answers when everything received so far is on the disk. */
  flush(): Promise<void>;
  closeScene(novel: string, scene: string): Promise<void>;
  search(novel: string, text: string): Promise<SearchHit[]>;

  connectServer(server: string, email: string): Promise<void>;
  syncNow(): Promise<SyncReport>;
  status(since: number): Promise<Status>;
  /** Answers when the revision is past `since`, or after 20 seconds. */
  nextStatus(since: number): Promise<Status>;
}

/** Whatever was thrown, as the one type the window shows. */
export function asFailure(thrown: unknown): Failure {
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown) {
    return thrown as Failure;
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "other", message };
}
