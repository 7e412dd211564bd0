import type { SerializeFrom } from "@remix-run/node";
import { Play } from "lucide-react";

import type { ScheduleStatus } from "@domain/schedule";
import { Callout } from "~/ui/callout";
import { PostForm, SubmitButton } from "~/ui/form";
import { RelativeTime } from "~/ui/time";

interface ScheduleCalloutsProps {
  schedules: SerializeFrom<ScheduleStatus>[];
  mayManage: boolean;
}

/** Why a schedule does not run and what to do. One button resumes all paused schedules. */
export function ScheduleCallouts({ schedules, mayManage }: ScheduleCalloutsProps) {
  const paused = schedules.filter(({ mode }) => mode === "paused");
  const overdue = schedules.filter(({ isOverdue }) => isOverdue);
  return (
    <>
      {overdue.length > 0 && (
        <Callout tone="bad" title="Overdue: nothing runs automatically">
          {overdue.map(({ kind, next }) => (
            <p key={kind}>
              {kind === "full" ? "A full sync was due " : "A comparison of alerts was due "}
              <RelativeTime at={next} absent="from the start" /> and has not been started.
            </p>
          ))}
          <p>
            Whoever runs this server finds out why with <code>npm run cli -- doctor</code>.
          </p>
        </Callout>
      )}
      {paused.length > 0 && (
        <Callout
          tone="warn"
          title={
            paused.some(({ kind }) => kind === "full")
              ? "The schedule is paused"
              : "Comparing alerts is paused"
          }
          actions={
            mayManage && (
              <PostForm intent="resume" preventScrollReset>
                <SubmitButton intent="resume" variant="secondary" size="sm">
                  <Play aria-hidden />
                  Resume
                </SubmitButton>
              </PostForm>
            )
          }
        >
          {paused.map(({ kind, pausedReason }) => (
            <p key={kind}>{pausedReason}</p>
          ))}
        </Callout>
      )}
    </>
  );
}
