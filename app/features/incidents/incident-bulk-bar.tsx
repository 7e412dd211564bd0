import { Select } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import { TickPage, type Ticks } from "~/ui/ticks";

import { snoozeChoices } from "./labels";

/** The form that the rows' checkboxes belong to. */
export const INCIDENT_FORM = "picked-incidents";

export interface IncidentBulkBarProps {
  ticks: Ticks;
  /** The inbox's own address: the filter stays with it. */
  action: string;
}

/** What is done to the incidents that were picked. */
export function IncidentBulkBar({ ticks, action }: IncidentBulkBarProps) {
  const disabled = ticks.onPage.length === 0;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-2 text-sm">
      <TickPage ticks={ticks} />
      <PostForm
        id={ticks.form}
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
