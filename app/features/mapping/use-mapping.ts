import { useEffect, useMemo, useState } from "react";

import { keepDrafts, readKeptDrafts } from "./kept-drafts";
import type { MappingPage } from "./mapping.page.server";
import {
  buildTree,
  clientNames,
  liveDrafts,
  parentsOf,
  resolveWithDrafts,
  visibleRows,
  type Assignment,
  type StateFilter,
} from "./model";

/** Below this many groups the whole tree is open at first. */
const OPEN_AT_FIRST = 60;

/**
 * The state of the mapping page: what is stored, what was drafted on top of it, what is shown and selected.
 * Drafts belong to the version of the mapping that they were made on.
 * @param keptFor the connection whose drafts this tab keeps; null where nothing may be changed
 */
export function useMapping(page: MappingPage, initialQuery: string, keptFor: string | null) {
  const tree = useMemo(() => buildTree(page.groups), [page.groups]);
  const [made, setMade] = useState<ReadonlyMap<string, Assignment>>(new Map());
  /** The page that the drafts were saved on: the next one holds them. */
  const [savedOn, setSavedOn] = useState<MappingPage | null>(null);
  const [baseVersion, setBaseVersion] = useState(page.version);
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(() =>
    page.groups.length > OPEN_AT_FIRST ? parentsOf(tree) : new Set(),
  );
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [query, setQuery] = useState(initialQuery);
  const [filter, setFilter] = useState<StateFilter>("all");

  const drafts = useMemo(() => liveDrafts(tree, made, page.clients), [tree, made, page.clients]);
  const resolved = useMemo(() => resolveWithDrafts(tree, drafts), [tree, drafts]);
  const names = useMemo(() => clientNames(page.clients, drafts), [page.clients, drafts]);
  const rows = useMemo(
    () => visibleRows({ tree, drafts, resolved, query, filter, collapsed }),
    [tree, drafts, resolved, query, filter, collapsed],
  );

  // What is stored is a draft no more, nor again once somebody else changes what is stored.
  useEffect(() => {
    if (savedOn !== null && savedOn !== page) {
      setMade(new Map());
      setSavedOn(null);
    } else if (made.size > drafts.size) setMade(drafts);
  }, [savedOn, page, made, drafts]);

  // Without drafts there is nothing that a newer mapping could contradict.
  useEffect(() => {
    if (drafts.size === 0) setBaseVersion(page.version);
  }, [drafts.size, page.version]);

  const [isRestored, setRestored] = useState(false);
  useEffect(() => {
    const kept = keptFor === null ? null : readKeptDrafts(keptFor);
    if (kept !== null) {
      setMade(kept.drafts);
      setBaseVersion(kept.version);
    }
    setRestored(true);
  }, [keptFor]);
  useEffect(() => {
    // What was kept is not yet among the drafts of the first paint, and must not be taken for discarded.
    if (isRestored && keptFor !== null) keepDrafts(keptFor, { version: baseVersion, drafts });
  }, [isRestored, keptFor, baseVersion, drafts]);

  return {
    tree,
    drafts,
    resolved,
    names,
    rows,
    selected,
    query,
    filter,
    baseVersion,
    /** Somebody else saved since these drafts were begun. */
    isStale: drafts.size > 0 && baseVersion !== page.version,
    setQuery,
    setFilter,
    assign(ids: Iterable<string>, to: Assignment | ((id: string) => Assignment)) {
      setMade((before) => {
        const after = new Map(before);
        for (const id of ids) after.set(id, typeof to === "function" ? to(id) : to);
        return after;
      });
    },
    undo(id: string) {
      setMade((before) => new Map([...before].filter(([other]) => other !== id)));
    },
    discard: () => setMade(new Map()),
    /** The drafts are stored. They are shown until the page that says so is here. */
    markSaved: () => setSavedOn(page),
    /** Puts the drafts on top of what is stored now. */
    rebase: () => setBaseVersion(page.version),
    setExpanded(id: string, isExpanded: boolean) {
      setCollapsed((before) => {
        const after = new Set(before);
        if (isExpanded) after.delete(id);
        else after.add(id);
        return after;
      });
    },
    expandAll: () => setCollapsed(new Set()),
    collapseAll: () => setCollapsed(parentsOf(tree)),
    toggleSelected(id: string) {
      setSelected((before) => {
        const after = new Set(before);
        if (!after.delete(id)) after.add(id);
        return after;
      });
    },
    select: (ids: Iterable<string>) => setSelected(new Set(ids)),
  };
}

export type Mapping = ReturnType<typeof useMapping>;
