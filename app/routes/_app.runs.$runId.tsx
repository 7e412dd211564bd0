import { json, type MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { RotateCcw } from "lucide-react";

import { count } from "@domain/format";
import { allows } from "@domain/permissions";
import { guarded, guardedIntents, idParam, notFound, permits } from "~/auth/guard.server";
import { cancelSync } from "~/features/sync-execution/cancel-sync.server";
import { ApplyCallout } from "~/features/sync-runs/apply-callout";
import { applyDryRun } from "~/features/sync-runs/apply-dry-run.server";
import { DivergenceCard } from "~/features/sync-runs/divergence-card";
import { HeldCallout } from "~/features/sync-runs/held-callout";
import { ignoreForm } from "~/features/sync-runs/forms.server";
import { ignoreRecord } from "~/features/sync-runs/ignored-records.server";
import { PlanCard } from "~/features/sync-runs/plan-card";
import { planFilterOf, readDivergences, readPlan } from "~/features/sync-runs/plan.page.server";
import { retryFailed } from "~/features/sync-runs/retry-failed.server";
import { RunActions } from "~/features/sync-runs/run-actions";
import { RunFacts, RunIssues, RunResources } from "~/features/sync-runs/run-detail";
import { runTitle, targetPath } from "~/features/sync-runs/run-figures";
import { RunProgress } from "~/features/sync-runs/run-progress";
import { RunStatusBadge } from "~/features/sync-runs/run-status";
import { readRun } from "~/features/sync-runs/runs.page.server";
import { actorOf } from "~/platform/actor";
import { done, parseForm } from "~/platform/http/form.server";
import { Callout } from "~/ui/callout";
import { Card } from "~/ui/card";
import { DownloadLink } from "~/ui/download-link";
import { PostForm, SubmitButton } from "~/ui/form";
import { isInFlight, resourceLabels } from "~/ui/labels";
import { useLive } from "~/ui/live/use-live";
import { PageHeader } from "~/ui/page-header";
import { ExactTime } from "~/ui/time";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: !data ? "Plumbline" : `${runTitle(data.run)} · Plumbline` },
];

export const loader = /* @__PURE__ */ guarded({ permission: "runs:read" }, async (context) => {
  const { app, tenantId, params, url, user } = context;
  const detail = await readRun(app.db, tenantId, idParam(params, "runId"));
  if (detail === null) throw notFound();
  const { run } = detail;
  const { filter, values } = planFilterOf(url.searchParams);
  const hasCompleted = run.status === "completed" || run.status === "completed_with_errors";
  const plan =
    run.type === "dry_run" && hasCompleted
      ? await readPlan(app.db, tenantId, run, filter, url.searchParams)
      : null;
  const divergences =
    run.appliesRunId !== null && hasCompleted
      ? await readDivergences(
          app.db,
          { tenantId, runId: run.id, appliesRunId: run.appliesRunId },
          url.searchParams,
        )
      : null;
  return json({
    ...detail,
    plan,
    divergences,
    values,
    mayCancel: allows(user.role, "syncs:run"),
    mayUndo: allows(user.role, "assets:write"),
    mayStart: permits(context, { permission: "syncs:run", provider: "levelio" }),
  });
});

export const action = /* @__PURE__ */ guardedIntents({
  // Asks for no provider: a running sync can be cancelled even if the tenant has lost its provider.
  cancel: {
    permission: "syncs:run",
    run: async ({ app, tenantId, params, inTenant, audit }) => {
      const runId = idParam(params, "runId");
      const outcome = await cancelSync(app.sync, { tenantId, runId });
      const here = `/runs/${runId}`;
      switch (outcome.state) {
        case "unknown_run":
          throw notFound();
        case "already_ended":
          return done(here, "The run had ended already.");
        case "cancelled":
        case "cancelling":
          await inTenant((tx) => audit(tx, { action: "run.cancelled", targetType: "run", targetId: runId }));
          return done(here, outcome.state === "cancelled" ? "Cancelled." : "The run ends at its next page.");
      }
    },
  },
  "retry-failed": {
    permission: "syncs:run",
    provider: "levelio",
    run: async ({ app, tenantId, params, user, inTenant, audit }) => {
      const runId = idParam(params, "runId");
      const outcome = await retryFailed(app.sync, { tenantId, runId }, user.email);
      const here = `/runs/${runId}`;
      switch (outcome.state) {
        case "unknown_run":
          throw notFound();
        case "nothing_failed":
          return done(here, "Nothing that failed in this run can be retried on its own.");
        case "still_running":
          return done(here, "The run is still under way.");
        case "disconnected":
          return done(here, "This account is disconnected. Enter a key first.");
        case "queued": {
          const { queued, joined, more } = outcome;
          await inTenant((tx) =>
            audit(tx, {
              action: "run.failed_retried",
              targetType: "run",
              targetId: runId,
              details: { queued },
            }),
          );
          const rest = more ? " For the rest, run a full sync." : "";
          return done("/runs", `Asked for again, by ${count(queued + joined, "run")}.${rest}`);
        }
      }
    },
  },
  ignore: {
    permission: "syncs:run",
    provider: "levelio",
    run: async (context) => {
      const { app, tenantId, params, form } = context;
      const runId = idParam(params, "runId");
      const parsed = parseForm(ignoreForm, form);
      if (!parsed.ok)
        throw new Response("This form is not recognised. Load the page again.", { status: 400 });
      const { issue: issueId, note } = parsed.data;
      const outcome = await ignoreRecord(app.sync, { tenantId, runId, issueId }, note, actorOf(context));
      switch (outcome.state) {
        case "ignored":
          return done(`/runs/${runId}`, "Ignored from the next sync on, until it changes.");
        case "already":
          return done(`/runs/${runId}`, "This record is ignored already.");
        case "unknown_record":
          throw notFound("This record does not exist or was removed.");
      }
    },
  },
  apply: {
    permission: "syncs:run",
    provider: "levelio",
    run: async (context) => {
      const { app, tenantId, params } = context;
      const runId = idParam(params, "runId");
      const outcome = await applyDryRun(app.sync, { tenantId, runId }, actorOf(context));
      const here = `/runs/${runId}`;
      switch (outcome.state) {
        case "queued":
          return done(`/runs/${outcome.run.id}`, "The full sync has started. It ends with a comparison.");
        case "busy":
          return done(
            `/runs/${outcome.runId}`,
            "Not applied: this full sync is under way already, and does not follow the plan. Apply it afterwards.",
          );
        case "not_ready":
          return done(here, "Not applied: this dry run has not completed.");
        case "disconnected":
          return done(here, "This account is disconnected. Enter a key first.");
        case "unknown_run":
        case "unknown_integration":
          throw notFound();
      }
    },
  },
});

