import { useVirtualizer } from "@tanstack/react-virtual";
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useReducer,
  useRef,
  useState,
  type KeyboardEvent,
} from "react";

import type { ClientParts } from "./mapping.page.server";
import { placeShown, type Assignment } from "./model";
import { placeText } from "./place-choice";
import { meaningOf, TreeRow } from "./tree-row";
import type { Mapping } from "./use-mapping";

/** Heights of a row in px: one line; two lines on phones. */
const ROW = { wide: 44, narrow: 76 } as const;
/** The height in px that is rendered before the browser measures the window, whose height the server does not know. */
const FIRST_HEIGHT = 640;
const PAGE_ROWS = 10;

export interface TreeGridProps {
  mapping: Mapping;
  clients: readonly { id: string; name: string }[];
  parts: ClientParts;
  mayEdit: boolean;
  devicesAreKnown: boolean;
}

// `useEffect` on the server, which has no layout and where React warns about `useLayoutEffect`.
const useBeforePaint = typeof document === "undefined" ? useEffect : useLayoutEffect;

/**
 * The tree of groups as an ARIA treegrid: arrows move, expand and collapse, Space selects, Enter opens the choice of a
 * client. Renders only the rows in view, so that 2,000 groups cost as much as 30.
 */
export function TreeGrid({ mapping, clients, parts, mayEdit, devicesAreKnown }: TreeGridProps) {
  const { tree, rows, drafts, resolved, names, selected } = mapping;
  const scroller = useRef<HTMLDivElement>(null);
  const elements = useRef(new Map<string, HTMLDivElement>());
  const wantsFocus = useRef<{ id: string; index: number } | null>(null);
  const [, redraw] = useReducer((draws: number) => draws + 1, 0);
  const [activeId, setActiveId] = useState<string | null>(null);
  const [picking, setPicking] = useState<string | null>(null);
  const isNarrow = useIsNarrow();
  const rowHeight = isNarrow ? ROW.narrow : ROW.wide;

  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are not memoized: there is no compiler
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    initialRect: { width: 0, height: FIRST_HEIGHT },
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  useBeforePaint(() => virtualizer.measure(), [virtualizer, rowHeight]);
  // The next row may be rendered only after scrolling. If the active row no longer matches, the next one gets the
  // focus.
  useBeforePaint(() => {
    if (wantsFocus.current === null) return;
    const { id, index } = wantsFocus.current;
    const isThere = rows.some((row) => row.id === id);
    const element = elements.current.get(isThere ? id : (rows[Math.min(index, rows.length - 1)]?.id ?? ""));
    if (element === undefined) return;
    wantsFocus.current = null;
    element.focus({ preventScroll: true });
    // The end of a tall tree may be below the window, so the page scrolls too.
    element.scrollIntoView({ block: "nearest" });
  });

  const focusRow = useCallback(
    (index: number) => {
      const at = Math.max(0, Math.min(rows.length - 1, index));
      const row = rows[at];
      if (row === undefined) return;
      wantsFocus.current = { id: row.id, index: at };
      setActiveId(row.id);
      virtualizer.scrollToIndex(at);
    },
    [rows, virtualizer],
  );

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    // Keys in a field or button of the row belong to that control.
    if ((event.target as HTMLElement).getAttribute("role") !== "row") return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const index = rows.findIndex((row) => row.id === (event.target as HTMLElement).dataset["group"]);
    const row = rows[index];
    const node = row === undefined ? undefined : tree.get(row.id);
    if (row === undefined || node === undefined) return;
    const hasChildren = node.childIds.length > 0;
    const moves: Record<string, () => void> = {
      ArrowDown: () => focusRow(index + 1),
      ArrowUp: () => focusRow(index - 1),
      PageDown: () => focusRow(index + PAGE_ROWS),
      PageUp: () => focusRow(index - PAGE_ROWS),
      Home: () => focusRow(0),
      End: () => focusRow(rows.length - 1),
      ArrowRight: () => {
        if (hasChildren && !row.isExpanded) mapping.setExpanded(row.id, true);
        else if (hasChildren) focusRow(index + 1);
      },
      ArrowLeft: () => {
        if (hasChildren && row.isExpanded) mapping.setExpanded(row.id, false);
        else if (node.group.parentId !== null)
          focusRow(rows.findIndex((other) => other.id === node.group.parentId));
      },
      ...(mayEdit && {
        " ": () => mapping.toggleSelected(row.id),
        Enter: () => setPicking(row.id),
      }),
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    move();
    if (mayEdit && event.shiftKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const next = rows[index + (event.key === "ArrowDown" ? 1 : -1)];
      mapping.select([...selected, row.id, ...(next === undefined ? [] : [next.id])]);
    }
  };

  const items = virtualizer.getVirtualItems();
  const activeIsShown = items.some((item) => rows[item.index]?.id === activeId);
  const nameOf = (clientId: string | undefined) =>
    clientId === undefined ? null : (names.get(clientId) ?? null);
  return (
    <div
      role="treegrid"
      aria-label="Groups and their clients"
      aria-rowcount={rows.length + 1}
      aria-multiselectable={mayEdit || undefined}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup">
        <div
          role="row"
          aria-rowindex={1}
          className="grid grid-cols-[auto_minmax(0,1fr)_auto] gap-x-3 border-b border-line px-3 py-2 text-xs font-medium text-ink-faint sm:grid-cols-[auto_minmax(0,1fr)_6.5rem_minmax(0,18rem)]"
        >
          <span role="columnheader" className="w-4">
            <span className="sr-only">Selected</span>
          </span>
          <span role="columnheader" className="pl-7">
            Group
          </span>
          <span role="columnheader" className="text-right">
            Devices
          </span>
          <span role="columnheader" className="px-2 max-sm:sr-only">
            Client
          </span>
        </div>
      </div>
      <div
        ref={scroller}
        role="presentation"
        className="overflow-y-auto overscroll-contain"
        style={{ height: `min(68vh, ${rows.length * rowHeight}px)`, overflowAnchor: "none" }}
      >
        <div role="rowgroup" className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            const node = row === undefined ? undefined : tree.get(row.id);
            if (row === undefined || node === undefined) return null;
            const { id } = row;
            const { group } = node;
            const resolution = resolved.get(id);
            const above = group.parentId === null ? undefined : resolved.get(group.parentId);
            return (
              <TreeRow
                key={id}
                node={node}
                rowIndex={item.index}
                isExpanded={row.isExpanded}
                matches={row.matches}
                meaning={meaningOf(
                  id,
                  resolution,
                  names,
                  placeText(parts, placeShown(group, drafts.get(id))),
                )}
                draft={drafts.get(id)}
                inheritedClient={nameOf(above?.clientId)}
                suggestedClient={resolution?.skip === "unmapped" ? nameOf(group.suggestion?.clientId) : null}
                clients={clients}
                parts={parts}
                isSelected={selected.has(id)}
                devicesAreKnown={devicesAreKnown}
                isActive={activeIsShown ? id === activeId : item.index === items[0]?.index}
                isPicking={picking === id}
                mayEdit={mayEdit}
                style={{
                  position: "absolute",
                  insetInline: 0,
                  height: rowHeight,
                  transform: `translateY(${item.start}px)`,
                }}
                rowRef={(element) => {
                  if (element === null) elements.current.delete(id);
                  else elements.current.set(id, element);
                }}
                onFocus={() => setActiveId(id)}
                onToggle={() => mapping.setExpanded(id, !row.isExpanded)}
                onSelect={() => mapping.toggleSelected(id)}
                onPickingChange={(open) => setPicking(open ? id : null)}
                onAssign={(assignment: Assignment) => mapping.assign([id], assignment)}
                onUndo={() => mapping.undo(id)}
                onReturn={() => {
                  wantsFocus.current = { id, index: item.index };
                  redraw();
                }}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

function useIsNarrow(): boolean {
  const [isNarrow, setIsNarrow] = useState(false);
  useEffect(() => {
    const media = matchMedia("(max-width: 639.98px)");
    const look = () => setIsNarrow(media.matches);
    look();
    media.addEventListener("change", look);
    return () => media.removeEventListener("change", look);
  }, []);
  return isNarrow;
}
