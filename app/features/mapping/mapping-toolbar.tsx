import { ChevronsDownUp, ChevronsUpDown, Sparkles } from "lucide-react";
import { useRef, useState } from "react";

import { count, formatNumber } from "@domain/format";
import { Button } from "~/ui/button";
import { Field, Input, Select } from "~/ui/field";
import { useBeforeHydration } from "~/ui/hydrated";

import { AssignmentPicker } from "./assignment-picker";
import type { MappingSuggestion } from "./mapping.page.server";
import { stateFilters, type StateFilter } from "./model";
import { ownNames } from "./own-names";
import type { Mapping } from "./use-mapping";

const filterTitles: Record<StateFilter, string> = {
  all: "All groups",
  unmapped: "Not mapped",
  mapped: "With a client",
  excluded: "Excluded",
  changed: "Changed, not saved",
  suggested: "With a suggestion",
  gone: "Gone from Level",
};

/** Searches and filters the tree, and expands or collapses it. */
export function MappingToolbar({ mapping, mayEdit }: { mapping: Mapping; mayEdit: boolean }) {
  const { tree, resolved, setQuery } = mapping;
  const search = useRef<HTMLInputElement>(null);
  useBeforeHydration(() => setQuery(search.current!.value));
  const suggested = [...tree.values()].filter(
    ({ group }) => isCertain(group.suggestion) && resolved.get(group.id)?.skip === "unmapped",
  );
  const roots = [...tree.values()].filter(
    ({ group, depth }) =>
      depth === 0 && group.goneAt === null && resolved.get(group.id)?.decidedBy !== group.id,
  );
  const rootIds = roots.map(({ group }) => group.id);
  const { resembling } = ownNames(tree, rootIds);
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line p-3">
      <Field label="Search groups" labelHidden className="min-w-44 flex-1 sm:max-w-64">
        <Input
          ref={search}
          type="search"
          value={mapping.query}
          onChange={(event) => setQuery(event.target.value)}
          placeholder="Search groups"
        />
      </Field>
      <Field label="Show" labelHidden>
        <Select
          value={mapping.filter}
          onChange={(event) => mapping.setFilter(event.target.value as StateFilter)}
          className="w-44"
        >
          {stateFilters.map((filter) => (
            <option key={filter} value={filter}>
              {filterTitles[filter]}
            </option>
          ))}
        </Select>
      </Field>
      <div className="flex gap-1">
        <Button
          variant="ghost"
          size="icon"
          onClick={mapping.expandAll}
          aria-label="Expand all"
          title="Expand all"
        >
          <ChevronsUpDown aria-hidden />
        </Button>
        <Button
          variant="ghost"
          size="icon"
          onClick={mapping.collapseAll}
          aria-label="Collapse all"
          title="Collapse all"
        >
          <ChevronsDownUp aria-hidden />
        </Button>
      </div>
      {mayEdit && (
        <div className="ml-auto flex flex-wrap gap-2">
          {suggested.length > 0 && (
            <Button
              onClick={() =>
                mapping.assign(
                  suggested.map(({ group }) => group.id),
                  (id) => ({ state: "mapped", clientId: tree.get(id)!.group.suggestion!.clientId }),
                )
              }
            >
              <Sparkles aria-hidden />
              Accept {formatNumber(suggested.length)} exact {suggested.length === 1 ? "match" : "matches"}
            </Button>
          )}
          {roots.length > 0 && (
            <Button onClick={() => assignOwnNames(mapping, rootIds)}>
              {resembling.length === rootIds.length
                ? `A new client for ${resembling.length === 1 ? "the group" : `each of the ${count(resembling.length, "group")}`} that ${resembling.length === 1 ? "resembles" : "resemble"} one`
                : "A client for each top-level group"}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

/** Whether there is a suggestion that a person may accept without a preview of each group. */
const isCertain = (suggestion: MappingSuggestion | null): suggestion is MappingSuggestion =>
  suggestion !== null && suggestion.match !== "similar";

/**
 * Drafts the client of its own name for each group, and shows the groups left out because their names only resemble a
 * client.
 */
function assignOwnNames(mapping: Mapping, ids: readonly string[]): void {
  const { assignments, resembling } = ownNames(mapping.tree, ids);
  mapping.assign(assignments.keys(), (id) => assignments.get(id)!);
  if (resembling.length > 0 && resembling.length < ids.length) {
    mapping.setQuery("");
    mapping.setFilter("suggested");
  }
}

/** The actions for the selected groups. */
export function SelectionBar({
  mapping,
  clients,
}: {
  mapping: Mapping;
  clients: readonly { id: string; name: string }[];
}) {
  const [picking, setPicking] = useState(false);
  const ids = [...mapping.selected].filter((id) => mapping.tree.has(id));
  const shown = mapping.rows.filter((row) => row.matches).map((row) => row.id);
  const allShown = shown.length > 0 && shown.every((id) => mapping.selected.has(id));
  return (
    <div className="flex min-h-12 flex-wrap items-center gap-2 border-b border-line bg-sunken/50 px-3 py-2 text-sm">
      <Button
        variant="ghost"
        size="sm"
        onClick={() => mapping.select(allShown ? [] : shown)}
        disabled={shown.length === 0}
      >
        {allShown ? "Select none" : `Select all ${formatNumber(shown.length)} shown`}
      </Button>
      {ids.length > 0 && (
        <>
          <span className="text-ink-muted tabular-nums" aria-live="polite">
            {formatNumber(ids.length)} selected
          </span>
          <AssignmentPicker
            clients={clients}
            open={picking}
            onOpenChange={setPicking}
            onPick={(assignment) => mapping.assign(ids, assignment)}
            onPickOwnNames={() => assignOwnNames(mapping, ids)}
            trigger={<Button size="sm">Set client…</Button>}
          />
          <Button size="sm" onClick={() => mapping.assign(ids, { state: "excluded" })}>
            Exclude
          </Button>
          <Button size="sm" onClick={() => mapping.assign(ids, { state: "inherit" })}>
            As the group above
          </Button>
          <Button variant="ghost" size="sm" onClick={() => mapping.select([])}>
            Clear
          </Button>
        </>
      )}
    </div>
  );
}
