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

/** With fewer groups than this, the whole tree starts expanded. */
const OPEN_AT_FIRST = 60;

/**
 * The state of the mapping page: stored mapping, drafts, shown rows and selection. Drafts are based on one version of
 * the mapping.
 * @param keptFor the connection whose drafts this tab stores; null if the person may change nothing
 */
export function useMapping(page: MappingPage, initialQuery: string, keptFor: string | null) {
  const tree = useMemo(() => buildTree(page.groups), [page.groups]);
  const [made, setMade] = useState<ReadonlyMap<string, Assignment>>(new Map());
  /** The page data from which the drafts were saved; the next load contains them. */
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

  // Drops a draft that the stored mapping contains by now, so that it does not return when another person changes the
  // mapping.
  useEffect(() => {
    if (savedOn !== null && savedOn !== page) {
      setMade(new Map());
      setSavedOn(null);
    } else if (made.size > drafts.size) setMade(drafts);
  }, [savedOn, page, made, drafts]);

  // Without drafts, a newer mapping conflicts with nothing.
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
    // Stored drafts are restored after the first paint, and must not count as discarded before.
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
    /** Whether another person saved since these drafts began. */
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
    /** Marks the drafts as saved; they stay visible until the page has loaded them. */
    markSaved: () => setSavedOn(page),
    /** Bases the drafts on the current mapping. */
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
