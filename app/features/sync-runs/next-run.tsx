import type { SerializeFrom } from "@remix-run/node";

import type { ScheduleStatus } from "@domain/schedule";
import { RelativeTime } from "~/ui/time";

/** When a schedule runs next, or why it does not run. */
export function NextRun({ schedule }: { schedule: SerializeFrom<ScheduleStatus> }) {
  switch (schedule.mode) {
    case "off":
      return <>by hand only</>;
    case "paused":
      return <>{schedule.pausedReason ?? "paused"}</>;
    case "stopped":
      return <>not while there is no key that works</>;
    case "running":
      return schedule.isOverdue ? (
        <span className="font-medium text-bad">
          overdue, was due <RelativeTime at={schedule.next} absent="from the start" />
        </span>
      ) : (
        <RelativeTime at={schedule.next} absent="at once" />
      );
  }
}
