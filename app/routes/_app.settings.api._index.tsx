import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";

import { guarded } from "~/auth/guard.server";
import { ReferenceGroup } from "~/features/api/reference";
import { readReferenceIndex } from "~/features/api/reference.page.server";
import { ButtonLink } from "~/ui/button";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "API reference · Plumbline" }];

export const loader = /* @__PURE__ */ guarded({ permission: "account:self" }, ({ app }) =>
  Promise.resolve({
    groups: readReferenceIndex(app.config.publicUrl),
    apiUrl: `${app.config.publicUrl}/api/v1`,
  }),
);

export default function ApiReferencePage() {
  const { groups, apiUrl } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader
        title="API reference"
        description={`Everything that programs can read and change, under ${apiUrl}.`}
        actions={
          <>
            <ButtonLink to="/settings/tokens" variant="secondary">
              API tokens
            </ButtonLink>
            <ButtonLink to="/api/v1/openapi.json" variant="secondary" reloadDocument>
              OpenAPI document
            </ButtonLink>
          </>
        }
      />
      <div className="space-y-5">
        {groups.map((group) => (
          <ReferenceGroup key={group.tag} {...group} />
        ))}
      </div>
    </>
  );
}
