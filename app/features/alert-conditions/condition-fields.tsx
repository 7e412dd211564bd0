import { useState } from "react";

import { MAX_NAME_PATTERN } from "@domain/alert-conditions";
import { alertSeverities } from "@domain/alert-words";
import { assetTypes } from "@domain/asset-words";
import { Checkbox, Field, Input } from "~/ui/field";
import { platformLabels, severityLabels } from "~/ui/labels";

import { platformNames } from "./condition-words";
import type { ConditionChoices, ShownConditions } from "./conditions.server";
import { PickedChips, PickMany } from "./pick-many";

export interface ConditionFieldsProps {
  shown: ShownConditions;
  choices: ConditionChoices;
  errors: Partial<Record<string, string>>;
  /** Whether the form also asks for severity, type of device and platform. */
  withAll?: boolean;
}

/** The fields of alert conditions. An alert must meet every kind of condition that is filled in. */
export const ConditionFields = ({ shown, choices, errors, withAll = false }: ConditionFieldsProps) => (
  <>
    <div className="grid gap-4 sm:grid-cols-2">
      <PickMany
        label="Clients"
        noun="client"
        name="client"
        choices={choices.clients}
        picked={shown.clientIds}
      />
      <PickMany
        label="Groups, with all below"
        noun="group"
        name="group"
        choices={choices.groups}
        picked={shown.groupIds}
      />
      <PickMany label="Tags" noun="tag" name="tag" choices={choices.tags} picked={shown.tags} />
      <DeviceField assets={shown.assets} error={errors["device"]} />
      <Field
        label="Alert name"
        optional
        hint="A part of it, or a pattern for the whole name: * stands for any text, ? for one character."
      >
        <Input name="pattern" defaultValue={shown.name} maxLength={MAX_NAME_PATTERN} autoComplete="off" />
      </Field>
    </div>
    {withAll && (
      <div className="grid gap-4 sm:grid-cols-3">
        <Boxes
          label="Severity"
          name="severity"
          ticked={shown.severities}
          choices={alertSeverities.map((one) => [one, severityLabels[one].text])}
        />
        <Boxes
          label="Type of device"
          name="assetType"
          ticked={shown.assetTypes}
          choices={assetTypes.map((one) => [one, one === "server" ? "Server" : "Workstation"])}
        />
        <Boxes
          label="Platform"
          name="platform"
          ticked={shown.platforms}
          choices={platformNames.map((one) => [one, platformLabels[one]])}
        />
      </div>
    )}
    {errors["conditions"] !== undefined && <p className="text-sm text-bad">{errors["conditions"]}</p>}
  </>
);

/** Adds a device by its name when the form is sent, because a list of all devices would be too long. */
function DeviceField({ assets, error }: { assets: ShownConditions["assets"]; error: string | undefined }) {
  const [removed, setRemoved] = useState<readonly string[]>([]);
  return (
    <div className="space-y-1.5">
      <Field label="Add a device by its name" optional error={error}>
        <Input
          key={assets.map(({ id }) => id).join()}
          name="device"
          autoComplete="off"
          maxLength={200}
          placeholder={assets.length === 0 ? "Any device" : "Add another device"}
        />
      </Field>
      <PickedChips
        name="asset"
        picked={assets.filter(({ id }) => !removed.includes(id))}
        onRemove={(id) => setRemoved([...removed, id])}
      />
    </div>
  );
}

interface BoxesProps {
  label: string;
  name: string;
  ticked: readonly string[];
  choices: readonly (readonly [value: string, text: string])[];
}

/** Checkboxes of which any number can be ticked; none means any. */
export const Boxes = ({ label, name, ticked, choices }: BoxesProps) => (
  <fieldset>
    <legend className="mb-1.5 text-sm font-medium">{label}</legend>
    <div className="flex flex-wrap gap-x-4 gap-y-1.5">
      {choices.map(([value, text]) => (
        <label key={value} className="flex items-center gap-1.5 text-sm">
          <Checkbox name={name} value={value} defaultChecked={ticked.includes(value)} />
          {text}
        </label>
      ))}
    </div>
  </fieldset>
);
