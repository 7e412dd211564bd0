import type { SerializeFrom } from "@remix-run/node";
import { useState, type ReactNode } from "react";

import { count, formatNumber } from "@domain/format";
import { repeatKinds, weekdayNames, weekdays, type RepeatKind } from "@domain/repeat";
import { ConditionFields, Boxes } from "~/features/alert-conditions/condition-fields";
import type { ConditionChoices } from "~/features/alert-conditions/conditions.server";
import { EnterPreviews, PreviewFooter } from "~/features/alert-conditions/preview-form";
import { PreviewIncidents } from "~/features/alert-conditions/preview-incidents";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { Checkbox, Field, Input, Select } from "~/ui/field";
import { PostForm } from "~/ui/form";

import type { WindowValues } from "./window-form.server";
import type { WindowPreview } from "./windows.page.server";

/** The answer to the form: the sent values, with the errors in them or what the window would have done. */
export interface WindowAnswer {
  values: WindowValues;
  errors: Partial<Record<string, string>>;
  preview?: SerializeFrom<WindowPreview>;
}

export interface WindowFormProps {
  values: WindowValues;
  errors: Partial<Record<string, string>>;
  choices: ConditionChoices;
  timeZone: string;
}

export function WindowForm({ values, errors, choices, timeZone }: WindowFormProps) {
  const { name, startsAt, endsAt, suppressesNotices, suppressesTickets } = values;
  return (
    <PostForm asksBeforeLeaving>
      <EnterPreviews />
      <div className="grid gap-5">
        <Card>
          <CardHeader title="When" description={`Times are in ${timeZone}.`} />
          <CardBody className="grid gap-4 sm:grid-cols-2">
            <Field label="Name" error={errors["name"]} className="sm:col-span-2">
              <Input name="name" defaultValue={name} required maxLength={100} autoComplete="off" />
            </Field>
            <Field label="Begins" error={errors["startsAt"]}>
              <Input type="datetime-local" name="startsAt" defaultValue={startsAt} required />
            </Field>
            <Field label="Ends" error={errors["endsAt"]}>
              <Input type="datetime-local" name="endsAt" defaultValue={endsAt} required />
            </Field>
            <RepeatFields repeat={values.repeat} errors={errors} />
          </CardBody>
        </Card>
        <Card>
          <CardHeader
            title="Applies to"
            description="An alert must match every field that is filled in. With all of them empty, the window covers every alert."
          />
          <CardBody className="grid gap-4">
            <ConditionFields shown={values.conditions} choices={choices} errors={errors} />
          </CardBody>
        </Card>
        <Card>
          <CardHeader
            title="What it suppresses"
            description="Incidents are still recorded. When the window ends, one e-mail lists what is still open."
          />
          <CardBody className="grid gap-2 text-sm">
            <label className="flex items-center gap-2">
              <Checkbox name="notices" defaultChecked={suppressesNotices} /> Notices: e-mail, channels and
              webhooks
            </label>
            <label className="flex items-center gap-2">
              <Checkbox name="tickets" defaultChecked={suppressesTickets} /> Tickets
            </label>
            {errors["suppresses"] !== undefined && <p className="text-bad">{errors["suppresses"]}</p>}
          </CardBody>
          <PreviewFooter />
        </Card>
      </div>
    </PostForm>
  );
}

const repeatTexts: Record<RepeatKind, string> = {
  never: "Never",
  daily: "Daily",
  weekly: "Weekly",
  monthly_day: "Monthly, on this day",
  monthly_weekday: "Monthly, on this weekday of its week",
  custom: "By a rule of your own (RRULE)",
};

/**
 * The fields of the repetition. Without scripts all of them are shown, and those that do not belong to the choice are
 * ignored.
 */
function RepeatFields({
  repeat,
  errors,
}: {
  repeat: WindowValues["repeat"];
  errors: WindowFormProps["errors"];
}) {
  const [kind, setKind] = useState(repeat.kind);
  const isPeriodic = kind !== "never" && kind !== "custom";
  return (
    <>
      <Field label="Repeats" error={errors["repeat"]}>
        <Select
          name="repeat"
          defaultValue={repeat.kind}
          onChange={(event) => setKind(event.currentTarget.value as RepeatKind)}
        >
          {repeatKinds.map((one) => (
            <option key={one} value={one}>
              {repeatTexts[one]}
            </option>
          ))}
        </Select>
      </Field>
      <Where is={isPeriodic}>
        <div className="grid grid-cols-2 gap-4">
          <Field label="Every" hint="days, weeks or months">
            <Input type="number" name="every" min={1} max={52} defaultValue={repeat.every} />
          </Field>
          <Field label="Until" optional>
            <Input type="date" name="until" defaultValue={repeat.until} />
          </Field>
        </div>
      </Where>
      <Where is={kind === "weekly"}>
        <div className="sm:col-span-2">
          <Boxes
            label="On"
            name="day"
            ticked={repeat.days}
            choices={weekdays.map((day) => [day, weekdayNames[day]])}
          />
        </div>
      </Where>
      <Where is={kind === "custom"}>
        <Field
          label="Rule"
          error={errors["rule"]}
          hint="For example FREQ=MONTHLY;BYDAY=2TU"
          className="sm:col-span-2"
        >
          <Input name="rule" defaultValue={repeat.custom} maxLength={200} autoComplete="off" />
        </Field>
      </Where>
    </>
  );
}

/** Shows fields only if they apply, and always without scripts. */
const Where = ({ is, children }: { is: boolean; children: ReactNode }) =>
  is ? <>{children}</> : <noscript>{children}</noscript>;

/** The incidents that the window would have suppressed. */
export const PreviewCard = ({ preview }: { preview: SerializeFrom<WindowPreview> }) => (
  <Card>
    <CardHeader
      title="The last 30 days"
      description={
        preview.isOnce
          ? "At any hour, because this window has not begun yet."
          : "As if the window had been there."
      }
    />
    <CardBody>
      <Callout tone={preview.found === 0 ? "info" : "warn"}>
        {preview.isOnce ? "It is about " : "It would have suppressed "}
        {count(preview.found, "incident")} of {formatNumber(preview.of)}
        {preview.isCapped && ", the latest there were"}.
      </Callout>
    </CardBody>
    <PreviewIncidents incidents={preview.incidents} found={preview.found} />
  </Card>
);
