import type { MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { guarded, guardedIntents } from "~/auth/guard.server";
import { allows } from "~/auth/permissions";
import { ConnectForm } from "~/components/integrations/connect-form";
import { IntegrationCard } from "~/components/integrations/integration-card";
import { refusalIn } from "~/components/integrations/refusal";
import { useLiveRuns } from "~/components/live/use-live-runs";
import { Card, CardHeader } from "~/components/ui/card";
import { EmptyState } from "~/components/ui/empty-state";
import { PageHeader } from "~/components/ui/page-header";
import { isInFlight } from "~/components/words";
import { connectIntents } from "~/integrations/connection-actions.server";
import { readConnections } from "~/presenters/integrations.server";
import { Plug } from "lucide-react";

export const meta: MetaFunction = () => [{ title: "Level · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read", provider: "levelio" },
  async ({ app, tenantId, user }) => ({
    connections: await readConnections(app.db, tenantId, "levelio", app.clock()),
    mayManage: allows(user.role, "integrations:manage"),
  }),
);

export const action = /* @__PURE__ */ guardedIntents(connectIntents);

export default function LevelAccountsPage() {
  const { connections, mayManage } = useLoaderData<typeof loader>();
  const refusal = refusalIn(useActionData<typeof action>());
  useLiveRuns(connections.some(({ lastRun }) => lastRun !== null && isInFlight(lastRun.status)));
  const isFirst = connections.length === 0;
  const taken = new Set(connections.map(({ label }) => label));
  return (
    <>
      <PageHeader
        back={{ to: "/settings/integrations", label: "Integrations" }}
        title="Level"
        description="Each Level account has its own key, mapping and schedule."
      />
      <div className="space-y-5">
        {connections.length > 0 && (
          <section aria-label="Accounts" className="grid gap-3 md:grid-cols-2">
            {connections.map((connection) => (
              <IntegrationCard key={connection.id} integration={connection} />
            ))}
          </section>
        )}
        {mayManage ? (
          <Card>
            <CardHeader
              title={isFirst ? "Connect a Level account" : "Connect another Level account"}
              description={
                isFirst
                  ? "You need an API key, which an administrator of the Level account makes in Level's settings."
                  : undefined
              }
            />
            <ConnectForm
              // Empty again after a connection was made.
              key={connections.length}
              refusal={refusal}
              suggestedLabel={taken.has("Level") ? "" : "Level"}
            />
          </Card>
        ) : (
          isFirst && (
            <Card>
              <EmptyState icon={Plug} title="No Level account is connected">
                An administrator can connect one.
              </EmptyState>
            </Card>
          )
        )}
      </div>
    </>
  );
}
