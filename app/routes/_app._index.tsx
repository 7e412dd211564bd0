import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { Plug } from "lucide-react";

import { count, formatNumber } from "@domain/format";
import { allows } from "@domain/permissions";
import { guarded } from "~/auth/guard.server";
import { IntegrationCard } from "~/features/connections/integration-card";
import { AlertsBySeverityCard, AttentionCard, PlatformCard } from "~/features/overview/condition-cards";
import { readOverview, type ClientCount } from "~/features/overview/overview.page.server";
import { WaitingCallout } from "~/features/review/waiting-callout";
import { RunTable } from "~/features/sync-runs/run-table";
import { ButtonLink } from "~/ui/button";
import { Card, CardHeader } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { isInFlight } from "~/ui/labels";
import { useLiveRuns } from "~/ui/live/use-live-runs";
import { PageHeader } from "~/ui/page-header";
import { Stat } from "~/ui/stat";
import { Table, Td, Th, Tr } from "~/ui/table";

export const meta: MetaFunction = () => [{ title: "Overview · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, user }) => ({
    ...(await readOverview(app.db, tenantId, app.clock())),
    mayConnect: allows(user.role, "integrations:manage"),
  }),
);

export default function OverviewPage() {
  const { integrations, fleet, clients, condition, alerts, runs, mayConnect } =
    useLoaderData<typeof loader>();
  useLiveRuns(runs.some((run) => isInFlight(run.status)));
  return (
    <>
      <PageHeader title="Overview" />
      {integrations.length === 0 ? (
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
            Once an account is connected and its groups are mapped to clients, its devices appear here as
            assets and stay true by themselves.
          </EmptyState>
        </Card>
      ) : (
        <div className="space-y-5">
          <WaitingCallout />
          <section aria-label="Fleet" className="grid grid-cols-2 gap-3 lg:grid-cols-4">
            <Stat
              label="Assets"
              value={fleet.assets}
              to="/assets"
              note={`${count(fleet.servers, "server")}, ${count(fleet.clients, "client")}`}
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
            <Stat
              label="Active alerts"
              value={fleet.activeAlerts}
              to="/alerts/list?state=active"
              note={
                fleet.withoutClient > 0
                  ? `${count(fleet.withoutClient, "device")} without a client`
                  : "every device has a client"
              }
            />
          </section>
          <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
            <div className="space-y-5">
              <section aria-label="Connections" className="space-y-3">
                {integrations.map((integration) => (
                  <IntegrationCard key={integration.id} integration={integration} />
                ))}
              </section>
              <Card>
                <CardHeader title="Clients" actions={<MoreLink to="/clients">All clients</MoreLink>} />
                {clients.length === 0 ? (
                  <p className="px-4 pb-4 text-ink-muted">No client has assets yet.</p>
                ) : (
                  <ClientCounts clients={clients} />
                )}
              </Card>
              <Card>
                <CardHeader title="Latest sync runs" actions={<MoreLink to="/runs">All runs</MoreLink>} />
                {runs.length === 0 ? (
                  <p className="px-4 pb-4 text-ink-muted">Nothing has run yet.</p>
                ) : (
                  <RunTable runs={runs} compact />
                )}
              </Card>
            </div>
            <div className="space-y-5">
              <AttentionCard condition={condition} assets={fleet.assets} />
              <AlertsBySeverityCard alerts={alerts} />
              <PlatformCard condition={condition} assets={fleet.assets} />
            </div>
          </div>
        </div>
      )}
    </>
  );
}

const MoreLink = ({ to, children }: { to: string; children: string }) => (
  <Link to={to} prefetch="intent" className="text-xs font-medium text-accent hover:underline">
    {children}
  </Link>
);

const ClientCounts = ({ clients }: { clients: ClientCount[] }) => (
  <Table label="Assets by client">
    <thead>
      <tr>
        <Th>Client</Th>
        <Th className="text-right">Assets</Th>
        <Th className="text-right">Online</Th>
        <Th className="text-right">Updates</Th>
      </tr>
    </thead>
    <tbody>
      {clients.map((client) => (
        <Tr key={client.id}>
          <Td className="w-full max-w-0 truncate" title={client.name}>
            <Link
              to={`/assets?client=${client.id}`}
              prefetch="intent"
              className="font-medium hover:underline"
            >
              {client.name}
            </Link>
          </Td>
          <Td className="text-right">{formatNumber(client.assets)}</Td>
          <Td className="text-right text-ink-muted">{formatNumber(client.online)}</Td>
          <Td className="text-right text-ink-muted">{formatNumber(client.patches)}</Td>
        </Tr>
      ))}
    </tbody>
  </Table>
);
