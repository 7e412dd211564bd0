import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { RefreshCw } from "lucide-react";

import { guarded, guardedIntents, idParam, notFound } from "~/auth/guard.server";
import { allows } from "~/auth/permissions";
import { AgentStatus } from "~/components/assets/agent-status";
import {
  AlertsCard,
  DisksCard,
  SecurityCard,
  SourcesCard,
  SystemCard,
  UpdatesCard,
} from "~/components/assets/asset-detail";
import { Badge } from "~/components/ui/badge";
import { Callout } from "~/components/ui/callout";
import { PostForm, SubmitButton } from "~/components/ui/form";
import { PageHeader } from "~/components/ui/page-header";
import { RelativeTime } from "~/components/ui/time";
import { goneReasonText } from "~/components/words";
import { readAsset } from "~/presenters/assets.server";
import { requestSync } from "~/use-cases.server";
import { done } from "~/web/form.server";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: data === undefined ? "Plumbline" : `${data.asset.name} · Plumbline` },
];

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, params, user }) => {
    const detail = await readAsset(app.db, tenantId, idParam(params, "assetId"));
    if (detail === null) throw notFound("This asset does not exist, or not any more.");
    return { ...detail, mayRefresh: allows(user.role, "devices:refresh") };
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  refresh: {
    permission: "devices:refresh",
    provider: "levelio",
    run: async ({ app, tenantId, params, user }) => {
      const assetId = idParam(params, "assetId");
      const detail = await readAsset(app.db, tenantId, assetId);
      const device = detail?.devices.find((candidate) => candidate.isConnected);
      if (detail === null || device === undefined) throw notFound("No connected RMM knows this asset.");
      const outcome = await requestSync(app.sync, {
        tenantId,
        integrationId: device.integrationId,
        type: "device",
        trigger: "manual",
        actor: user.email,
        externalDeviceId: device.externalId,
      });
      switch (outcome.state) {
        case "queued":
        case "joined":
          return done(`/runs/${outcome.run.id}`, `${detail.asset.name} is being read from the RMM.`);
        case "unknown_integration":
        case "disconnected":
          throw notFound("No connected RMM knows this asset.");
      }
    },
  },
});

export default function AssetPage() {
  const { mayRefresh, ...detail } = useLoaderData<typeof loader>();
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
            <AgentStatus status={asset.status} agentStatus={device?.agentStatus ?? null} />
            <Badge className="capitalize">{asset.assetType}</Badge>
          </>
        }
        actions={
          mayRefresh &&
          detail.devices.some((candidate) => candidate.isConnected) && (
            <PostForm intent="refresh">
              <SubmitButton intent="refresh" variant="secondary">
                <RefreshCw aria-hidden />
                Refresh from the RMM
              </SubmitButton>
            </PostForm>
          )
        }
      />
      {asset.status === "gone" && (
        <Callout
          tone="warn"
          className="mb-5"
          title={
            <>
              Gone since <RelativeTime at={asset.goneAt} absent="some time" />
            </>
          }
        >
          {goneReasonText(asset.goneReason)} Its records are kept, and it comes back by itself when it is seen
          again.
        </Callout>
      )}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="space-y-5">
          <SystemCard detail={detail} />
          <UpdatesCard detail={detail} />
        </div>
        <div className="space-y-5">
          <AlertsCard detail={detail} />
          <DisksCard detail={detail} />
          <SecurityCard detail={detail} />
          <SourcesCard detail={detail} />
        </div>
      </div>
    </>
  );
}
