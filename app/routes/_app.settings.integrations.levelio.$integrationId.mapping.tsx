import { Link, useLoaderData } from "@remix-run/react";
import { FolderTree } from "lucide-react";

import { guarded, guardedIntents } from "~/auth/guard.server";
import { allows } from "~/auth/permissions";
import { connectionPath } from "~/components/integrations/paths";
import { MappingEditor } from "~/components/mapping/mapping-editor";
import { Button, ButtonLink } from "~/components/ui/button";
import { Callout } from "~/components/ui/callout";
import { Card } from "~/components/ui/card";
import { EmptyState } from "~/components/ui/empty-state";
import { PostForm } from "~/components/ui/form";
import { connectionOf, noSuchConnection } from "~/integrations/connection-context.server";
import { mappingIntents } from "~/integrations/mapping-actions.server";
import { readLastMappingChange, readMapping } from "~/presenters/mapping.server";
import { searchText } from "~/presenters/paging";

export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read", provider: "levelio" },
  async (context) => {
    const { app, tenantId, url, user } = context;
    const { ref } = await connectionOf(context, "levelio");
    const page = await readMapping(app.db, tenantId, ref.integrationId);
    if (page === null) throw noSuchConnection();
    return {
      page,
      changedBy: await readLastMappingChange(app.db, tenantId, ref.integrationId),
      integrationId: ref.integrationId,
      query: searchText(url.searchParams) ?? "",
      mayEdit: allows(user.role, "integrations:manage"),
      maySync: allows(user.role, "syncs:run"),
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents(mappingIntents);

export default function MappingPage() {
  const { page, changedBy, integrationId, query, mayEdit, maySync } = useLoaderData<typeof loader>();
  if (page.groups.length === 0) {
    return (
      <Card>
        <EmptyState
          icon={FolderTree}
          title="No groups are known yet"
          action={
            maySync && (
              <PostForm intent="sync" action={`${connectionPath(integrationId)}?index`}>
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
        <Callout
          tone="info"
          className="mb-4"
          title="This tree needs scripts"
          actions={<ButtonLink to="../groups">Open the list</ButtonLink>}
        >
          The list does the same without them, one group at a time.
        </Callout>
      </noscript>
      <MappingEditor
        // Another connection is another tree.
        key={integrationId}
        page={page}
        integrationId={integrationId}
        initialQuery={query}
        changedBy={changedBy}
        mayEdit={mayEdit}
      />
      <p className="mt-3 text-xs text-ink-faint">
        A group takes the client of the nearest group above it that has one.{" "}
        <Link to={`${connectionPath(integrationId)}/groups`} className="text-accent underline">
          Show as a plain list
        </Link>
      </p>
    </>
  );
}
