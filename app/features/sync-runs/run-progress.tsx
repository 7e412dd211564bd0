import { count, formatNumber } from "@domain/format";
import { isInFlight, resourceLabels } from "~/ui/labels";
import { Progress } from "~/ui/progress";
import { ExactTime, useClock } from "~/ui/time";

import { durationText, percentDone, rateText, runTitle, type ShownRun } from "./run-figures";

/** The progress of an active run: a bar, pages, records, rate, time. */
export function RunProgress({ run }: { run: ShownRun }) {
  const { now } = useClock();
  if (!isInFlight(run.status)) return null;
  const rate = rateText(run, now);
  const facts = [
    stageText(run),
    run.pages > 0 && count(run.pages, "page"),
    run.itemsSeen > 0 &&
      (run.expectedItems
        ? `${formatNumber(run.itemsSeen)} of about ${formatNumber(run.expectedItems)}`
        : `${formatNumber(run.itemsSeen)} seen`),
    rate,
    run.startedAt !== null && durationText(run, now),
  ].filter((fact) => typeof fact === "string");
  return (
    <div className="space-y-2">
      <Progress label={`${runTitle(run)} of ${run.integration}`} percent={percentDone(run)} />
      <p className="text-xs text-ink-muted tabular-nums">{facts.join(" · ")}</p>
      {run.waitingUntil !== null && <Waiting until={run.waitingUntil} reason={run.waitingReason} now={now} />}
    </div>
  );
}

/** Why a run waits, and until when. */
function Waiting({ until, reason, now }: { until: string; reason: string | null; now: number }) {
  return (
    <p className="text-xs break-words text-warn">
      {reason !== null && `${reason.replace(/\.$/, "")} · `}
      {new Date(until).getTime() > now ? (
        <>
          next try at <ExactTime at={until} />
        </>
      ) : (
        "waits its turn"
      )}
    </p>
  );
}

function stageText(run: ShownRun): string {
  if (run.cancelRequestedAt !== null) return "Ends at the next page";
  if (run.status === "queued") return "Waiting to start";
  return run.stage !== null && run.stage in resourceLabels
    ? resourceLabels[run.stage as keyof typeof resourceLabels]
    : "Working";
}
