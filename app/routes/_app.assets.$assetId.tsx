import { redirect, type MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { Pencil, RefreshCw } from "lucide-react";

import { allows } from "@domain/permissions";
import { guarded, guardedIntents, idParam, notFound } from "~/auth/guard.server";
import { readChanges } from "~/features/asset-history/history.page.server";
import { AgentStatusBadge } from "~/features/assets/agent-status";
import { AlertsCard } from "~/features/assets/alerts-card";
import { readAsset, UPDATES_PAGE_SIZE } from "~/features/assets/assets.page.server";
import { fieldLabels } from "~/features/assets/field-labels";
import { seenDifferences } from "~/features/assets/forms.server";
import { CustomFieldsCard } from "~/features/assets/custom-fields-card";
import { readAssetCustomFields } from "~/features/assets/custom-fields.page.server";
import { DisksCard, HardwareCard } from "~/features/assets/hardware-card";
import { HistoryCard } from "~/features/assets/history-card";
import { DifferenceBadge } from "~/features/assets/hold-note";
import { IdentityFacts } from "~/features/assets/identity-facts";
import { LeavingCallout } from "~/features/assets/leaving-callout";
import { MergedCallout } from "~/features/assets/merged-callout";
import { NetworkCard } from "~/features/assets/network-card";
import { RefreshCallout } from "~/features/assets/refresh-callout";
import { readRefresh, refreshPath } from "~/features/assets/refresh.page.server";
import { removeAsset } from "~/features/assets/remove-asset.server";
import { followField } from "~/features/assets/resolve-differences.server";
import { SecurityCard } from "~/features/assets/security-card";
import { SourcesCard } from "~/features/assets/sources-card";
import { StatusStrip } from "~/features/assets/status-strip";
import { UpdatesCard } from "~/features/assets/updates-card";
import { MaintenanceCallout } from "~/features/maintenance/maintenance-callout";
import { readMaintenanceOf } from "~/features/maintenance/windows.page.server";
import { undoAssetMerge } from "~/features/device-sync/merge-assets.server";
import { readMergedInto, readUndoableMerge } from "~/features/review/merge.page.server";
import { startSync as requestSync } from "~/features/sync-execution/start-sync.server";
import { actorOf } from "~/platform/actor";
import { done, problem, refused } from "~/platform/http/form.server";
import { pageNumber, withinPages } from "~/platform/http/paging";
import { Badge } from "~/ui/badge";
import { ButtonLink } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { ConfirmButton } from "~/ui/confirm-button";
import { PostForm, SubmitButton } from "~/ui/form";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: !data ? "Plumbline" : `${data.asset.name} · Plumbline` },
];

const CHANGES_SHOWN = 5;

const UNKNOWN = "This asset does not exist or was removed.";

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, params, url, user }) => {
    const page = pageNumber(url.searchParams);
    const detail = await readAsset(app.db, tenantId, idParam(params, "assetId"), page);
    if (detail === null) {
      const into = await readMergedInto(app.db, tenantId, idParam(params, "assetId"));
      throw into === undefined ? notFound(UNKNOWN) : redirect(`/assets/${into}`);
    }
    withinPages(url, page, UPDATES_PAGE_SIZE, detail.updates);
    const assetId = detail.asset.id;
    const all = { group: null, before: undefined };
    return {
      ...detail,
      updatesPageSize: UPDATES_PAGE_SIZE,
      changes: (await readChanges(app.db, tenantId, { assetId }, all, CHANGES_SHOWN)).changes,
      merge: await readUndoableMerge(app.db, tenantId, assetId, app.sync.clock()),
      custom: await readAssetCustomFields(app.db, tenantId, assetId, user.role),
      mayWrite: allows(user.role, "assets:write"),
      mayManage: allows(user.role, "integrations:manage"),
      mayRefresh: allows(user.role, "devices:refresh"),
      maintenance: await readMaintenanceOf(app.db, tenantId, assetId, app.sync.clock()),
      mayPlan: allows(user.role, "alerts:write"),
      refresh: await readRefresh(app.db, tenantId, assetId, url.searchParams),
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  follow: {
    permission: "assets:write",
    run: async (context) => {
      const { app, tenantId, params, form } = context;
      const assetId = idParam(params, "assetId");
      const [seen, ...others] = seenDifferences(form.getAll("row")) ?? [];
      if (seen === undefined || others.length > 0) {
        throw new Response("This form is not recognised. Load the page again.", { status: 400 });
      }
      if (seen.assetId !== assetId) throw notFound(UNKNOWN);
      const outcome = await followField(app.sync, tenantId, seen, actorOf(context));
      switch (outcome.state) {
        case "followed":
          return done(`/assets/${assetId}`, `${fieldLabels[seen.field]} follows Level again.`);
        case "unchanged":
          return done(`/assets/${assetId}`, "This was different by now, so nothing was changed.");
        case "unknown_asset":
          throw notFound(UNKNOWN);
      }
    },
  },
  remove: {
    permission: "assets:write",
    run: async (context) => {
      const { app, tenantId, params, form } = context;
      const assetId = idParam(params, "assetId");
      const outcome = await removeAsset(app.sync, { tenantId, assetId }, actorOf(context));
      switch (outcome.state) {
        case "removed":
          return done("/assets", `${outcome.name} is removed.`);
        case "has_device":
          return refused(
            problem(form, { form: "An RMM knows this asset by now, so it was not removed." }),
            409,
          );
        case "unknown_asset":
          throw notFound(UNKNOWN);
      }
    },
  },
  "undo-merge": {
    permission: "assets:write",
    run: async (context) => {
      const { app, tenantId, params } = context;
      const assetId = idParam(params, "assetId");
      const outcome = await undoAssetMerge(app.sync, { tenantId, assetId }, actorOf(context));
      switch (outcome.state) {
        case "undone":
          return done(`/assets/${assetId}`, "They are two assets again. No sync joins them any more.");
        case "too_late":
          throw notFound("There is no merge of this asset that can be undone.");
      }
    },
  },
  refresh: {
    permission: "devices:refresh",
    provider: "levelio",
    run: async (context) => {
      const { app, tenantId, params } = context;
      const actor = actorOf(context);
      const assetId = idParam(params, "assetId");
      const detail = await readAsset(app.db, tenantId, assetId);
      if (detail === null) throw notFound(UNKNOWN);
      const here = `/assets/${assetId}`;
      const unknown = "Not refreshed: no connected RMM knows this asset.";
      const device = detail.devices.find((candidate) => candidate.isConnected);
      if (device === undefined) return done(here, unknown);
      const outcome = await requestSync(app.sync, {
        tenantId,
        connectionId: device.connectionId,
        type: "device",
        trigger: "manual",
        actor: actor.name,
        person: actor,
        externalDeviceId: device.externalId,
      });
      switch (outcome.state) {
        case "queued":
        case "joined":
          return redirect(refreshPath(assetId, outcome.run.id, device.agentStatus), 303);
        case "unknown_integration":
        case "disconnected":
          return done(here, unknown);
      }
    },
  },
});

