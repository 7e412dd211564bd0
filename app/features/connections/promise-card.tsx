import type { SerializeFrom } from "@remix-run/node";

import { promiseLimits } from "@domain/freshness-promise";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { ColumnChart, type Column } from "~/ui/column-chart";
import { Checkbox, Field, Input } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import { RelativeTime } from "~/ui/time";

import type { FormProblem } from "~/platform/http/form.server";
import type { FreshnessPromise } from "./freshness-promise.server";

interface PromiseCardProps {
  promise: SerializeFrom<FreshnessPromise>;
  mayManage: boolean;
  refusal: FormProblem | undefined;
}

const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

const withinText = (hours: number) => (hours === 1 ? "an hour" : `${hours} hours`);

/** A share as a percentage, rounded down, so that less than all is never "100 %". */
const percentText = (share: number) => `${Math.floor(share * 100)} %`;

/** The connection's promise of freshness, the used part of the allowed misses, and the settings. */
export function PromiseCard({ promise, mayManage, refusal }: PromiseCardProps) {
  const { percent, hours, isOn, used, brokenSince } = promise;
  return (
    <Card>
      <CardHeader
        title="Promise of freshness"
        description={
          percent === null
            ? "Nothing is promised."
            : isOn
              ? `${percent} % of the devices confirmed within ${withinText(hours)}.`
              : "Nothing is promised while full syncs do not run by themselves."
        }
      />
      {isOn && (
        <CardBody className="space-y-4">
          {brokenSince !== null && (
            <Callout tone="warn" title="Devices are not confirmed in time">
              Since <RelativeTime at={brokenSince} absent="now" />. It counts as mended when the promise has
              been kept for longer than {withinText(hours)}.
            </Callout>
          )}
          {used === null ? (
            <p className="text-ink-muted">Looked at from the first full sync on.</p>
          ) : (
            <p>
              <span className="text-2xl font-semibold tracking-tight tabular-nums">{usedText(used)}</span>{" "}
              <span className="text-sm text-ink-muted">of the misses used that 30 days allow</span>
            </p>
          )}
          <PromiseChart promise={promise} />
        </CardBody>
      )}
      {mayManage && <PromiseForm promise={promise} refusal={refusal} />}
    </Card>
  );
}

const usedText = (used: number) => `${Math.ceil(used * 100)} %`;

const PromiseChart = ({ promise: { days: ofDays, percent } }: Pick<PromiseCardProps, "promise">) => (
  <ColumnChart
    label="Devices confirmed in time, by day"
    columns={ofDays.map(({ day, kept }): Column => ({
      label: days.format(new Date(day)),
      value: kept,
      text: kept === null ? "not recorded" : percentText(kept),
      tone: kept === null ? "neutral" : kept * 100 >= (percent ?? 0) ? "good" : "bad",
    }))}
    highest={1}
    ticks={[
      [0, "0 %"],
      [0.5, "50 %"],
      [1, "100 %"],
    ]}
  />
);

const PromiseForm = ({
  promise: { percent, chosenHours, hours, version },
  refusal,
}: Pick<PromiseCardProps, "promise" | "refusal">) => (
  <CardBody>
    <PostForm
      intent="promise"
      preventScrollReset
      stored={`${percent}-${chosenHours}`}
      className="flex flex-wrap items-end gap-x-4 gap-y-3"
    >
      <input type="hidden" name="version" value={version} />
      {refusal?.errors.promise !== undefined && (
        <Callout tone="bad" alert className="w-full">
          {refusal.errors.promise}
        </Callout>
      )}
      <label className="flex h-8 items-center gap-2 text-sm">
        <Checkbox name="promised" defaultChecked={percent !== null} />
        Promise it
      </label>
      <Field label="Share of the devices, in percent" error={refusal?.errors.percent}>
        <Input
          type="number"
          name="percent"
          min={promiseLimits.percent.min}
          max={promiseLimits.percent.max}
          step={1}
          required
          defaultValue={refusal?.values.percent ?? percent ?? promiseLimits.percent.default}
          className="w-44"
        />
      </Field>
      <Field label="Within hours" error={refusal?.errors.hours}>
        <Input
          type="number"
          name="hours"
          min={promiseLimits.hours.min}
          max={promiseLimits.hours.max}
          step={1}
          placeholder={`${hours}, by the schedule`}
          defaultValue={refusal?.values.hours ?? chosenHours ?? ""}
          className="w-44"
        />
      </Field>
      <SubmitButton intent="promise" variant="secondary">
        Save promise
      </SubmitButton>
    </PostForm>
  </CardBody>
);
