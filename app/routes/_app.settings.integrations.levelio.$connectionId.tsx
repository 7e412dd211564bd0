import type { MetaFunction } from "@remix-run/node";
import { Outlet, useLoaderData } from "@remix-run/react";

import { formatNumber } from "@domain/format";
import { guarded, idParam } from "~/auth/guard.server";
import { noSuchConnection } from "~/features/connections/context.server";
import { integrationState } from "~/features/connections/integration-state";
import { readConnection } from "~/features/connections/integrations.page.server";
import { levelPath, LEVEL_PATH } from "~/features/connections/paths";
import { Badge } from "~/ui/badge";
import { ErrorMessage } from "~/ui/error-page";
import { PageHeader } from "~/ui/page-header";
import { TabNav } from "~/ui/tab-nav";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: !data ? "Plumbline" : `${data.connection.label} · Plumbline` },
];

/** The connection's summary, above each of its pages. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read", provider: "levelio" },
  async ({ app, tenantId, params }) => {
    const ref = { tenantId, connectionId: idParam(params, "connectionId"), provider: "levelio" } as const;
    const connection = await readConnection(app.db, ref, app.clock());
    if (connection === null) throw noSuchConnection();
    return { connection };
  },
);

export default function ConnectionLayout() {
  const { connection } = useLoaderData<typeof loader>();
  const { id, label, counts } = connection;
  const state = integrationState(connection);
  const numbered = (text: string, n: number) => (
    <>
      {text}
      {n > 0 && (
        <span className="rounded-full bg-sunken px-1.5 text-xs text-ink-muted tabular-nums max-sm:hidden">
          {formatNumber(n)}
        </span>
      )}
    </>
  );
  return (
    <>
      <PageHeader
        back={{ to: LEVEL_PATH, label: "Level" }}
        title={label}
        badges={
          <Badge tone={state.tone} dot live={state.live ?? false}>
            {state.text}
          </Badge>
        }
      />
      <TabNav
        label="Pages of this connection"
        tabs={[
          { to: levelPath(id), label: "Settings", end: true },
          { to: levelPath(id, "mapping"), label: numbered("Mapping", counts.groups) },
          { to: levelPath(id, "matching"), label: "Matching" },
          { to: levelPath(id, "devices"), label: numbered("Without a client", counts.withoutClient) },
          { to: levelPath(id, "webhook"), label: "Webhook" },
        ]}
      />
      <Outlet key={id} />
    </>
  );
}

export function ErrorBoundary() {
  return <ErrorMessage />;
}
