import { useLoaderData, useSearchParams } from "@remix-run/react";
import { FolderTree } from "lucide-react";

import { allows } from "@domain/permissions";
import { guarded, guardedIntents } from "~/auth/guard.server";
import { connectionOf, noSuchConnection } from "~/features/connections/context.server";
import { levelPath } from "~/features/connections/paths";
import { mappingIntents } from "~/features/mapping/actions.server";
import { MappingEditor } from "~/features/mapping/mapping-editor";
import { NextStep } from "~/features/mapping/next-step";
import { readLastMappingChange, readMapping } from "~/features/mapping/mapping.page.server";
import { searchText } from "~/platform/http/paging";
import { Button } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { Card } from "~/ui/card";
import { DownloadLink } from "~/ui/download-link";
import { EmptyState } from "~/ui/empty-state";
import { PostForm } from "~/ui/form";

export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read", provider: "levelio" },
  async (context) => {
    const { app, tenantId, url, user } = context;
    const { ref } = await connectionOf(context, "levelio");
    const page = await readMapping(app.db, tenantId, ref.connectionId);
    if (page === null) throw noSuchConnection();
    return {
      page,
      changedBy: await readLastMappingChange(app.db, tenantId, ref.connectionId),
      connectionId: ref.connectionId,
      query: searchText(url.searchParams) ?? "",
      mayEdit: allows(user.role, "integrations:manage"),
      maySync: allows(user.role, "syncs:run"),
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents(mappingIntents);

export default function MappingPage() {
  const { page, changedBy, connectionId, query, mayEdit, maySync } = useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  if (page.groups.length === 0) {
    return (
      <Card>
        <EmptyState
          icon={FolderTree}
          title="No groups are known yet"
          action={
            maySync && (
              <PostForm intent="sync" action={`${levelPath(connectionId)}?index`}>
                <input type="hidden" name="type" value="organizations" />
                <Button type="submit" variant="primary">
                  Find groups
                </Button>
              </PostForm>
            )
          }
        >
          They are read from Level in a few seconds. Then you say which group belongs to which client.
        </EmptyState>
      </Card>
    );
  }
  return (
    <>
      <noscript>
        <Callout tone="info" className="mb-4" title="The mapping needs JavaScript">
          Without it, map the groups by a file: <code>plumbline map export</code> and{" "}
          <code>plumbline map apply</code>.
        </Callout>
      </noscript>
      {params.has("saved") && <NextStep path={levelPath(connectionId)} maySync={maySync} className="mb-4" />}
      <p className="mb-2 text-right">
        <DownloadLink href={`${levelPath(connectionId, "mapping")}.csv`} />
      </p>
      <MappingEditor
        // Another connection has another tree.
        key={connectionId}
        page={page}
        connectionId={connectionId}
        initialQuery={query}
        changedBy={changedBy}
        mayEdit={mayEdit}
      />
      <p className="mt-3 text-xs text-ink-faint">
        A group takes the client of the nearest group above it that has one.
      </p>
    </>
  );
}
