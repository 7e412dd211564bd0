import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";
import { ArrowRight } from "lucide-react";

import { changeLabel } from "~/features/asset-history/change-labels";
import { RunProgress } from "~/features/sync-runs/run-progress";
import { Callout } from "~/ui/callout";
import { Absent, Card, CardBody, CardHeader } from "~/ui/card";
import { isInFlight, resourceLabels } from "~/ui/labels";
import { useLive } from "~/ui/live/use-live";

import type { Refresh } from "./refresh.page.server";

interface RefreshCalloutProps {
  refresh: SerializeFrom<Refresh>;
  assetId: string;
  /** The present status. */
  agentStatus: string | null;
}

/** The state of a refresh that was requested on the asset's page, then what it changed or why it failed. */
export function RefreshCallout({ refresh, assetId, agentStatus }: RefreshCalloutProps) {
  const { run } = refresh;
  return isInFlight(run.status) ? (
    <UnderWay run={run} />
  ) : (
    <div className="mb-5 space-y-3" role="status" aria-label="Refresh">
      {run.status === "failed" || run.status === "cancelled" ? (
        <Callout
          tone={run.status === "failed" ? "bad" : "info"}
          title={
            run.status === "failed"
              ? `The refresh failed: ${run.errorMessage ?? "the run ended without a reason."}`
              : "The refresh was cancelled."
          }
          actions={<Ways runId={run.id} assetId={assetId} />}
        >
          {run.errorHint}
        </Callout>
      ) : (
        <Outcome refresh={refresh} assetId={assetId} agentStatus={agentStatus} />
      )}
    </div>
  );
}

function UnderWay({ run }: Pick<SerializeFrom<Refresh>, "run">) {
  useLive(["runs"], true);
  return (
    <Card className="mb-5">
      <CardHeader title="Reading this asset from the RMM" />
      <CardBody>
        <RunProgress run={run} />
        <noscript>
          <p className="mt-2 text-sm text-ink-muted">Reload this page to see what it found.</p>
        </noscript>
      </CardBody>
    </Card>
  );
}

function Outcome({ refresh: { run, issues, changes, wasAgent }, assetId, agentStatus }: RefreshCalloutProps) {
  const rows = [
    ...(wasAgent === null || wasAgent === agentStatus
      ? []
      : [{ id: "agent", field: "Agent", before: wasAgent, after: agentStatus }]),
    ...changes.map(({ id, field, before, after }) => ({ id, field: changeLabel(field), before, after })),
  ];
  const records = issues.filter((issue) => issue.severity === "record");
  const troubles = [
    ...run.degraded.map((part) => ({
      title: `${resourceLabels[part.resource]}: ${part.reason}`,
      hint: part.hint,
    })),
    ...records.map((issue) => ({
      title: `${resourceLabels[issue.resource]}${issue.name === null ? "" : `, ${issue.name}`}: ${issue.reason}`,
      hint: "This record was left as it was. Correct it in the RMM, then refresh again.",
    })),
  ];
  const isRefused = records.some((issue) => issue.resource === "devices");
  return (
    <>
      {troubles.map(({ title, hint }) => (
        <Callout key={title} tone="warn" title={title}>
          {hint}
        </Callout>
      ))}
      {!(isRefused && rows.length === 0) && (
        <Callout
          tone="good"
          title={rows.length === 0 ? "Nothing changed" : "What the refresh changed"}
          actions={<Ways runId={run.id} assetId={assetId} />}
        >
          {rows.length === 0 ? (
            "The RMM reports what is shown here."
          ) : (
            <ul className="mt-1 space-y-0.5">
              {rows.map(({ id, field, before, after }) => (
                <li key={id} className="flex flex-wrap items-center gap-x-2 [overflow-wrap:anywhere]">
                  <span className="font-medium text-ink">{field}:</span>
                  <span>{before ?? <Absent />}</span>
                  <ArrowRight aria-label="became" className="size-3.5 shrink-0" />
                  <span className="text-ink">{after ?? <Absent />}</span>
                </li>
              ))}
            </ul>
          )}
        </Callout>
      )}
    </>
  );
}

const Ways = ({ runId, assetId }: { runId: string; assetId: string }) => (
  <>
    <Link to={`/runs/${runId}`} className="text-sm font-medium text-accent hover:underline">
      Sync run
    </Link>
    <Link
      to={`/assets/${assetId}`}
      preventScrollReset
      className="text-sm font-medium text-accent hover:underline"
    >
      Close
    </Link>
  </>
);
