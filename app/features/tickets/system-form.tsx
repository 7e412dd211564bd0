import type { SerializeFrom } from "@remix-run/node";

import { alertSeverities } from "@domain/alert-words";
import { ButtonLink } from "~/ui/button";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { Field, Input, Select, Textarea } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import { severityLabels } from "~/ui/labels";

import { resolutionLabels } from "./labels";
import { emailPreset, presetOf, shownPreset, ticketPresets } from "./presets";
import type { TicketSystemsPage } from "./ticket-systems.page.server";

const HERE = "/settings/tickets";

type ShownSystem = SerializeFrom<TicketSystemsPage>["systems"][number];

/** The choice of the kind of system to add. */
export const PresetPicker = () => (
  <Card>
    <CardHeader
      title="Add a ticket system"
      description="Incidents become tickets there: one each, followed until they are resolved."
    />
    <CardBody>
      <ul className="grid gap-2 sm:grid-cols-2 lg:grid-cols-3">
        {Object.entries({ ...ticketPresets, email: emailPreset }).map(([name, { label }]) => (
          <li key={name}>
            <ButtonLink to={`?add=${name}`} variant="secondary" className="w-full">
              {label}
            </ButtonLink>
          </li>
        ))}
      </ul>
    </CardBody>
  </Card>
);

export interface SystemFormProps {
  preset: string;
  /** The system to edit; null for a new one. */
  system: ShownSystem | null;
  errors: Partial<Record<string, string>>;
  typed: Record<string, string> | undefined;
}

export const SystemForm = ({ preset, system, errors, typed }: SystemFormProps) => {
  const isEmail = preset === "email";
  const known = shownPreset(preset);
  const shown = (name: string, stored: string) => typed?.[name] ?? stored;
  const fields: Record<string, string> = system?.fields ?? {};
  return (
    <Card>
      <CardHeader title={system === null ? `Add ${known.label}` : `Edit ${system.label}`} />
      <CardBody>
        <PostForm intent="save" asksBeforeLeaving className="space-y-4">
          <input type="hidden" name="preset" value={preset} />
          {system !== null && <input type="hidden" name="id" value={system.id} />}
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="Name" error={errors["label"]}>
              <Input
                name="label"
                required
                maxLength={100}
                defaultValue={shown("label", system?.label ?? known.label)}
              />
            </Field>
            <Field
              label={known.addressLabel}
              error={errors["address"]}
              hint={system === null || isEmail ? undefined : "At another address, enter the secrets again."}
            >
              <Input
                type={isEmail ? "email" : "url"}
                name="address"
                required
                placeholder={known.addressExample}
                defaultValue={shown("address", system?.address ?? "")}
              />
            </Field>
            {known.fields.map(({ name, label, hint, value, isOptional }) => (
              <Field
                key={name}
                label={label}
                error={errors[`field:${name}`]}
                {...(hint !== undefined && { hint })}
                {...(isOptional === true && { optional: true })}
              >
                <Input
                  name={`field:${name}`}
                  required={isOptional !== true}
                  maxLength={1_000}
                  autoComplete="off"
                  defaultValue={shown(`field:${name}`, fields[name] ?? value ?? "")}
                />
              </Field>
            ))}
            {known.secrets.map(({ name, label }) => (
              <Field
                key={name}
                label={label}
                hint={
                  system === null
                    ? "Kept sealed, and not shown again."
                    : "Leave empty to keep the one that is stored."
                }
              >
                <Input
                  type="password"
                  name={`secret:${name}`}
                  required={system === null && known.secrets.length === 1}
                  autoComplete="new-password"
                />
              </Field>
            ))}
          </div>
          <div className="grid gap-4 border-t border-line pt-4 sm:grid-cols-3">
            <Field label="Open tickets automatically">
              <Select name="automaticFrom" defaultValue={shown("automaticFrom", system?.automaticFrom ?? "")}>
                <option value="">Never</option>
                {alertSeverities.map((severity) => (
                  <option key={severity} value={severity}>
                    {severity === "critical"
                      ? `${severityLabels[severity].text} incidents`
                      : `${severityLabels[severity].text} and above`}
                  </option>
                ))}
              </Select>
            </Field>
            <Field
              label="After so many minutes"
              error={errors["waitMinutes"]}
              hint="By then, most of a storm is one incident."
            >
              <Input
                type="number"
                name="waitMinutes"
                min={0}
                max={1_440}
                required
                defaultValue={shown("waitMinutes", String(system?.waitMinutes ?? 2))}
              />
            </Field>
            <Field label="When an incident is resolved">
              <Select name="onResolve" defaultValue={shown("onResolve", system?.onResolve ?? "comment")}>
                {Object.entries(resolutionLabels).map(([value, text]) => (
                  <option key={value} value={value}>
                    {text}
                  </option>
                ))}
              </Select>
            </Field>
          </div>
          {!isEmail && (
            <details open={preset === "custom" || errors["requests"] !== undefined}>
              <summary className="cursor-pointer text-sm font-medium">Requests and templates</summary>
              <Field
                label="Requests"
                labelHidden
                className="mt-2"
                error={errors["requests"]}
                hint="JSON. Templates know {{summary}}, {{description}}, {{text}}, {{id}}, {{reference}}, {{severity}}, {{client}}, {{link}}, {{#is.critical}}…{{/is.critical}}, {{field.…}} and {{secret.…}}."
              >
                <Textarea
                  name="requests"
                  rows={18}
                  spellCheck={false}
                  className="font-mono text-xs"
                  defaultValue={shown(
                    "requests",
                    system?.requests ?? JSON.stringify(presetOf(preset).requests, null, 2),
                  )}
                />
              </Field>
            </details>
          )}
          <div className="flex flex-wrap gap-2">
            <SubmitButton intent="save">Save</SubmitButton>
            <ButtonLink to={HERE} variant="secondary">
              Cancel
            </ButtonLink>
          </div>
        </PostForm>
      </CardBody>
    </Card>
  );
};
