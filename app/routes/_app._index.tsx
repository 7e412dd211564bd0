import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { Plug } from "lucide-react";

import { count } from "@domain/format";
import { allows } from "@domain/permissions";
import { guarded } from "~/auth/guard.server";
import { IntegrationCard } from "~/features/connections/integration-card";
import { ActiveAlertsCard } from "~/features/overview/alerts-card";
import { AttentionCard } from "~/features/overview/attention-card";
import { ClientsCard, FleetCard } from "~/features/overview/fleet-cards";
import { FreshnessCard } from "~/features/overview/freshness-card";
import { LatestRun } from "~/features/overview/latest-run";
import { readOverview } from "~/features/overview/overview.page.server";
import { PatchesCard } from "~/features/overview/patches-card";
import { WaitingCallout } from "~/features/review/waiting-callout";
import { ButtonLink } from "~/ui/button";
import { Card } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { isInFlight } from "~/ui/labels";
import { useLive } from "~/ui/live/use-live";
import { PageHeader } from "~/ui/page-header";
import { connectionPath } from "~/ui/paths";
import { Stat } from "~/ui/stat";

export const meta: MetaFunction = () => [{ title: "Overview · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, user }) => ({
    ...(await readOverview(app.db, tenantId, app.clock())),
    mayConnect: allows(user.role, "integrations:manage"),
  }),
);

export default function OverviewPage() {
  const { integrations, fleet, latestRun, condition, alerts, activeAlerts, ...data } =
    useLoaderData<typeof loader>();
  useLive(["runs", "alerts"], latestRun !== null && isInFlight(latestRun.status));
  if (integrations.length === 0) return <NothingConnected mayConnect={data.mayConnect} />;
  const [only] = integrations;
  const withoutClient = {
    devices: fleet.withoutClient,
    to: integrations.length === 1 ? `${connectionPath(only!)}/devices` : "/settings/integrations",
  };
  return (
    <>
      <PageHeader title="Overview" />
      <div className="space-y-5">
        <WaitingCallout />
        <section aria-label="Fleet" className="grid grid-cols-2 gap-3 lg:grid-cols-4">
          <Stat
            label="Assets"
            value={fleet.assets}
            to="/assets"
            note={`${count(fleet.servers, "server")}, ${count(fleet.assets - fleet.servers, "workstation")}`}
          />
          <Stat
            label="Online now"
            value={fleet.online}
            to="/assets?state=online"
            note={
              fleet.assets > 0 ? `${Math.round((fleet.online / fleet.assets) * 100)} % of all` : undefined
            }
          />
          <Stat
            label="Updates pending"
            value={fleet.patches}
            to="/assets?state=patches&sort=patches"
            note={`on ${count(fleet.withPatches, "asset")}`}
          />
          <Stat label="Active alerts" value={activeAlerts} to="/alerts/list?state=active" />
        </section>
        {latestRun !== null && <LatestRun run={latestRun} />}
        <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
          <div className="space-y-5">
            <AttentionCard condition={condition} assets={fleet.assets} withoutClient={withoutClient} />
            <PatchesCard
              pending={condition.pending}
              worst={data.worstPatched}
              withPatches={fleet.withPatches}
            />
            <ClientsCard clients={data.clients} />
          </div>
          <div className="space-y-5">
            <section aria-label="Connections" className="space-y-3">
              {integrations.map((integration) => (
                <IntegrationCard key={integration.id} integration={integration} />
              ))}
            </section>
            <ActiveAlertsCard alerts={alerts} total={activeAlerts} />
            <FleetCard condition={condition} assets={fleet.assets} />
            <FreshnessCard freshness={data.freshness} />
          </div>
        </div>
      </div>
    </>
  );
}

const NothingConnected = ({ mayConnect }: { mayConnect: boolean }) => (
  <>
    <PageHeader title="Overview" />
    <Card>
      <EmptyState
        icon={Plug}
        title="No RMM is connected yet"
        action={
          mayConnect && (
            <ButtonLink to="/settings/integrations" variant="primary">
              Connect an RMM
            </ButtonLink>
          )
        }
      >
        Once an account is connected and its groups are mapped to clients, its devices appear here as assets
        and are kept up to date.
      </EmptyState>
    </Card>
  </>
);
