import { json, type MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { Ban, Download, RotateCcw } from "lucide-react";

import { guarded, guardedIntents, idParam, notFound } from "~/auth/guard.server";
import { allows } from "~/auth/permissions";
import { RunFacts, RunIssues, RunResources } from "~/components/runs/run-detail";
import { RunProgress } from "~/components/runs/run-progress";
import { RunStatusBadge } from "~/components/runs/run-status";
import { useLive } from "~/components/runs/use-live";
import { useRunFeed } from "~/components/runs/use-run-feed";
import { Callout } from "~/components/ui/callout";
import { Card } from "~/components/ui/card";
import { count } from "~/components/ui/format";
import { PostForm, SubmitButton } from "~/components/ui/form";
import { PageHeader } from "~/components/ui/page-header";
import { ClockProvider, useClock } from "~/components/ui/time";
import { isInFlight, resourceWords, syncTypeWords } from "~/components/words";
import { RUN_DETAILS_DAYS } from "~/domain/schedule-limits";
import { readRun } from "~/presenters/runs.server";
import { cancelSync, confirmHeldDevices, retryFailed } from "~/use-cases.server";
import { done } from "~/web/form.server";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: data === undefined ? "Plumbline" : `${syncTypeWords[data.run.type]} · Plumbline` },
];

export const loader = /* @__PURE__ */ guarded(
  { permission: "runs:read" },
  async ({ app, tenantId, params, user }) => {
    const detail = await readRun(app.db, tenantId, idParam(params, "runId"));
    if (detail === null) throw notFound();
    return json({
      ...detail,
      mayRun: allows(user.role, "syncs:run"),
      mayConfirm: allows(user.role, "integrations:manage"),
    });
  },
);

export const action = /* @__PURE__ */ guardedIntents({
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
    run: async ({ app, tenantId, params, user, inTenant, audit }) => {
      const runId = idParam(params, "runId");
      const outcome = await retryFailed(app.sync, { tenantId, runId }, user.email);
      const here = `/runs/${runId}`;
      switch (outcome.state) {
        case "unknown_run":
          throw notFound();
        case "nothing_failed":
          return done(here, "No device failed in this run.");
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
          const rest = more ? " The rest is best read by a full sync." : "";
          return done("/runs?type=device", `${count(queued + joined, "device")} asked for again.${rest}`);
        }
      }
    },
  },
  "confirm-gone": {
    permission: "integrations:manage",
    run: async ({ app, tenantId, params, inTenant, audit }) => {
      const runId = idParam(params, "runId");
      const outcome = await confirmHeldDevices(app.sync, { tenantId, runId });
      const here = `/runs/${runId}`;
      switch (outcome.state) {
        case "unknown_run":
          throw notFound();
        case "nothing_held":
          return done(here, "Nothing is held any more.");
        case "superseded":
          return done(here, "A newer sync has decided since: look at that one.");
        case "confirmed":
          await inTenant((tx) =>
            audit(tx, {
              action: "run.held_confirmed",
              targetType: "run",
              targetId: runId,
              details: { gone: outcome.gone },
            }),
          );
          return done(here, `${count(outcome.gone, "device")} marked as gone.`);
      }
    },
  },
});

export default function RunPage() {
  const detail = useLoaderData<typeof loader>();
  const { run, resources, issues, mayRun, mayConfirm } = detail;
  const live = isInFlight(run.status);
  const { told, isFlowing } = useRunFeed(live ? [run.id] : []);
  const clock = useClock();
  const news = told[run.id];
  const progress = news?.run ?? run;
  const hasJustEnded = live && !isInFlight(progress.status);
  // The table of records follows more slowly than the bar; without the feed everything is asked for.
  useLive(live, hasJustEnded ? 0 : isFlowing ? 3000 : 1000);
  return (
    <>
      <PageHeader
        back={{ to: "/runs", label: "Sync runs" }}
        title={syncTypeWords[run.type]}
        description={run.integration}
        badges={<RunStatusBadge status={run.status} />}
        actions={
          live &&
          mayRun && (
            <PostForm intent="cancel">
              <SubmitButton intent="cancel" variant="secondary" disabled={run.cancelRequestedAt !== null}>
                <Ban aria-hidden />
                {run.cancelRequestedAt === null ? "Cancel" : "Cancelling"}
              </SubmitButton>
            </PostForm>
          )
        }
      />
      <div className="space-y-5">
        {live && (
          <Card className="p-4">
            <ClockProvider now={news?.now ?? clock.now} timeZone={clock.timeZone}>
              <RunProgress run={progress} />
            </ClockProvider>
          </Card>
        )}
        {run.errorMessage !== null && (
          <Callout tone="bad" title={run.errorMessage}>
            {run.errorHint}
          </Callout>
        )}
        {run.degraded.map((part) => (
          <Callout key={part.resource} tone="warn" title={`${resourceWords[part.resource]}: ${part.reason}`}>
            {part.hint}
          </Callout>
        ))}
        {run.itemsHeld > 0 && (
          <Callout
            tone="warn"
            title={`${count(run.itemsHeld, "device")} held: not marked as gone`}
            actions={
              mayConfirm && (
                <PostForm intent="confirm-gone">
                  <SubmitButton intent="confirm-gone" variant="danger-quiet" size="sm">
                    They are gone
                  </SubmitButton>
                </PostForm>
              )
            }
          >
            Far fewer devices were listed than before, which may be a fault at the RMM. They stay as they are
            until you confirm it, or a later sync lists them again.
          </Callout>
        )}
        {issues.length === 0 && run.itemsFailed > 0 && !live && (
          <Callout tone="info">
            Single errors are kept for {RUN_DETAILS_DAYS} days. Of this run the sums are left.
          </Callout>
        )}
        {resources.length > 0 && <RunResources resources={resources} />}
        {issues.length > 0 && (
          <>
            <RunIssues detail={detail} />
            <p>
              <a
                href={`/runs/${run.id}/errors.csv`}
                className="inline-flex items-center gap-1.5 font-medium text-accent hover:underline"
              >
                <Download aria-hidden className="size-4" />
                Download all as CSV
              </a>
            </p>
            {mayRun && !live && detail.issueTotals.devices > 0 && (
              <PostForm intent="retry-failed">
                <SubmitButton intent="retry-failed" variant="secondary">
                  <RotateCcw aria-hidden />
                  Retry only the failed devices
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