export default function RunPage() {
  const detail = useLoaderData<typeof loader>();
  const { run, resources, issues, mayCancel, mayStart, mayUndo } = detail;
  const { plan, divergences, values } = detail;
  const isDryRun = run.type === "dry_run";
  const live = isInFlight(run.status);
  useLive(live ? ["runs"] : [], live);
  return (
    <>
      <PageHeader
        back={{ to: "/runs", label: "Sync runs" }}
        title={runTitle(run)}
        description={
          <>
            {run.integration}
            {targetPath(run) !== null && (
              <>
                {" · "}
                <Link to={targetPath(run)!} className="font-medium text-accent hover:underline">
                  {run.type === "device" ? "Open the asset" : "Open the alert"}
                </Link>
              </>
            )}
          </>
        }
        badges={<RunStatusBadge status={run.status} />}
        actions={<RunActions run={run} isLive={live} mayCancel={mayCancel} mayUndo={mayUndo} />}
      />
      <div className="space-y-5">
        {live && (
          <Card className="p-4">
            <RunProgress run={run} />
          </Card>
        )}
        {run.undoneAt !== null && (
          <Callout tone="info" title="Undone">
            {run.undoneBy} put back what this run changed of your assets on <ExactTime at={run.undoneAt} />.
          </Callout>
        )}
        {run.errorMessage !== null && (
          <Callout tone="bad" title={run.errorMessage}>
            {run.errorHint}
          </Callout>
        )}
        {run.degraded.map((part) => (
          <Callout key={part.reason} tone="warn" title={`${resourceLabels[part.resource]}: ${part.reason}`}>
            {part.hint}
          </Callout>
        ))}
        <HeldCallout runId={run.id} itemsHeld={run.itemsHeld} waiting={detail.held} />
        {plan !== null && (
          <>
            <ApplyCallout endedAt={run.endedAt} since={plan.since} mayApply={mayStart} />
            <PlanCard runId={run.id} plan={plan} values={values} />
          </>
        )}
        {divergences !== null && (
          <DivergenceCard
            appliesRunId={run.appliesRunId!}
            total={run.divergences}
            divergences={divergences}
          />
        )}
        {isDryRun && plan === null && !live && (
          <Callout tone="info" title="Nothing was written.">
            This dry run did not come to its end, so there is no plan to look at.
          </Callout>
        )}
        {issues.length === 0 && run.itemsFailed > 0 && !live && (
          <Callout tone="info">The single errors of this run are no longer kept; the sums are left.</Callout>
        )}
        {resources.length > 0 && <RunResources resources={resources} isDryRun={isDryRun} />}
        {issues.length > 0 && (
          <>
            <RunIssues detail={detail} mayIgnore={mayStart && !live} />
            <p>
              <DownloadLink href={`/runs/${run.id}/errors.csv`}>Download all as CSV</DownloadLink>
            </p>
            {mayStart && !live && !isDryRun && detail.mayRetry && (
              <PostForm intent="retry-failed">
                <SubmitButton intent="retry-failed" variant="secondary">
                  <RotateCcw aria-hidden />
                  Retry only the failed ones
                </SubmitButton>
              </PostForm>
            )}
          </>
        )}
        <RunFacts run={run} />
      </div>
    </>
  );
}
