import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { Plug } from "lucide-react";

import { allows } from "@domain/permissions";
import { guarded } from "~/auth/guard.server";
import { readProviders } from "~/features/connections/integrations.page.server";
import { ProviderCard } from "~/features/connections/provider-card";
import { Card } from "~/ui/card";
import { DownloadLink } from "~/ui/download-link";
import { EmptyState } from "~/ui/empty-state";
import { isInFlight } from "~/ui/labels";
import { useLive } from "~/ui/live/use-live";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "Connections · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read" },
  async ({ app, tenantId, user, features }) => ({
    providers: await readProviders(app.db, tenantId, features, app.clock()),
    mayManage: allows(user.role, "integrations:manage"),
    mayDownloadSupport: allows(user.role, "support:download"),
  }),
);

export default function IntegrationsPage() {
  const { providers, mayManage, mayDownloadSupport } = useLoaderData<typeof loader>();
  const runs = providers.flatMap(({ connections }) => connections.map(({ lastRun }) => lastRun));
  useLive(
    ["runs"],
    runs.some((run) => run !== null && isInFlight(run.status)),
  );
  return (
    <>
      <PageHeader
        title="Connections"
        description="Where your clients' devices come from. Connect an account and map its groups to clients; syncs keep the rest up to date."
        actions={
          mayDownloadSupport && (
            <DownloadLink href="/settings/support.tar.gz">Download support bundle</DownloadLink>
          )
        }
      />
      {providers.length === 0 ? (
        <Card>
          <EmptyState icon={Plug} title="No RMM is available to your company">
            The edition or the feature flags leave them out. Whoever runs this server can change both.
          </EmptyState>
        </Card>
      ) : (
        <section aria-label="RMM" className="grid gap-4 lg:grid-cols-2">
          {providers.map((provider) => (
            <ProviderCard key={provider.key} provider={provider} mayManage={mayManage} />
          ))}
        </section>
      )}
    </>
  );
}
