/**
 * Everything the window may ask of the program behind it, by name and type.
 *
 * **Invariant:** no other folder imports `@tauri-apps/*`; controllers know this interface only, so the same
 * window runs on the program, on the invented one in tests, and on the development page.
 * Every call fails with a {@link Failure} and with nothing else: see {@link asFailure}.
 */
import type { Edit } from "./bindings/Edit";
import type { Edited } from "./bindings/Edited";
import type { ExportFormat } from "./bindings/ExportFormat";
import type { Failure } from "./bindings/Failure";
import type { Imported } from "./bindings/Imported";
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

export type { EditOp } from "./bindings/EditOp";
export type { FailureCode } from "./bindings/FailureCode";
export type { Link } from "./bindings/Link";
export type { NodeKind } from "./bindings/NodeKind";
export type { Run } from "./bindings/Run";
export type {
  Edit,
  Edited,
  ExportFormat,
  Failure,
  Imported,
  Kit,
  NewNode,
  NovelCard,
  Outline,
  OutlineNode,
  PasswordStrength,
  SceneStatus,
  SceneView,
  SearchHit,
  Status,
  SyncReport,
  VaultState,
};

export interface Host {
  vaultState(): Promise<VaultState>;
  passwordStrength(password: string): Promise<PasswordStrength>;
  /** The vault is open afterwards; the kit is shown once and never again. */
  createVault(password: string, accountCode: boolean): Promise<Kit>;
  kitConfirmed(): Promise<void>;
  /** Without a path the system asks for one. Null: the author closed that question. */
  saveKit(path: string | null): Promise<string | null>;
  unlock(password: string): Promise<void>;
  lock(): Promise<void>;
  join(server: string, email: string, password: string, kitText: string | null): Promise<void>;
  /** Sets a new password with the Emergency Kit. With a server and an email: the laptop is new as well. */
  recover(server: string | null, email: string | null, kitText: string, newPassword: string): Promise<void>;

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
