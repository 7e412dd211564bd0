import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";

import { guarded, notFound } from "~/auth/guard.server";
import { MethodBadge, ReferenceDetail } from "~/features/api/reference";
import { readReferencePage } from "~/features/api/reference.page.server";
import { Badge } from "~/ui/badge";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.page.summary ?? "Not found"} · API · Plumbline` },
];

export const loader = /* @__PURE__ */ guarded({ permission: "account:self" }, ({ app, params }) => {
  const page = readReferencePage(app.config.publicUrl, params["operationId"] ?? "");
  if (page === undefined) throw notFound("The API has no operation of this name.");
  return Promise.resolve({ page });
});

export default function ApiOperationPage() {
  const { page } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader
        title={page.summary}
        back={{ to: "/settings/api", label: "API reference" }}
        badges={
          <>
            <MethodBadge method={page.method} />
            <Badge>Scope: {page.scope}</Badge>
          </>
        }
        description={<code className="font-mono text-xs break-all">/api/v1{page.path}</code>}
      />
      <ReferenceDetail page={page} />
    </>
  );
}
