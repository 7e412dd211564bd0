import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { RunStatusBadge } from "~/features/sync-runs/run-status";
import { RunTargetLink } from "~/features/sync-runs/run-target-link";
import { Card } from "~/ui/card";
import { syncTypeLabels } from "~/ui/labels";
import { MoreLink } from "~/ui/more-link";
import { RelativeTime } from "~/ui/time";

import type { Overview } from "./overview.page.server";

/** The latest sync run in one line. */
export function LatestRun({ run }: { run: SerializeFrom<NonNullable<Overview["latestRun"]>> }) {
  return (
    <Card
      className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 text-sm"
      aria-label="Latest sync run"
    >
      <Link to={`/runs/${run.id}`} prefetch="intent" className="font-medium hover:underline">
        {syncTypeLabels[run.type]}
      </Link>
      <RunTargetLink run={run} />
      <RunStatusBadge status={run.status} />
      <span className="min-w-0 truncate text-ink-muted">
        {run.integration}, <RelativeTime at={run.endedAt ?? run.startedAt ?? run.requestedAt} />
      </span>
      <span className="ml-auto">
        <MoreLink to="/runs">All runs</MoreLink>
      </span>
    </Card>
  );
}
