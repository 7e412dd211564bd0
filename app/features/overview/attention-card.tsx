import { ShieldCheck } from "lucide-react";

import { assetFindings, type AssetFinding } from "@domain/asset-findings";
import { BarList, type Bar } from "~/ui/bar-list";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { findingLabels } from "~/ui/labels";

import type { Overview } from "./overview.page.server";

const findingTones: Partial<Record<AssetFinding, Bar["tone"]>> = {
  endOfLife: "bad",
  firewallOff: "bad",
  highRisk: "bad",
  maintenance: "neutral",
};

interface AttentionCardProps {
  condition: Overview["condition"];
  assets: number;
  withoutClient: { devices: number; to: string };
}

/** What a technician looks at first: the number of machines for each thing that is wrong. */
export function AttentionCard({ condition, assets, withoutClient }: AttentionCardProps) {
  const findings = assetFindings.map((finding) => ({
    label: findingLabels[finding],
    value: condition.findings[finding],
    to: `/assets?finding=${finding}`,
    tone: findingTones[finding] ?? ("warn" as const),
  }));
  const unseen = ([7, 30, 90] as const).map((days) => ({
    label: `Not seen for ${days} days`,
    value: condition.unseen[days],
    to: `/assets?unseen=${days}`,
    tone: "neutral" as const,
  }));
  const unassigned = {
    label: "Devices without a client",
    value: withoutClient.devices,
    to: withoutClient.to,
    tone: "warn" as const,
  };
  const bars = [...findings, ...unseen, unassigned].filter(({ value }) => value > 0);
  return (
    <Card>
      <CardHeader title="Needs attention" description="Assets by what your RMM says is wrong with them." />
      {bars.length === 0 ? (
        <EmptyState icon={ShieldCheck} title="Nothing stands out">
          No asset has a known finding, every one was seen within the last week, and every device has a
          client.
        </EmptyState>
      ) : (
        <CardBody>
          <BarList label="Needs attention" bars={bars} of={assets} />
        </CardBody>
      )}
    </Card>
  );
}
