import { useActionData, useLoaderData, useRouteLoaderData, useSearchParams } from "@remix-run/react";

import { allows } from "@domain/permissions";
import { guarded, guardedIntents, idParam } from "~/auth/guard.server";
import { readCallBudget } from "~/features/connections/call-budget.server";
import { AutomationsCard } from "~/features/connections/automations-card";
import { CallsCard } from "~/features/connections/calls-card";
import { connectionPageIntents } from "~/features/connections/custom-field-actions.server";
import { FieldReadingCard } from "~/features/connections/field-reading-card";
import { readCustomFieldCard } from "~/features/connections/custom-fields.page.server";
import { noSuchConnection } from "~/features/connections/context.server";
import { DisconnectQuestion } from "~/features/connections/disconnect-form";
import { DuplicateCallout } from "~/features/connections/duplicate-callout";
import { GoneCard } from "~/features/connections/gone-card";
import { IdentityCard } from "~/features/connections/identity-card";
import { IgnoredCard } from "~/features/connections/ignored-card";
import { readConnectionSettings } from "~/features/connections/integrations.page.server";
import { KeyCard } from "~/features/connections/key-card";
import { levelPath } from "~/features/connections/paths";
import { CheckSetupCard } from "~/features/connections/probe-list";
import { refusalIn } from "~/features/connections/refusal";
import { readPromise } from "~/features/connections/freshness-promise.server";
import { PromiseCard } from "~/features/connections/promise-card";
import { ScheduleCallouts } from "~/features/connections/schedule-callouts";
import { ScheduleCard } from "~/features/connections/schedule-card";
import { SetupGuide } from "~/features/connections/setup-guide";
import { SummaryCard } from "~/features/connections/summary-card";
import { SyncPanel } from "~/features/sync-runs/sync-panel";
import { useProgress } from "~/features/sync-runs/use-progress";
import { Callout } from "~/ui/callout";
import { isInFlight } from "~/ui/labels";
import { ClockProvider, useClock } from "~/ui/time";

import type { loader as connectionLoader } from "./_app.settings.integrations.levelio.$connectionId";

export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read", provider: "levelio" },
  async ({ app, tenantId, params, user }) => {
    const connectionId = idParam(params, "connectionId");
    const settings = await readConnectionSettings(app.db, tenantId, connectionId);
    const calls = await readCallBudget({ ...app.sync, db: app.db }, { tenantId, connectionId });
    const promise = await readPromise({ db: app.db, clock: app.clock }, { tenantId, connectionId });
    if (settings === null || calls === null || promise === null) throw noSuchConnection();
    return {
      ...settings,
      calls,
      promise,
      customFields: await readCustomFieldCard(app.db, { tenantId, connectionId }),
      now: app.clock().getTime(),
      mayManage: allows(user.role, "integrations:manage"),
      mayManageAutomations: allows(user.role, "automations:manage"),
      maySync: allows(user.role, "syncs:run"),
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents(connectionPageIntents);

export default function ConnectionSettingsPage() {
  const { mayManage, mayManageAutomations, maySync, ...settings } = useLoaderData<typeof loader>();
  const { connection } = useRouteLoaderData<typeof connectionLoader>(
    "routes/_app.settings.integrations.levelio.$connectionId",
  )!;
  const answer = useActionData<typeof action>();
  const refusal = refusalIn(answer);
  const [search] = useSearchParams();
  const { timeZone } = useClock();
  const path = levelPath(connection.id);
  const { runs, now } = useProgress(`${path}/progress`, settings);
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
      <DuplicateCallout label={connection.label} duplicates={settings.duplicates} />
      <ScheduleCallouts schedules={connection.schedules} mayManage={mayManage} />
      <SummaryCard connection={connection} />
      {isDisconnected ? (
        keyCard
      ) : (
        <SetupGuide
          steps={connection.guide}
          connectionId={connection.id}
          mayManage={mayManage}
          maySync={maySync}
          isBusy={runs.some((run) => isInFlight(run.status))}
        />
      )}
      <ClockProvider now={now} timeZone={timeZone}>
        <SyncPanel runs={runs} maySync={maySync} isDisconnected={isDisconnected} />
      </ClockProvider>
      <IgnoredCard ignored={settings.ignored} maySync={maySync} />
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
            statuses={connection.schedules}
            isDisconnected={isDisconnected}
            mayManage={mayManage && !isDisconnected}
            refusal={refusal}
          />
          {!isDisconnected && (
            <PromiseCard promise={settings.promise} mayManage={mayManage} refusal={refusal} />
          )}
          {!isDisconnected && <CallsCard calls={settings.calls} />}
          {!isDisconnected && (
            <FieldReadingCard
              fields={settings.customFields}
              mayManage={mayManage}
              maySync={maySync}
              refusal={refusal}
            />
          )}
          {!isDisconnected && (
            <AutomationsCard isAllowed={settings.rulesStartAutomations} mayManage={mayManageAutomations} />
          )}
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
