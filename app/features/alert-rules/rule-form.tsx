import type { SerializeFrom } from "@remix-run/node";

import { MAX_HITS_AN_HOUR } from "@domain/alert-rules";
import { alertSeverities } from "@domain/alert-words";
import { count, formatNumber } from "@domain/format";
import { MAX_AUTOMATION_DEVICES } from "@domain/rule-automations";
import { weekdayNames, weekdays } from "@domain/repeat";
import { Boxes, ConditionFields } from "~/features/alert-conditions/condition-fields";
import { PickMany } from "~/features/alert-conditions/pick-many";
import { EnterPreviews, PreviewFooter } from "~/features/alert-conditions/preview-form";
import { PreviewIncidents } from "~/features/alert-conditions/preview-incidents";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { Checkbox, Field, Input, Select } from "~/ui/field";
import { PostForm } from "~/ui/form";
import { severityLabels } from "~/ui/labels";

import { ignoreHours } from "./labels";
import type { RuleChoices, RuleValues } from "./rule-form.server";
import type { RulePreview } from "./rules.page.server";

/** The answer to the form: the sent values, with the errors in them or what the rule would have done. */
export interface RuleAnswer {
  values: RuleValues;
  errors: Partial<Record<string, string>>;
  preview?: SerializeFrom<RulePreview>;
}

export interface RuleFormProps {
  values: RuleValues;
  errors: Partial<Record<string, string>>;
  choices: RuleChoices;
  timeZone: string;
}

export const RuleForm = ({ values, errors, choices, timeZone }: RuleFormProps) => (
  <PostForm asksBeforeLeaving>
    <EnterPreviews />
    <div className="grid gap-5">
      <Card>
        <CardHeader
          title="Which incidents"
          description="An incident must match every field that is filled in. With all of them empty, the rule matches every incident."
        />
        <CardBody className="grid gap-4">
          <Field label="Name of the rule" error={errors["name"]}>
            <Input name="name" defaultValue={values.name} required maxLength={100} autoComplete="off" />
          </Field>
          <ConditionFields shown={values.conditions} choices={choices.conditions} errors={errors} withAll />
          <HourFields hours={values.hours} error={errors["hours"]} timeZone={timeZone} />
        </CardBody>
      </Card>
      <Card>
        <CardHeader
          title="What it does"
          description={`Once per incident. A rule that matches more than ${MAX_HITS_AN_HOUR} incidents within an hour switches itself off.`}
        />
        <CardBody className="grid gap-4">
          <ActionFields actions={values.actions} choices={choices} />
          <AutomationFields values={values} choices={choices} error={errors["trigger"]} />
          <label className="flex items-center gap-2 text-sm">
            <Checkbox name="stops" defaultChecked={values.stops} /> Stop here: the rules below do not see the
            incidents that this one matches
          </label>
          {errors["actions"] !== undefined && <p className="text-sm text-bad">{errors["actions"]}</p>}
        </CardBody>
        <PreviewFooter />
      </Card>
    </div>
  </PostForm>
);

const HourFields = ({
  hours,
  error,
  timeZone,
}: {
  hours: RuleValues["hours"];
  error: string | undefined;
  timeZone: string;
}) => (
  <fieldset className="grid gap-3">
    <label className="flex items-center gap-2 text-sm font-medium">
      <Checkbox name="hours" defaultChecked={hours !== null} /> Only at these hours, in the time zone{" "}
      {timeZone}
    </label>
    <div className="grid max-w-sm grid-cols-2 gap-4">
      <Field label="From" error={error}>
        <Input type="time" name="from" defaultValue={hours?.from ?? "18:00"} />
      </Field>
      <Field label="To" hint="Equal to “From”: all day.">
        <Input type="time" name="to" defaultValue={hours?.to ?? "08:00"} />
      </Field>
    </div>
    <Boxes
      label="On"
      name="day"
      ticked={hours?.days ?? []}
      choices={weekdays.map((day) => [day, weekdayNames[day]])}
    />
  </fieldset>
);

