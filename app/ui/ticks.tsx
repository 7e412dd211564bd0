import { useEffect, useRef, useState, type ChangeEvent } from "react";

import { formatNumber } from "@domain/format";

import { Checkbox } from "./field";
import { useBeforeHydration } from "./hydrated";
import { Td, Th } from "./table";

/** The ticked rows of a list. */
export interface Ticks {
  /** The id of the form that the rows' checkboxes belong to. */
  form: string;
  /** The rows of this page, and those of them that are ticked. */
  keys: string[];
  onPage: string[];
  /** The keys of all ticked rows, on other pages too. */
  ticked: ReadonlySet<string>;
  /** Whether everything that matches the filter is chosen, on other pages too. */
  isAll: boolean;
  setAll(isAll: boolean): void;
  onTick(keys: string[], isTicked: boolean): void;
  /**
   * Handles a change of a row's checkbox, by mouse or keyboard. With Shift, all rows from the previously changed one on
   * get the same state.
   */
  onRow(key: string, event: ChangeEvent<HTMLInputElement>): void;
}

/**
 * The state of a list's ticks.
 * @param keys the rows of the page
 * @param form the id of the form that their checkboxes belong to
 */
export function useTicks(keys: string[], form: string): Ticks {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [isAll, setAll] = useState(false);
  const last = useRef<string>();
  const ticked = isAll ? new Set(keys) : chosen;
  const onTick = (some: string[], isTicked: boolean) => {
    const next = new Set(ticked);
    for (const key of some) {
      if (isTicked) next.add(key);
      else next.delete(key);
    }
    setChosen(next);
    setAll(false);
  };
  // Takes over what a person ticked before scripts ran.
  useBeforeHydration(() => {
    const elements = document.querySelector<HTMLFormElement>(`#${form}`)?.elements ?? [];
    const boxes = [...elements].filter((box) => box instanceof HTMLInputElement && box.checked);
    const values = boxes
      .map((box) => (box as HTMLInputElement).value)
      .filter((value) => keys.includes(value));
    if (values.length > 0) onTick(values, true);
  });
  return {
    form,
    keys,
    onPage: keys.filter((key) => ticked.has(key)),
    ticked,
    isAll,
    setAll,
    onTick,
    onRow(key, event) {
      const { shiftKey } = event.nativeEvent as MouseEvent;
      const from = shiftKey && last.current !== undefined ? keys.indexOf(last.current) : -1;
      const to = keys.indexOf(key);
      const range = from === -1 ? [key] : keys.slice(Math.min(from, to), Math.max(from, to) + 1);
      last.current = key;
      onTick(range, event.currentTarget.checked);
    },
  };
}

/** A checkbox for all rows of the page. */
function PageBox({ ticks: { keys, onPage, onTick }, label }: { ticks: Ticks; label?: string }) {
  const box = useRef<HTMLInputElement>(null);
  const isSome = onPage.length > 0 && onPage.length < keys.length;
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = isSome;
  }, [isSome]);
  return (
    <Checkbox
      ref={box}
      aria-label={label}
      checked={keys.length > 0 && onPage.length === keys.length}
      onChange={(event) => onTick(keys, event.currentTarget.checked)}
    />
  );
}

/** The heading above the rows' checkboxes, which selects the page. */
export const TickHeader = ({ ticks }: { ticks: Ticks }) => (
  <Th className="w-0 pr-0">
    <PageBox ticks={ticks} label="Select this page" />
  </Th>
);

/** A checkbox for all rows of the page, with the number of selected ones. */
export const TickPage = ({ ticks }: { ticks: Ticks }) => (
  <label className="flex items-center gap-2 text-ink-muted">
    <PageBox ticks={ticks} />
    {ticks.onPage.length === 0 ? "Select this page" : `${formatNumber(ticks.onPage.length)} selected`}
  </label>
);

export interface TickBoxProps {
  ticks: Ticks;
  /** The name of the form field that has the row as its value; `row` by default. */
  field?: string;
  row: string;
  /** The row's name for screen readers. */
  name: string;
  className?: string;
}

/** The checkbox of a row. */
export const TickBox = ({ ticks, field = "row", row, name, className }: TickBoxProps) => (
  <Checkbox
    form={ticks.form}
    name={field}
    value={row}
    aria-label={`Select ${name}`}
    checked={ticks.ticked.has(row)}
    onChange={(event) => ticks.onRow(row, event)}
    className={className}
  />
);

/** The checkbox of a row, as the row's first cell. */
export const TickCell = (props: TickBoxProps) => (
  <Td className="w-0 pr-0 align-top">
    <TickBox {...props} className="mt-0.5" />
  </Td>
);
