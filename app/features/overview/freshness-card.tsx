import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { BarList } from "~/ui/bar-list";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { ColumnChart, type Column } from "~/ui/column-chart";

import type { Overview } from "./overview.page.server";

type Freshness = SerializeFrom<Overview["freshness"]>;

/** A share as a whole percentage; "under 1 %" and "over 99 %" for what rounding would hide. */
function percent(share: number): string {
  if (share > 0.99 && share < 1) return "over 99 %";
  if (share > 0 && share < 0.01) return "under 1 %";
  return `${Math.round(share * 100)} %`;
}

const toneOf = (share: number) => (share >= 0.98 ? "good" : share >= 0.9 ? "warn" : "bad");

const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** How reliably devices were confirmed in time: in total, by day, and for the clients with the lowest share. */
export function FreshnessCard({ freshness }: { freshness: Freshness }) {
  const { share, days: ofDays, clients, promises } = freshness;
  return (
    <Card>
      <CardHeader
        title="Freshness"
        description="How much of the time devices were confirmed by a full sync within the interval of its schedule, over 30 days."
      />
      {share === null ? (
        <CardBody>
          <p className="text-ink-muted">Recorded from the second automatic full sync on.</p>
        </CardBody>
      ) : (
        <CardBody className="space-y-4">
          <p>
            <Link
              to="/runs?type=full"
              className="text-2xl font-semibold tracking-tight tabular-nums hover:underline"
            >
              {percent(share)}
            </Link>{" "}
            <span className="text-sm text-ink-muted">of the time, all clients together</span>
          </p>
          <ColumnChart
            label="Freshness by day"
            columns={ofDays.map(({ day, share: ofDay }): Column => ({
              label: days.format(new Date(day)),
              value: ofDay,
              text: ofDay === null ? "not recorded" : percent(ofDay),
              tone: ofDay === null ? "neutral" : toneOf(ofDay),
            }))}
            highest={1}
            ticks={[
              [0, "0 %"],
              [0.5, "50 %"],
              [1, "100 %"],
            ]}
          />
          {promises.length > 0 && (
            <div>
              <h3 className="mb-1 text-xs font-medium text-ink-faint">Allowed misses used, 30 days</h3>
              <BarList
                label="Allowed misses used"
                of={1}
                bars={promises.map(({ id, label, used, isBroken }) => ({
                  label,
                  value: Math.min(1, used),
                  text: `${Math.ceil(used * 100)} %${isBroken ? ", devices late now" : ""}`,
                  to: `/settings/integrations/${id}`,
                  tone: isBroken || used >= 1 ? "bad" : used >= 0.5 ? "warn" : "good",
                }))}
              />
            </div>
          )}
          {clients.length > 0 && (
            <div>
              <h3 className="mb-1 text-xs font-medium text-ink-faint">Least fresh clients</h3>
              <BarList
                label="Least fresh clients"
                of={1}
                bars={clients.map(({ id, name, share: ofClient }) => ({
                  label: name,
                  value: ofClient,
                  text: percent(ofClient),
                  to: `/assets?client=${id}`,
                  tone: toneOf(ofClient),
                }))}
              />
            </div>
          )}
        </CardBody>
      )}
    </Card>
  );
}
