import { Ban, Building2, ChevronDown, ChevronRight, CornerLeftUp, Sparkles, Undo2 } from "lucide-react";
import type { CSSProperties } from "react";

import { formatNumber } from "@domain/format";
import type { ClientResolution } from "@domain/group-tree";
import { Badge } from "~/ui/badge";
import { Absent } from "~/ui/card";
import { cn } from "~/ui/cn";
import { Checkbox } from "~/ui/field";

import { AssignmentPicker } from "./assignment-picker";
import type { ClientParts } from "./mapping.page.server";
import { storedAssignment, type Assignment, type TreeNode } from "./model";

/** The text of a row: the group's own client, an inherited one, or why there is none. */
export interface RowMeaning {
  kind: "mapped" | "inherits" | "excluded" | "excluded-above" | "unmapped";
  text: string;
}

export function meaningOf(
  id: string,
  resolution: ClientResolution | undefined,
  names: ReadonlyMap<string, string>,
  place = "",
): RowMeaning {
  const isOwn = resolution?.decidedBy === id;
  if (resolution?.skip === "excluded")
    return isOwn
      ? { kind: "excluded", text: "Excluded" }
      : { kind: "excluded-above", text: "Excluded above" };
  if (resolution?.clientId === undefined) return { kind: "unmapped", text: "Not mapped" };
  const name = names.get(resolution.clientId) ?? "an archived client";
  return isOwn
    ? { kind: "mapped", text: place === "" ? name : `${name} · ${place}` }
    : { kind: "inherits", text: `inherits ${name}` };
}

const looks: Record<RowMeaning["kind"], { icon: typeof Ban; className: string }> = {
  mapped: { icon: Building2, className: "text-ink" },
  inherits: { icon: CornerLeftUp, className: "text-ink-muted" },
  excluded: { icon: Ban, className: "text-ink-muted" },
  "excluded-above": { icon: Ban, className: "text-ink-faint" },
  unmapped: { icon: Building2, className: "text-warn" },
};

export interface TreeRowProps {
  node: TreeNode;
  rowIndex: number;
  isExpanded: boolean;
  matches: boolean;
  meaning: RowMeaning;
  draft: Assignment | undefined;
  inheritedClient: string | null;
  suggestedClient: string | null;
  clients: readonly { id: string; name: string }[];
  parts: ClientParts;
  isSelected: boolean;
  /** Whether to show counts: not before the first sync of devices, because 0 would be a false claim. */
  devicesAreKnown: boolean;
  /** The row that the Tab key reaches. */
  isActive: boolean;
  isPicking: boolean;
  mayEdit: boolean;
  style: CSSProperties;
  rowRef: (element: HTMLDivElement | null) => void;
  onFocus: () => void;
  onToggle: () => void;
  onSelect: () => void;
  onPickingChange: (open: boolean) => void;
  onAssign: (assignment: Assignment) => void;
  onUndo: () => void;
  /** Focuses the row when the focused control closes or disappears. */
  onReturn: () => void;
}

