import { Link } from "@remix-run/react";
import { ShieldCheck } from "lucide-react";

import { count } from "@domain/format";
import { BarList, type Bar } from "~/ui/bar-list";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { MoreLink } from "~/ui/more-link";
import { RelativeTime } from "~/ui/time";

import type { Overview } from "./overview.page.server";

const LIST = "/assets?state=patches&sort=patches";

const ages: { days: keyof Overview["condition"]["pending"]; tone: Bar["tone"] }[] = [
  { days: 7, tone: "accent" },
  { days: 30, tone: "warn" },
  { days: 90, tone: "bad" },
];

interface PatchesCardProps {
  pending: Overview["condition"]["pending"];
  worst: Overview["worstPatched"];
  withPatches: number;
}

/** How long updates have been pending, and the devices that have waited longest. */
export function PatchesCard({ pending, worst, withPatches }: PatchesCardProps) {
  return (
    <Card>
      <CardHeader
        title="Pending updates by age"
        description="Assets, by how long an update has been pending."
        actions={<MoreLink to={LIST}>All with updates</MoreLink>}
      />
      {withPatches === 0 ? (
        <EmptyState icon={ShieldCheck} title="Everything is patched">
          No asset has a pending update.
        </EmptyState>
      ) : (
        <CardBody className="space-y-4">
          <BarList
            label="Pending updates by age"
            of={withPatches}
            bars={[
              { label: "Any age", value: withPatches, to: "/assets?updates=1" },
              ...ages.map(({ days, tone }) => ({
                label: `${days} days or longer`,
                value: pending[days],
                to: `/assets?updates=${days}d`,
                tone,
              })),
            ]}
          />
          <section>
            <h3 className="mb-1 text-xs font-medium text-ink-faint">Waiting longest</h3>
            <ul className="divide-y divide-line">
              {worst.map(({ id, name, client, patches, pendingSince }) => (
                <li key={id} className="flex flex-wrap items-baseline justify-between gap-x-3 py-1.5 text-sm">
                  <span className="min-w-0 grow basis-40 truncate">
                    <Link
                      to={`/assets/${id}`}
                      prefetch="intent"
                      title={name}
                      className="font-medium hover:underline"
                    >
                      {name}
                    </Link>
                    {client !== null && <span className="text-ink-muted"> · {client}</span>}
                  </span>
                  <span className="shrink-0 text-xs text-ink-muted">
                    {count(patches, "update")}
                    {pendingSince !== null && (
                      <>
                        , oldest <RelativeTime at={pendingSince} />
                      </>
                    )}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        </CardBody>
      )}
    </Card>
  );
}