const ActionFields = ({ actions, choices }: { actions: RuleValues["actions"]; choices: RuleChoices }) => (
  <div className="grid gap-4 sm:grid-cols-2">
    <Choice
      label="Set the severity"
      name="setSeverity"
      value={actions.severity}
      none="As its alerts say"
      choices={alertSeverities.map((one) => [one, severityLabels[one].text])}
    />
    <Choice
      label="Set the owner"
      name="owner"
      value={actions.ownerId}
      none="Nobody"
      choices={choices.people.map(({ id, name }) => [id, name])}
    />
    <Choice
      label="Ignore it"
      name="ignore"
      value={actions.ignoreHours}
      none="No"
      choices={ignoreHours.map(([hours, text]) => [String(hours), `For ${text}`])}
    />
    <Choice
      label="Open a ticket"
      name="ticketSystem"
      value={actions.ticketSystemId}
      none="No"
      choices={choices.systems.map(({ id, name }) => [id, `In ${name}`])}
    />
    <PickMany
      label="Notify channels and webhooks"
      noun="channel"
      none="None"
      name="channel"
      choices={choices.channels}
      picked={actions.channelIds}
    />
    <div className="grid content-start gap-2 text-sm">
      <label className="flex items-center gap-2">
        <Checkbox name="mails" defaultChecked={actions.mails} /> E-mail to the recipients of notifications
      </label>
      <label className="flex items-center gap-2">
        <Checkbox name="resolves" defaultChecked={actions.resolvesInRmm} /> Resolve its alerts in the RMM
      </label>
    </div>
  </div>
);

/** The automation that the rule starts. The address of its trigger can be entered but is never shown again. */
const AutomationFields = ({
  values: { actions, hasTrigger },
  choices: { connections },
  error,
}: {
  values: RuleValues;
  choices: RuleChoices;
  error: string | undefined;
}) =>
  connections.some(
    ({ id, startsAutomations }) => startsAutomations || id === actions.automation?.connectionId,
  ) && (
    <fieldset className="grid gap-4 border-t border-line pt-4 sm:grid-cols-2">
      <Choice
        label="Start an automation of"
        name="automation"
        value={actions.automation?.connectionId ?? null}
        none="None"
        choices={connections.map(({ id, name, startsAutomations }) => [
          id,
          startsAutomations ? name : `${name} (not allowed at the moment)`,
        ])}
      />
      <Field
        label="Address of its webhook trigger"
        hint={
          hasTrigger
            ? "Stored. Leave empty to keep it."
            : "From Level, Automations, the trigger. It is not shown again."
        }
        error={error}
      >
        <Input name="trigger" type="password" autoComplete="off" maxLength={1000} />
      </Field>
      <label className="flex items-start gap-2 text-sm sm:col-span-2">
        <Checkbox name="sendsKey" defaultChecked={actions.automation?.sendsKey ?? false} /> The trigger asks
        for authorization: send the connection’s API key, which needs Read &amp; write access
      </label>
      <p className="text-sm text-ink-muted sm:col-span-2">
        On the devices that match, at most {MAX_AUTOMATION_DEVICES}, once per incident, never during
        maintenance. If no answer comes back it is not tried again; the timeline and an e-mail say so.
      </p>
    </fieldset>
  );

interface ChoiceProps {
  label: string;
  name: string;
  value: string | number | null;
  none: string;
  choices: (readonly [value: string, text: string])[];
}

const Choice = ({ label, name, value, none, choices }: ChoiceProps) => (
  <Field label={label}>
    <Select name={name} defaultValue={String(value ?? "")}>
      <option value="">{none}</option>
      {choices.map(([one, text]) => (
        <option key={one} value={one}>
          {text}
        </option>
      ))}
    </Select>
  </Field>
);

/** What the rule would have done. */
export const RulePreviewCard = ({ preview }: { preview: SerializeFrom<RulePreview> }) => (
  <Card>
    <CardHeader title="The last 30 days" description="With the rules above it as they are now." />
    <CardBody className="grid gap-2">
      <Callout tone={preview.mostAnHour > MAX_HITS_AN_HOUR ? "bad" : "info"}>
        It would have acted on {count(preview.found, "incident")} of {formatNumber(preview.of)}
        {preview.isCapped && ", the latest there were"}.
        {preview.mostAnHour > MAX_HITS_AN_HOUR &&
          ` As many as ${preview.mostAnHour} within an hour: it would have stopped itself.`}
        {preview.keptByEarlier > 0 &&
          ` ${count(preview.keptByEarlier, "more")} matched it but stopped at a rule above.`}
      </Callout>
    </CardBody>
    <PreviewIncidents incidents={preview.incidents} found={preview.found} />
  </Card>
);
