import type { MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { Plug } from "lucide-react";

import { allows } from "@domain/permissions";
import { guarded, guardedIntents } from "~/auth/guard.server";
import { connectIntents } from "~/features/connections/actions.server";
import { ConnectForm } from "~/features/connections/connect-form";
import { IntegrationCard } from "~/features/connections/integration-card";
import { readConnections } from "~/features/connections/integrations.page.server";
import { refusalIn } from "~/features/connections/refusal";
import { Card, CardHeader } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { isInFlight } from "~/ui/labels";
import { useLive } from "~/ui/live/use-live";
import { PageHeader } from "~/ui/page-header";

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
  useLive(
    ["runs"],
    connections.some(({ lastRun }) => lastRun !== null && isInFlight(lastRun.status)),
  );
  const isFirst = connections.length === 0;
  const taken = new Set(connections.map(({ label }) => label));
  return (
    <>
      <PageHeader
        back={{ to: "/settings/integrations", label: "Connections" }}
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
              // The form is empty again after a connection was saved.
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
