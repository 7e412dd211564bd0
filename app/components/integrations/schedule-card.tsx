import type { SerializeFrom } from "@remix-run/node";

import type { ConnectionSettings } from "~/presenters/integrations.server";

import { Card, CardBody, CardHeader } from "../ui/card";
import { Checkbox, Field, Select } from "../ui/field";
import { PostForm, SubmitButton } from "../ui/form";
import { RelativeTime } from "../ui/time";
import type { Refusal } from "./refusal";

/** Minutes, as people say them. */
export function intervalText(minutes: number): string {
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

export interface ScheduleCardProps {
  schedule: SerializeFrom<ConnectionSettings>["schedule"];
  isDisconnected: boolean;
  mayManage: boolean;
  refusal: Refusal | undefined;
}

/** How often everything is read by itself. */
export function ScheduleCard({ schedule, isDisconnected, mayManage, refusal }: ScheduleCardProps) {
  const { fullSyncEnabled, fullSyncIntervalMinutes, nextFullSyncAt } = schedule;
  const choices = [...new Set([...offered, fullSyncIntervalMinutes])].sort((a, b) => a - b);
  const description = isDisconnected ? (
    "Nothing runs while the account is disconnected."
  ) : fullSyncEnabled ? (
    <>
      A full sync runs {intervalText(fullSyncIntervalMinutes)}; the next is due{" "}
      <RelativeTime at={nextFullSyncAt} absent="at once" />.
    </>
  ) : (
    "Switched off: syncs run only when somebody starts them."
  );
  return (
    <Card>
      <CardHeader title="Schedule" description={description} />
      {mayManage && (
        <CardBody>
          <PostForm
            intent="schedule"
            preventScrollReset
            // Shows what is stored after it was changed elsewhere.
            key={`${fullSyncEnabled}-${fullSyncIntervalMinutes}`}
            className="flex flex-wrap items-end gap-x-4 gap-y-3"
          >
            <Field label="Full sync" error={refusal?.errors.minutes}>
              <Select name="minutes" defaultValue={fullSyncIntervalMinutes} className="w-44">
                {choices.map((minutes) => (
                  <option key={minutes} value={minutes}>
                    {intervalText(minutes)}
                  </option>
                ))}
              </Select>
            </Field>
            <label className="flex h-8 items-center gap-2 text-sm">
              <Checkbox name="enabled" defaultChecked={fullSyncEnabled} />
              By itself
            </label>
            <SubmitButton intent="schedule" variant="secondary">
              Save schedule
            </SubmitButton>
          </PostForm>
        </CardBody>
      )}
    </Card>
  );
}