export default function AssetPage() {
  const {
    custom,
    maintenance,
    mayManage,
    mayPlan,
    mayRefresh,
    mayWrite,
    merge,
    refresh,
    changes,
    updatesPageSize,
    ...detail
  } = useLoaderData<typeof loader>();
  const refusal = useActionData<typeof action>();
  const { asset, client } = detail;
  const device = detail.devices[0];
  return (
    <>
      <PageHeader
        back={{ to: "/assets", label: "Assets" }}
        title={asset.name}
        description={
          client?.name ? (
            <Link to={`/clients/${client.id}`} className="hover:underline">
              {client.name}
            </Link>
          ) : (
            "Without a client"
          )
        }
        badges={
          <>
            <AgentStatusBadge status={asset.status} agentStatus={device?.agentStatus ?? null} />
            <Badge className="capitalize">{asset.assetType}</Badge>
            <DifferenceBadge held={detail.held} />
          </>
        }
        actions={
          <>
            <ButtonLink to={`/assets/${asset.id}/history`} variant="ghost">
              History
            </ButtonLink>
            {mayPlan && (
              <ButtonLink to={`/settings/maintenance/new?asset=${asset.id}`} variant="ghost">
                Plan maintenance
              </ButtonLink>
            )}
            {mayWrite && (
              <>
                <ButtonLink to={`/assets/${asset.id}/merge`} variant="ghost">
                  Merge
                </ButtonLink>
                <ButtonLink to={`/assets/${asset.id}/edit`}>
                  <Pencil aria-hidden />
                  Edit
                </ButtonLink>
              </>
            )}
            {mayWrite && detail.devices.length === 0 && (
              <ConfirmButton
                intent="remove"
                label="Remove"
                size="md"
                title={`Remove ${asset.name}?`}
                confirm="Remove the asset"
              >
                No RMM knows it: what was entered of it is gone for good.
              </ConfirmButton>
            )}
            {mayRefresh && detail.devices.some((candidate) => candidate.isConnected) && (
              <PostForm intent="refresh">
                <SubmitButton intent="refresh" variant="secondary">
                  <RefreshCw aria-hidden />
                  Refresh from the RMM
                </SubmitButton>
              </PostForm>
            )}
          </>
        }
      />
      {refresh !== null && (
        <RefreshCallout
          refresh={refresh}
          assetId={asset.id}
          agentStatus={
            detail.devices.find(({ connectionId }) => connectionId === refresh.run.connectionId)
              ?.agentStatus ?? null
          }
        />
      )}
      {merge !== null && <MergedCallout merge={merge} mayUndo={mayWrite} />}
      {refusal?.errors.form !== undefined && (
        <Callout tone="bad" alert className="mb-5">
          {refusal.errors.form}
        </Callout>
      )}
      <MaintenanceCallout windows={maintenance} mayPlan={mayPlan} />
      <LeavingCallout asset={asset} retiresAt={detail.retiresAt} />
      <StatusStrip detail={detail} />
      <div key={asset.id} className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="space-y-5">
          <IdentityFacts detail={detail} mayWrite={mayWrite} />
          <HardwareCard detail={detail} />
          <UpdatesCard detail={detail} pageSize={updatesPageSize} />
          <CustomFieldsCard custom={custom} mayManage={mayManage} />
          <NetworkCard detail={detail} />
        </div>
        <div className="space-y-5">
          <AlertsCard detail={detail} />
          {detail.details !== null && <SecurityCard detail={detail} />}
          <DisksCard detail={detail} />
          <HistoryCard assetId={asset.id} changes={changes} />
          <SourcesCard devices={detail.devices} />
        </div>
      </div>
    </>
  );
}
