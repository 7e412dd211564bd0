import { useEffect, useRef } from "react";

import { formatNumber } from "@domain/format";
import type { Selection } from "~/features/alerts/use-selection";
import { tickedIn } from "~/ui/bulk-bar";
import { Checkbox, Select } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import { useBeforeHydration, useHydrated } from "~/ui/hydrated";

import { snoozeChoices } from "./labels";

/** The form that the rows' checkboxes belong to. */
export const INCIDENT_FORM = "picked-incidents";

export interface IncidentBulkBarProps {
  selection: Selection;
  shown: number;
  /** The inbox's own address: the filter stays with it. */
  action: string;
}

/** What is done to the incidents that were picked. */
export function IncidentBulkBar({ selection, shown, action }: IncidentBulkBarProps) {
  const interactive = useHydrated();
  const { picked, pickAll, pick } = selection;
  const all = useRef<HTMLInputElement>(null);
  useBeforeHydration(() => {
    const ids = tickedIn(document.querySelector<HTMLFormElement>(`#${INCIDENT_FORM}`));
    if (ids.length > 0) pick(ids);
  });
  const isSome = picked.length > 0 && picked.length < shown;
  useEffect(() => {
    if (all.current !== null) all.current.indeterminate = isSome;
  }, [isSome]);
  const disabled = interactive && picked.length === 0;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-2 text-sm">
      {interactive && (
        <label className="flex items-center gap-2 text-ink-muted">
          <Checkbox
            ref={all}
            checked={shown > 0 && picked.length === shown}
            onChange={(event) => pickAll(event.currentTarget.checked)}
          />
          {picked.length === 0 ? "Select this page" : `${formatNumber(picked.length)} selected`}
        </label>
      )}
      <PostForm
        id={INCIDENT_FORM}
        action={action}
        preventScrollReset
        className="ml-auto flex flex-wrap items-center gap-2"
      >
        <BulkButton intent="acknowledge" label="Acknowledge" letter="a" disabled={disabled} />
        <BulkButton intent="own" label="Take" letter="t" disabled={disabled} />
        <BulkButton intent="resolve" label="Resolve" letter="e" disabled={disabled} />
        <BulkButton intent="reopen" label="Reopen" letter="r" disabled={disabled} />
        <SnoozeFields disabled={disabled} />
      </PostForm>
    </div>
  );
}

interface BulkButtonProps {
  intent: string;
  label: string;
  letter: string;
  disabled: boolean;
}

const BulkButton = ({ intent, label, letter, disabled }: BulkButtonProps) => (
  <SubmitButton
    name="intent"
    value={intent}
    variant="secondary"
    size="sm"
    disabled={disabled}
    aria-keyshortcuts={letter}
    title={`Key: ${letter}`}
  >
    {label}
  </SubmitButton>
);

/** For how long, and the button. */
export const SnoozeFields = ({ disabled = false }: { disabled?: boolean }) => (
  <span className="flex items-center gap-1">
    <Select name="hours" defaultValue="4" aria-label="Snooze for" className="w-28">
      {snoozeChoices.map(([hours, text]) => (
        <option key={hours} value={hours}>
          {text}
        </option>
      ))}
    </Select>
    <BulkButton intent="snooze" label="Snooze" letter="s" disabled={disabled} />
  </span>
);