export function TreeRow({ rowRef, ...props }: TreeRowProps) {
  const { node, meaning, draft, isActive, mayEdit, isSelected, matches } = props;
  const { group, depth, childIds } = node;
  const rule = draft === undefined || draft.state === "inherit" ? (group.rule?.pattern ?? null) : null;
  const tabIndex = isActive ? 0 : -1;
  return (
    <div
      ref={rowRef}
      role="row"
      tabIndex={tabIndex}
      aria-level={depth + 1}
      aria-posinset={node.position}
      aria-setsize={node.siblings}
      aria-rowindex={props.rowIndex + 2}
      aria-expanded={childIds.length > 0 ? props.isExpanded : undefined}
      aria-selected={mayEdit ? isSelected : undefined}
      data-group={group.id}
      style={props.style}
      onFocus={props.onFocus}
      className={cn(
        "grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 border-b border-line px-3 focus-visible:-outline-offset-2 sm:grid-cols-[auto_minmax(0,1fr)_6.5rem_minmax(0,18rem)]",
        isSelected ? "bg-accent-soft/50" : "hover:bg-sunken/60",
        draft !== undefined && "shadow-[inset_3px_0_0_var(--color-brass)]",
        !matches && "opacity-60",
      )}
    >
      <span role="gridcell" className="flex w-4 items-center">
        {mayEdit && (
          <Checkbox
            tabIndex={-1}
            checked={isSelected}
            onChange={props.onSelect}
            aria-label={`Select ${group.name}`}
          />
        )}
      </span>
      <span
        role="gridcell"
        className="flex min-w-0 items-center gap-1"
        style={{ paddingInlineStart: `${Math.min(depth, 12) * 1.1}rem` }}
      >
        {childIds.length > 0 ? (
          <button
            type="button"
            tabIndex={-1}
            onClick={props.onToggle}
            aria-label={`${props.isExpanded ? "Collapse" : "Expand"} ${group.name}`}
            className="grid size-6 shrink-0 place-items-center rounded text-ink-faint hover:bg-sunken hover:text-ink"
          >
            {props.isExpanded ? (
              <ChevronDown aria-hidden className="size-4" />
            ) : (
              <ChevronRight aria-hidden className="size-4" />
            )}
          </button>
        ) : (
          <span className="size-6 shrink-0" />
        )}
        <span
          className={cn("truncate", depth === 0 && "font-medium", group.goneAt !== null && "line-through")}
          title={node.path}
        >
          {group.name}
        </span>
        {group.goneAt !== null && (
          <Badge tone="bad" className="ml-1 shrink-0" title={`Not in Level since ${group.goneAt}`}>
            gone from Level
          </Badge>
        )}
      </span>
      <span
        role="gridcell"
        className="text-right text-sm text-ink-muted tabular-nums max-sm:row-start-1 max-sm:col-start-3"
      >
        {props.devicesAreKnown ? <DeviceCounts node={node} /> : <Absent />}
      </span>
      <span
        role="gridcell"
        className="flex min-w-0 items-center justify-end gap-1 max-sm:col-span-2 max-sm:col-start-2 max-sm:justify-start sm:justify-start"
      >
        {mayEdit ? (
          <AssignmentPicker
            clients={props.clients}
            parts={props.parts}
            open={props.isPicking}
            onOpenChange={props.onPickingChange}
            onPick={props.onAssign}
            onReturn={props.onReturn}
            current={draft ?? storedAssignment(group)}
            groupName={group.name}
            inheritedClient={props.inheritedClient}
            isTopLevel={depth === 0}
            trigger={
              <button
                type="button"
                tabIndex={tabIndex}
                aria-label={`Client of ${group.name}: ${meaning.text}${rule === null ? "" : `, by rule: ${rule}`}`}
                className="flex min-h-8 min-w-0 items-center gap-1.5 rounded-md border border-transparent px-2 text-left text-sm hover:border-line-strong hover:bg-surface aria-expanded:border-line-strong aria-expanded:bg-surface"
              >
                <Meaning meaning={meaning} rule={rule} />
                <ChevronDown aria-hidden className="size-3.5 shrink-0 text-ink-faint" />
              </button>
            }
          />
        ) : (
          <span className="flex min-w-0 items-center gap-1.5 text-sm">
            <Meaning meaning={meaning} rule={rule} />
          </span>
        )}
        {mayEdit && draft !== undefined && (
          <button
            type="button"
            tabIndex={tabIndex}
            onClick={() => {
              props.onUndo();
              props.onReturn();
            }}
            aria-label={`Undo the change of ${group.name}`}
            title="Undo this change"
            className="grid size-7 shrink-0 place-items-center rounded text-ink-faint hover:bg-sunken hover:text-ink"
          >
            <Undo2 aria-hidden className="size-3.5" />
          </button>
        )}
        {mayEdit && draft === undefined && props.suggestedClient !== null && group.suggestion !== null && (
          <button
            type="button"
            tabIndex={tabIndex}
            onClick={() => {
              props.onAssign({ state: "mapped", clientId: group.suggestion!.clientId });
              props.onReturn();
            }}
            aria-label={`Accept the suggestion: map ${group.name} to ${props.suggestedClient}`}
            title={suggestionTitles[group.suggestion.match]}
            className="flex h-6 min-w-0 shrink items-center gap-1 rounded-full bg-info-soft px-2 text-xs font-medium text-info hover:brightness-95"
          >
            <Sparkles aria-hidden className="size-3 shrink-0" />
            <span className="truncate">
              {props.suggestedClient}
              {group.suggestion.match === "similar" && "?"}
            </span>
          </button>
        )}
      </span>
    </div>
  );
}

const suggestionTitles = {
  former: "A group of this name and place had this client until it was deleted in Level",
  exact: "The names are the same",
  similar: "The names are similar: check them",
};

function Meaning({ meaning, rule }: { meaning: RowMeaning; rule: string | null }) {
  const { icon: Icon, className } = looks[meaning.kind];
  return (
    <>
      <Icon aria-hidden className={cn("size-3.5 shrink-0", className)} />
      <span className="flex min-w-0 gap-x-1.5 max-sm:flex-col sm:items-center">
        <span className={cn("truncate", className)}>{meaning.text}</span>
        {rule !== null && (
          <span className="min-w-0 truncate text-xs text-ink-faint" title={`by rule: ${rule}`}>
            by rule: {rule}
          </span>
        )}
      </span>
    </>
  );
}

/** The group's own devices, and those of the whole branch if the numbers differ. */
function DeviceCounts({ node }: { node: TreeNode }) {
  const own = node.group.devices;
  if (node.subtreeDevices === 0) return <span className="text-ink-faint">0</span>;
  if (node.childIds.length === 0) return <>{formatNumber(own)}</>;
  return (
    <span
      title={`${formatNumber(own)} in the group itself, ${formatNumber(node.subtreeDevices)} with its branch`}
    >
      {formatNumber(node.subtreeDevices)}
      <span className="sr-only"> in the branch, of which {formatNumber(own)} in the group itself</span>
      <span aria-hidden className="text-xs text-ink-faint">
        {" "}
        ({formatNumber(own)})
      </span>
    </span>
  );
}
