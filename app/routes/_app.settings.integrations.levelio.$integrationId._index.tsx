import { useActionData, useLoaderData, useRouteLoaderData, useSearchParams } from "@remix-run/react";

import { guarded, guardedIntents, idParam } from "~/auth/guard.server";
import { allows } from "~/auth/permissions";
import { DisconnectQuestion } from "~/components/integrations/disconnect-form";
import { GoneCard } from "~/components/integrations/gone-card";
import { IdentityCard } from "~/components/integrations/identity-card";
import { KeyCard } from "~/components/integrations/key-card";
import { connectionPath } from "~/components/integrations/paths";
import { CheckSetupCard } from "~/components/integrations/probe-list";
import { refusalIn } from "~/components/integrations/refusal";
import { ScheduleCallouts } from "~/components/integrations/schedule-callouts";
import { ScheduleCard } from "~/components/integrations/schedule-card";
import { SetupGuide } from "~/components/integrations/setup-guide";
import { SummaryCard } from "~/components/integrations/summary-card";
import { SyncPanel } from "~/components/integrations/sync-panel";
import { TwinCallout } from "~/components/integrations/twin-callout";
import { useProgress } from "~/components/integrations/use-progress";
import { useLive } from "~/components/live/use-live";
import { Callout } from "~/components/ui/callout";
import { ClockProvider, useClock } from "~/components/ui/time";
import { isInFlight } from "~/components/words";
import { connectionIntents } from "~/integrations/connection-actions.server";
import { noSuchConnection } from "~/integrations/connection-context.server";
import { readConnectionSettings } from "~/presenters/integrations.server";

import type { loader as connectionLoader } from "./_app.settings.integrations.levelio.$integrationId";

export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read", provider: "levelio" },
  async ({ app, tenantId, params, user }) => {
    const settings = await readConnectionSettings(app.db, tenantId, idParam(params, "integrationId"));
    if (settings === null) throw noSuchConnection();
    return {
      ...settings,
      now: app.clock().getTime(),
      mayManage: allows(user.role, "integrations:manage"),
      maySync: allows(user.role, "syncs:run"),
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents(connectionIntents);

export default function ConnectionSettingsPage() {
  const { mayManage, maySync, ...settings } = useLoaderData<typeof loader>();
  const { connection } = useRouteLoaderData<typeof connectionLoader>(
    "routes/_app.settings.integrations.levelio.$integrationId",
  )!;
  const answer = useActionData<typeof action>();
  const refusal = refusalIn(answer);
  const [search] = useSearchParams();
  const { timeZone } = useClock();
  const path = connectionPath(connection.id);
  const { runs, now } = useProgress(`${path}/progress`, settings);
  // That a schedule is overdue is told by nobody.
  useLive(true, 60_000);
  const isDisconnected = connection.status === "disconnected";
  const keyCard = (
    <KeyCard
      apiKey={settings.key}
      isDisconnected={isDisconnected}
      mayManage={mayManage}
      mayTest={maySync}
      refusal={refusal}
      test={answer !== undefined && "test" in answer ? answer.test : undefined}
    />
  );
  return (
    <div className="space-y-5">
      {search.has("disconnect") && mayManage && !isDisconnected && (
        <DisconnectQuestion
          label={connection.label}
          assets={connection.counts.assets}
          path={path}
          refusal={refusal}
        />
      )}
      {refusal?.errors.sync !== undefined && (
        <Callout tone="bad" alert>
          {refusal.errors.sync}
        </Callout>
      )}
      {connection.status === "needs_attention" && (
        <Callout tone="bad" title="This connection needs attention">
          {connection.statusReason}
        </Callout>
      )}
      {connection.lastSyncError !== null && connection.status === "active" && (
        <Callout tone="bad" title={connection.lastSyncError}>
          {connection.lastSyncHint}
        </Callout>
      )}
      <TwinCallout label={connection.label} twins={settings.twins} />
      <ScheduleCallouts schedules={connection.schedules} mayManage={mayManage} />
      <SummaryCard connection={connection} />
      {isDisconnected ? (
        keyCard
      ) : (
        <SetupGuide
          steps={connection.guide}
          integrationId={connection.id}
          mayManage={mayManage}
          maySync={maySync}
          isBusy={runs.some((run) => isInFlight(run.status))}
        />
      )}
      <ClockProvider now={now} timeZone={timeZone}>
        <SyncPanel runs={runs} maySync={maySync} isDisconnected={isDisconnected} />
      </ClockProvider>
      <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-2">
        <div className="space-y-5">
          {!isDisconnected && keyCard}
          {!isDisconnected && maySync && (
            <CheckSetupCard probes={answer !== undefined && "probes" in answer ? answer.probes : undefined} />
          )}
          <GoneCard
            version={settings.versions.grace}
            graceDays={settings.goneGraceDays}
            mayManage={mayManage}
            refusal={refusal}
          />
        </div>
        <div className="space-y-5">
          <ScheduleCard
            schedule={settings.schedule}
            version={settings.versions.schedule}
            standings={connection.schedules}
            isDisconnected={isDisconnected}
            mayManage={mayManage && !isDisconnected}
            refusal={refusal}
          />
          {mayManage && (
            <IdentityCard
              version={settings.versions.name}
              label={connection.label}
              isDisconnected={isDisconnected}
              refusal={refusal}
            />
          )}
        </div>
      </div>
    </div>
  );
}
