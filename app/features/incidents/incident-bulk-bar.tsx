import { BulkForm } from "~/ui/bulk-bar";
import type { ButtonProps } from "~/ui/button";
import { Select } from "~/ui/field";
import { SubmitButton } from "~/ui/form";
import type { Ticks } from "~/ui/ticks";

import { snoozeChoices } from "./labels";

/** The form that the rows' checkboxes belong to. */
export const INCIDENT_FORM = "picked-incidents";

export interface IncidentBulkBarProps {
  ticks: Ticks;
  /** The inbox's own address, so that the filter stays. */
  action: string;
}

/** The actions on the selected incidents. */
export const IncidentBulkBar = ({ ticks, action }: IncidentBulkBarProps) => (
  <BulkForm ticks={ticks} action={action} className="border-t-0">
    {(disabled) => (
      <span className="ml-auto flex flex-wrap items-center gap-2">
        <BulkButton intent="acknowledge" label="Acknowledge" letter="a" disabled={disabled} />
        <BulkButton intent="own" label="Take" letter="t" disabled={disabled} />
        <BulkButton intent="resolve" label="Resolve" letter="e" disabled={disabled} />
        <BulkButton intent="reopen" label="Reopen" letter="r" disabled={disabled} />
        <SnoozeFields disabled={disabled} letter="s" />
      </span>
    )}
  </BulkForm>
);

interface BulkButtonProps {
  intent: string;
  label: string;
  /** The keyboard shortcut; absent if there is none. */
  letter?: string;
  disabled: boolean;
  size?: ButtonProps["size"];
}

const BulkButton = ({ intent, label, letter, disabled, size = "sm" }: BulkButtonProps) => (
  <SubmitButton
    name="intent"
    value={intent}
    variant="secondary"
    size={size}
    disabled={disabled}
    {...(letter !== undefined && { "aria-keyshortcuts": letter, title: `Key: ${letter}` })}
  >
    {label}
  </SubmitButton>
);

/** The choice of how long to snooze, with the button. */
export const SnoozeFields = ({
  disabled = false,
  ...button
}: Partial<Pick<BulkButtonProps, "disabled" | "letter" | "size">>) => (
  <span className="flex items-center gap-1">
    <Select name="hours" defaultValue="4" aria-label="Snooze for" className="w-28">
      {snoozeChoices.map(([hours, text]) => (
        <option key={hours} value={hours}>
          {text}
        </option>
      ))}
    </Select>
    <BulkButton intent="snooze" label="Snooze" disabled={disabled} {...button} />
  </span>
);
