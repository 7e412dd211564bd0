import type { SerializeFrom } from "@remix-run/node";

import { callsADay, READ_A_MINUTE, type CustomFieldInterval } from "@domain/custom-fields";
import { count, formatDuration, formatNumber } from "@domain/format";
import type { FormProblem } from "~/platform/http/form.server";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { Field, Select } from "~/ui/field";
import { Figures } from "~/ui/figures";
import { PostForm, SubmitButton } from "~/ui/form";
import { RelativeTime } from "~/ui/time";

import type { CustomFieldCard } from "./custom-fields.page.server";

export interface FieldReadingCardProps {
  fields: SerializeFrom<CustomFieldCard>;
  mayManage: boolean;
  maySync: boolean;
  refusal: FormProblem | undefined;
}

/** Whether and how often Level's custom fields are read, the cost of that in calls, and the progress. */
export function FieldReadingCard({ fields, mayManage, maySync, refusal }: FieldReadingCardProps) {
  const { interval, devices, version, problem, waitUntil } = fields;
  const isOn = interval !== "off";
  const option = (value: Exclude<CustomFieldInterval, "off">, name: string) => (
    <option value={value}>
      {name}: {count(callsADay(devices, value), "call")} a day
    </option>
  );
  return (
    <Card>
      <CardHeader
        title="Custom fields"
        description={`Level gives their values one device at a time: a reading takes ${count(devices + 1, "call")}, and ${formatDuration(readingMs(devices))} or more, so that syncs go on beside it. They are never written.`}
        actions={
          isOn &&
          maySync && (
            <PostForm intent="read-custom-fields" preventScrollReset>
              <SubmitButton intent="read-custom-fields" size="sm" variant="secondary">
                Read now
              </SubmitButton>
            </PostForm>
          )
        }
      />
      <CardBody className="space-y-3">
        {isOn && problem !== null && (
          <Callout tone={waitUntil === null ? "bad" : "warn"} title={problem.text}>
            {waitUntil === null ? problem.hint : <WaitText until={waitUntil} />}
          </Callout>
        )}
        <State fields={fields} />
        {mayManage && (
          <PostForm
            intent="custom-fields"
            preventScrollReset
            stored={interval}
            className="flex flex-wrap items-end gap-x-4 gap-y-3"
          >
            <input type="hidden" name="version" value={version} />
            <Field label="Read custom fields" error={refusal?.errors.customFields}>
              <Select name="customFields" defaultValue={interval} className="w-56">
                <option value="off">Never</option>
                {option("daily", "Daily")}
                {option("weekly", "Weekly")}
              </Select>
            </Field>
            <SubmitButton intent="custom-fields" variant="secondary">
              Save
            </SubmitButton>
          </PostForm>
        )}
      </CardBody>
    </Card>
  );
}

const readingMs = (devices: number) => Math.ceil((devices + 1) / READ_A_MINUTE) * 60_000;

const WaitText = ({ until }: { until: string }) => (
  <>
    The reading goes on <RelativeTime at={until} />.
  </>
);

function State({
  fields: { interval, fields, adminOnly, underWay, last, nextDueAt },
}: Pick<FieldReadingCardProps, "fields">) {
  const known =
    fields === 0
      ? []
      : [
          [
            "Fields",
            `${formatNumber(fields)}${adminOnly === 0 ? "" : `, ${formatNumber(adminOnly)} shown to administrators only`}`,
          ] as const,
        ];
  const rows = [
    ...known,
    [
      "Now",
      interval === "off"
        ? "not read"
        : underWay === null
          ? ["the next reading ", <RelativeTime key="next" at={nextDueAt} absent="within a minute" />]
          : `${formatNumber(underWay.read)} of ${count(underWay.total, "device")} read`,
    ] as const,
    [
      "Last reading",
      last === null ? "none yet" : [<RelativeTime key="ended" at={last.endedAt} />, lastText(last)],
    ] as const,
  ];
  return <Figures rows={rows} />;
}

function lastText({ total, read, failed }: NonNullable<FieldReadingCardProps["fields"]["last"]>): string {
  if (total === null) return ", no device was read";
  if (total === 0) return ", there was nothing to read";
  const lost = failed === 0 ? "" : `, ${formatNumber(failed)} could not be read`;
  return `: ${formatNumber(read ?? 0)} of ${count(total, "device")}${lost}`;
}
