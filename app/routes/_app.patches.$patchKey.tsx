import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { SearchX } from "lucide-react";

import { guarded, notFound } from "~/auth/guard.server";
import { Kbs } from "~/features/patches/patch-cells";
import { PatchFilters } from "~/features/patches/patch-filters";
import { filterValues } from "~/features/patches/patch-search.server";
import { DevicesOfPatchTable } from "~/features/patches/patch-tables";
import { devicesOfPatchSearch, readPatch } from "~/features/patches/patches.page.server";
import { Card, CardBody, Fact, Facts } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { Choice } from "~/ui/filter-form";
import { KeysetPagination } from "~/ui/keyset-pagination";
import { PageHeader } from "~/ui/page-header";
import { ExactTime } from "~/ui/time";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: !data ? "Plumbline" : `${data.patch.name} · Plumbline` },
];

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, params, url }) => {
    const key = params["patchKey"] ?? "";
    const search = devicesOfPatchSearch(url.searchParams);
    const found = /^[0-9a-f]{32}$/.test(key)
      ? await readPatch(app.db, tenantId, key, search, app.clock())
      : null;
    if (found === null) throw notFound("No device was ever offered this update.");
    return { ...found, key, values: filterValues(search.filter), state: search.filter.state };
  },
);

export default function PatchPage() {
  const { patch, key, rows, total, next, clients, values, state } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader back={{ to: "/patches", label: "Patches" }} title={patch.name} />
      <Card className="mb-5">
        <CardBody className="pt-4">
          <Facts className="sm:grid-cols-4">
            <Fact name="Category">{patch.category}</Fact>
            <Fact name="KB">
              <Kbs ids={patch.kbIds} />
            </Fact>
            <Fact name="Published">{patch.publishedOn}</Fact>
            <Fact name="First seen">
              <ExactTime at={patch.firstSeenAt} />
            </Fact>
          </Facts>
        </CardBody>
      </Card>
      <Card>
        <PatchFilters values={values} clients={clients} placeholder="Name of an asset" kept={{}}>
          <Choice
            label="State"
            name="state"
            value={state === "pending" ? "" : state}
            options={[
              ["", "Pending"],
              ["closed", "No longer pending"],
              ["all", "All"],
            ]}
          />
        </PatchFilters>
        {rows.length > 0 ? (
          <>
            <DevicesOfPatchTable devices={rows} />
            <KeysetPagination shown={rows.length} total={total} next={next} noun="asset" />
          </>
        ) : (
          <EmptyState
            icon={SearchX}
            title="No asset matches"
            action={
              <Link to={`/patches/${key}?state=all`} className="font-medium text-accent hover:underline">
                Show all assets that were offered it
              </Link>
            }
          >
            Nothing matches these filters.
          </EmptyState>
        )}
      </Card>
    </>
  );
}
