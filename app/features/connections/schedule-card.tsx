import type { SerializeFrom } from "@remix-run/node";

import type { ScheduleStatus } from "@domain/schedule";
import {
  PAUSE_AFTER_FAILURES,
  scheduledRuns,
  WARN_AFTER_FAILURES,
  type ScheduledKind,
} from "@domain/schedule-limits";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { Checkbox, Field, Select } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import { RelativeTime } from "~/ui/time";

import type { ConnectionSettings } from "./integrations.page.server";
import type { FormProblem } from "~/platform/http/form.server";

/** A number of minutes as text. */
function intervalText(minutes: number): string {
  const units: [number, string][] = [
    [24 * 60, "day"],
    [60, "hour"],
    [1, "minute"],
  ];
  const [size, unit] = units.find(([length]) => minutes % length === 0 && minutes >= length) ?? [1, "minute"];
  const n = minutes / size;
  return n === 1 ? `every ${unit}` : `every ${n} ${unit}s`;
}

const offered = [15, 30, 60, 120, 240, 360, 720, 1440, 2880, 10_080];
const offeredForAlerts = [5, 10, 15, 20, 30, 60];

const withCurrent = (choices: number[], current: number) =>
  [...new Set([...choices, current])].sort((a, b) => a - b);

type Schedule = SerializeFrom<ConnectionSettings>["schedule"];
type ShownSchedule = SerializeFrom<ScheduleStatus>;

export interface ScheduleCardProps {
  schedule: Schedule;
  version: string;
  statuses: ShownSchedule[];
  isDisconnected: boolean;
  mayManage: boolean;
  refusal: FormProblem | undefined;
}

/** The automatic sync: its interval, its next run, and whether it is on. */
export function ScheduleCard({
  schedule,
  version,
  statuses,
  isDisconnected,
  mayManage,
  refusal,
}: ScheduleCardProps) {
  const { fullSyncEnabled, fullSyncIntervalMinutes, alertsSyncIntervalMinutes } = schedule;
  const failing = statuses.filter(
    ({ mode, failuresInARow }) => mode === "running" && failuresInARow >= WARN_AFTER_FAILURES,
  );
  return (
    <Card>
      <CardHeader
        title="Schedule"
        description={
          isDisconnected ? (
            "Nothing runs while the account is disconnected."
          ) : (
            <ScheduleText schedule={schedule} statuses={statuses} />
          )
        }
      />
      {failing.map(({ kind, failuresInARow }) => (
        <CardBody key={kind}>
          <Callout tone="warn" title={`${failuresInARow} ${scheduledRuns[kind]} in a row failed`}>
            The schedule pauses after {PAUSE_AFTER_FAILURES}.
          </Callout>
        </CardBody>
      ))}
      {mayManage && (
        <CardBody>
          <PostForm
            intent="schedule"
            preventScrollReset
            stored={`${fullSyncEnabled}-${fullSyncIntervalMinutes}-${alertsSyncIntervalMinutes}`}
            className="flex flex-wrap items-end gap-x-4 gap-y-3"
          >
            <input type="hidden" name="version" value={version} />
            {refusal?.errors.schedule !== undefined && (
              <Callout tone="bad" alert className="w-full">
                {refusal.errors.schedule}
              </Callout>
            )}
            <IntervalField
              label="Full sync"
              name="minutes"
              choices={withCurrent(offered, fullSyncIntervalMinutes)}
              current={fullSyncIntervalMinutes}
              error={refusal?.errors.minutes}
            />
            <label className="flex h-8 items-center gap-2 text-sm">
              <Checkbox name="enabled" defaultChecked={fullSyncEnabled} />
              Automatic
            </label>
            <IntervalField
              label="Comparing alerts"
              name="alertsMinutes"
              choices={withCurrent(offeredForAlerts, alertsSyncIntervalMinutes)}
              current={alertsSyncIntervalMinutes}
              error={refusal?.errors.alertsMinutes}
            />
            <SubmitButton intent="schedule" variant="secondary">
              Save schedule
            </SubmitButton>
          </PostForm>
        </CardBody>
      )}
    </Card>
  );
}

function ScheduleText({ schedule, statuses }: Pick<ScheduleCardProps, "schedule" | "statuses">) {
  const intervals: Record<ScheduledKind, number> = {
    full: schedule.fullSyncIntervalMinutes,
    alerts: schedule.alertsSyncIntervalMinutes,
  };
  return (
    <>
      {statuses.map(({ kind, mode, next, isOverdue }) => (
        <span key={kind} className="block">
          {mode === "running" ? (
            <>
              {kind === "full" ? "A full sync runs" : "Active alerts are compared"}{" "}
              {intervalText(intervals[kind])}; the next {isOverdue ? "was" : "is"} due{" "}
              <RelativeTime at={next} absent="at once" />.
            </>
          ) : (
            stillText[kind][mode]
          )}
        </span>
      ))}
    </>
  );
}

/** Why a schedule does not run automatically. */
const stillText: Record<ScheduledKind, Record<Exclude<ShownSchedule["mode"], "running">, string>> = {
  full: {
    off: "Full syncs are switched off and run only when somebody starts them.",
    paused: "Full syncs are paused: none runs automatically until somebody resumes it.",
    stopped: "Nothing runs automatically until the account has a key that works.",
  },
  alerts: {
    off: "",
    paused: "Comparing alerts is paused until somebody resumes it.",
    stopped: "",
  },
};

interface IntervalFieldProps {
  label: string;
  name: string;
  choices: number[];
  current: number;
  error: string | undefined;
}

const IntervalField = ({ label, name, choices, current, error }: IntervalFieldProps) => (
  <Field label={label} error={error}>
    <Select name={name} defaultValue={current} className="w-44">
      {choices.map((minutes) => (
        <option key={minutes} value={minutes}>
          {intervalText(minutes)}
        </option>
      ))}
    </Select>
  </Field>
);
