import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";

import { guarded, idParam, notFound } from "~/auth/guard.server";
import { ChangesCard } from "~/features/asset-history/change-table";
import { historySearch, readAssetName, readChanges } from "~/features/asset-history/history.page.server";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: !data ? "Plumbline" : `History of ${data.asset.name} · Plumbline` },
];

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, params, url }) => {
    const assetId = idParam(params, "assetId");
    const name = await readAssetName(app.db, tenantId, assetId);
    if (name === null) throw notFound("This asset does not exist or was removed.");
    const search = historySearch(url.searchParams);
    return {
      asset: { id: assetId, name },
      group: search.group,
      ...(await readChanges(app.db, tenantId, { assetId }, search)),
    };
  },
);

export default function AssetHistoryPage() {
  const { asset, ...list } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader
        back={{ to: `/assets/${asset.id}`, label: asset.name }}
        title="History"
        description="Every change of a field: what it was, what it became, and who or what changed it. Online state, last seen and free disk space change all the time and are left out."
      />
      <ChangesCard {...list} of="asset" />
    </>
  );
}
