import type { SerializeFrom } from "@remix-run/node";

import { count, formatDuration, formatNumber } from "@domain/format";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { Figures } from "~/ui/figures";

import type { CallBudget } from "./call-budget.server";

/**
 * The connection's calls to the RMM: the forecast from its schedules, the counted calls, and the time lost to rate
 * limits.
 */
export function CallsCard({ calls }: { calls: SerializeFrom<CallBudget> }) {
  const {
    forecast,
    scheduledCalls,
    otherCalls,
    slowedRuns,
    rateLimits,
    runs,
    lostMs,
    inFlight,
    maxInFlight,
  } = calls;
  const rows: [string, string][] = [
    [
      "Forecast for the schedules",
      forecast === null ? "after the first scheduled run of each" : `${count(forecast, "call")} a day`,
    ],
    [
      "Last 24 hours",
      `${count(scheduledCalls, "call")} by schedule, ${formatNumber(otherCalls)} by people, rules and webhooks`,
    ],
    [
      "Slowed down by Level, 30 days",
      slowedRuns === 0
        ? "never"
        : `${formatNumber(slowedRuns)} of ${count(runs, "run")}, ${formatDuration(lostMs)} lost`,
    ],
    ["Answers “too many requests” (429), 30 days", formatNumber(rateLimits)],
    ["In flight now", `${inFlight} of at most ${maxInFlight}`],
  ];
  return (
    <Card>
      <CardHeader title="Calls to Level" />
      <CardBody>
        <Figures rows={rows} />
      </CardBody>
    </Card>
  );
}
