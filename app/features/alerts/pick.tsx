import { useEffect, useRef } from "react";

import { formatNumber } from "@domain/format";
import { tickedIn } from "~/ui/bulk-bar";
import { Checkbox } from "~/ui/field";
import { useBeforeHydration, useHydrated } from "~/ui/hydrated";
import { Td, Th } from "~/ui/table";

import type { Selection } from "./use-selection";

/** The heading above the rows' checkboxes. */
export const PickHeader = () => (
  <Th className="w-0 pr-0">
    <span className="sr-only">Selected</span>
  </Th>
);

export interface PickCellProps {
  selection: Selection;
  /** The id of the form that the checkbox belongs to, and what it sends the row's id as. */
  form: string;
  field: string;
  id: string;
  /** What the row is called. */
  name: string;
}

/** The cell that picks a row. */
export const PickCell = ({ selection, form, field, id, name }: PickCellProps) => (
  <Td className="pr-0 align-top">
    <Checkbox
      form={form}
      name={field}
      value={id}
      aria-label={`Select ${name}`}
      checked={selection.isPicked(id)}
      onChange={(event) => selection.onPick(id, event)}
      className="mt-0.5"
    />
  </Td>
);

/** Picks all rows of the page, says how many are picked, and takes over those that were ticked before there were scripts. */
export function PickPage({ selection, form, shown }: { selection: Selection; form: string; shown: number }) {
  const { picked, pickAll, pick } = selection;
  const all = useRef<HTMLInputElement>(null);
  useBeforeHydration(() => {
    const ids = tickedIn(document.querySelector<HTMLFormElement>(`#${form}`));
    if (ids.length > 0) pick(ids);
  });
  const isSome = picked.length > 0 && picked.length < shown;
  useEffect(() => {
    if (all.current !== null) all.current.indeterminate = isSome;
  }, [isSome]);
  if (!useHydrated()) return null;
  return (
    <label className="flex items-center gap-2 text-ink-muted">
      <Checkbox
        ref={all}
        checked={shown > 0 && picked.length === shown}
        onChange={(event) => pickAll(event.currentTarget.checked)}
      />
      {picked.length === 0 ? "Select this page" : `${formatNumber(picked.length)} selected`}
    </label>
  );
}
