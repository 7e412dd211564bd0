import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { count, formatDuration, formatNumber } from "@domain/format";
import { ACTIVE_ALERTS } from "@domain/sync-words";
import { Badge } from "~/ui/badge";
import { Absent, Card, CardBody, CardHeader, Fact, Facts } from "~/ui/card";
import { resourceLabels, triggerLabels } from "~/ui/labels";
import { connectionPath } from "~/ui/paths";
import { Table, Td, Th, Tr } from "~/ui/table";
import { ExactTime, RelativeTime, useClock } from "~/ui/time";

import { IgnoreButton } from "./ignore-button";
import { durationText, rateText } from "./run-figures";
import { RunTargetLink } from "./run-target-link";
import type { RunDetail } from "./runs.page.server";

type Detail = SerializeFrom<RunDetail>;

const columns = ["seen", "created", "updated", "unchanged", "skipped", "gone", "held", "failed"] as const;

/** The counts of each resource. */
export const RunResources = ({
  resources,
  isDryRun,
}: {
  resources: Detail["resources"];
  isDryRun: boolean;
}) => (
  <Card>
    <CardHeader
      title="Records"
      {...(isDryRun ? { description: "Counted as a full sync would count them; nothing was written." } : {})}
    />
    <Table label="Records by resource">
      <thead>
        <tr>
          <Th>Resource</Th>
          <Th className="text-right">Pages</Th>
          {columns.map((name) => (
            <Th key={name} className="text-right capitalize">
              {name}
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {resources.map((line) => (
          <Tr key={line.resource}>
            <Td className="font-medium">{resourceLabels[line.resource]}</Td>
            <Td className="text-right text-ink-muted">{formatNumber(line.pages)}</Td>
            {columns.map((name) => (
              <Td key={name} className="text-right">
                <Figure value={line[name]} bad={name === "failed" || name === "held"} />
              </Td>
            ))}
          </Tr>
        ))}
      </tbody>
    </Table>
  </Card>
);

const Figure = ({ value, bad }: { value: number; bad: boolean }) => {
  if (value === 0) return <span className="text-ink-faint">0</span>;
  return <span className={bad ? "font-medium text-warn" : ""}>{formatNumber(value)}</span>;
};

/** The requester of the run, its times and its costs. */
export function RunFacts({ run }: { run: Detail["run"] }) {
  const { now } = useClock();
  return (
    <Card>
      <CardHeader title="Run" />
      <CardBody>
        <Facts>
          <Fact name="Connection">
            <Link
              to={connectionPath({ provider: run.provider, id: run.connectionId })}
              className="hover:underline"
            >
              {run.integration}
            </Link>
          </Fact>
          <Fact name="Started by">
            {triggerLabels[run.trigger]}
            {run.actor !== run.trigger && <span className="text-ink-muted"> · {run.actor}</span>}
          </Fact>
          <Fact name="Requested">
            <ExactTime at={run.requestedAt} />
          </Fact>
          <Fact name="Ended">{run.endedAt === null ? null : <ExactTime at={run.endedAt} />}</Fact>
          <Fact name="Duration">{durationText(run, now)}</Fact>
          <Fact name="Rate">{rateText(run, now)}</Fact>
          <Fact name="Pages and requests">
            {count(run.pages, "page")}, {count(run.requests, "request")},{" "}
            {count(run.retries, "retry", "retries")}
          </Fact>
          <Fact name="Waited for rate limits">
            {run.rateLimitedMs === 0 ? "not at all" : formatDuration(run.rateLimitedMs)}
          </Fact>
          <Fact name="Executed as">
            {run.transport === "inngest"
              ? count(run.steps, "durable step")
              : "directly, in the calling process"}
          </Fact>
          <Fact name="Last sign of life">
            <RelativeTime at={run.heartbeatAt} absent="none yet" />
          </Fact>
          {run.pendingPatches !== null && (
            <Fact name="Pending updates counted">{formatNumber(run.pendingPatches)}</Fact>
          )}
          {run.itemsMissed !== null && (
            <Fact name="Missed by the webhook">
              {missedByWebhookText(run.itemsMissed, run.hasReceivedWebhook)}
            </Fact>
          )}
          {run.targetExternalId !== "" && run.targetExternalId !== ACTIVE_ALERTS && (
            <Fact name={run.type === "device" ? "Device" : "Alert"}>
              <RunTargetLink run={run} className="block [overflow-wrap:anywhere]" />
              <code className="font-mono text-xs break-all text-ink-faint">{run.targetExternalId}</code>
            </Fact>
          )}
        </Facts>
        <p className="mt-4 text-xs text-ink-faint">
          Execution key <code className="font-mono break-all">{run.key}</code>
        </p>
      </CardBody>
    </Card>
  );
}

/** Records and fields that could not be stored, each with the reason. */
export const RunIssues = ({ detail, mayIgnore }: { detail: Detail; mayIgnore: boolean }) => (
  <Card>
    <CardHeader
      title="Not imported"
      description={`${count(detail.issueTotals.records, "record")} left out, ${count(detail.issueTotals.fields, "field")} of others left out${detail.issueTotals.ignored > 0 ? `, ${count(detail.issueTotals.ignored, "ignored record", "ignored records")}` : ""}. Everything else went on.`}
    />
    <Table label="Records and fields not imported">
      <thead>
        <tr>
          <Th>Record</Th>
          <Th>What</Th>
          <Th>Reason</Th>
        </tr>
      </thead>
      <tbody>
        {detail.issues.map((issue) => (
          <Tr key={issue.id}>
            <Td className="max-w-64">
              <span className="block truncate">{issue.name ?? <Absent />}</span>
              <code
                className="block truncate font-mono text-xs text-ink-faint"
                title={issue.externalId ?? undefined}
              >
                {issue.externalId ?? "no id"}
              </code>
            </Td>
            <Td>
              <Badge tone={issue.severity === "record" && !issue.isIgnored ? "bad" : "neutral"}>
                {issue.isIgnored ? "ignored" : issue.severity}
              </Badge>
              <span className="block text-xs text-ink-faint">
                {resourceLabels[issue.resource]}
                {issue.field !== null && `, ${issue.field}`}
              </span>
            </Td>
            <Td className="min-w-48 text-ink-muted">
              <span className="flex flex-wrap items-center justify-between gap-2">
                {issue.reason}
                {mayIgnore && issue.mayBeIgnored && !issue.isIgnored && (
                  <IgnoreButton issueId={issue.id} name={issue.name} />
                )}
              </span>
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
    {detail.issues.length <
      detail.issueTotals.records + detail.issueTotals.ignored + detail.issueTotals.fields && (
      <p className="border-t border-line px-4 py-2.5 text-xs text-ink-muted">
        The first {formatNumber(detail.issues.length)} are shown; the download has all.
      </p>
    )}
  </Card>
);

const missedByWebhookText = (missed: number, wasReceiving: boolean): string => {
  if (missed > 0) return count(missed, "opened or closed alert");
  return wasReceiving ? "nothing" : "no webhook had been received yet";
};
