/** What the program's own types are about to gain; each goes when the generated type has it. */
import type { CommentRow } from "./bindings/CommentRow";
import type { NewNode as NewNodeNow } from "./bindings/NewNode";
import type { NodeKind as NodeKindNow } from "./bindings/NodeKind";
import type { NovelVersionNode as NovelVersionNodeNow } from "./bindings/NovelVersionNode";
import type { Outline as OutlineNow } from "./bindings/Outline";
import type { OutlineNode as OutlineNodeNow } from "./bindings/OutlineNode";
import type { Run } from "./bindings/Run";
import type { SceneView as SceneViewNow } from "./bindings/SceneView";
import type { Status as StatusNow } from "./bindings/Status";
import type { TrashedNode as TrashedNodeNow } from "./bindings/TrashedNode";

export type NodeKind = NodeKindNow | "folder" | "note";

export type NewNode = Omit<NewNodeNow, "kind"> & { kind: NodeKind };

export type OutlineNode = Omit<OutlineNodeNow, "kind" | "children"> & {
  kind: NodeKind;
  label: string;
  target: number | null;
  included: boolean;
  kept: boolean;
  children: OutlineNode[];
};

export type NovelVersionNode = Omit<NovelVersionNodeNow, "kind" | "children"> & {
  kind: NodeKind;
  children: NovelVersionNode[];
};

export type Outline = Omit<OutlineNow, "nodes"> & { nodes: OutlineNode[]; notes: OutlineNode[] };

export type TrashedNode = Omit<TrashedNodeNow, "node"> & { node: OutlineNode };

export type SceneView = SceneViewNow & {
  damage: string | null;
  last_good: Run[] | null;
  comments: CommentRow[];
};

export type Status = StatusNow & { merges: number; backup: string | null };

export type CheckReport = {
  records: number;
  opened: number;
  documents: number;
  words: number;
  problems: string[];
};
