import { BarList } from "~/ui/bar-list";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { MoreLink } from "~/ui/more-link";
import { platformLabels } from "~/ui/labels";

import type { Overview } from "./overview.page.server";

type Condition = Overview["condition"];

const typeWords = { server: "Servers", workstation: "Workstations" } as const;

/** The fleet in numbers: servers and workstations, online and offline, and their systems. */
export function FleetCard({ condition, assets }: { condition: Condition; assets: number }) {
  const types = (["server", "workstation"] as const).flatMap((type) => [
    {
      label: `${typeWords[type]}, online`,
      value: condition.types[type].online,
      to: `/assets?type=${type}&state=online`,
      tone: "good" as const,
    },
    {
      label: `${typeWords[type]}, offline`,
      value: condition.types[type].offline,
      to: `/assets?type=${type}&state=offline`,
      tone: "neutral" as const,
    },
  ]);
  const platforms = (Object.keys(platformLabels) as (keyof typeof platformLabels)[])
    .map((platform) => ({
      label: platformLabels[platform],
      value: condition.platforms[platform],
      to: `/assets?platform=${platform}`,
    }))
    .filter(({ value }) => value > 0);
  return (
    <Card>
      <CardHeader title="Fleet" />
      <CardBody className="space-y-4">
        <BarList label="Assets by type and state" bars={types} of={assets} />
        {platforms.length > 0 && (
          <section>
            <h3 className="mb-1 text-xs font-medium text-ink-faint">Platforms</h3>
            <BarList label="Platforms" bars={platforms} of={assets} />
          </section>
        )}
      </CardBody>
    </Card>
  );
}

/** The clients with the most devices. */
export function ClientsCard({ clients }: { clients: Overview["clients"] }) {
  const most = Math.max(1, ...clients.map(({ assets }) => assets));
  return (
    <Card>
      <CardHeader title="Clients by devices" actions={<MoreLink to="/clients">All clients</MoreLink>} />
      <CardBody>
        {clients.length === 0 ? (
          <p className="text-ink-muted">No client has assets yet.</p>
        ) : (
          <BarList
            label="Clients by devices"
            of={most}
            bars={clients.map(({ id, name, assets }) => ({
              label: name,
              value: assets,
              to: `/assets?client=${id}`,
            }))}
          />
        )}
      </CardBody>
    </Card>
  );
}
