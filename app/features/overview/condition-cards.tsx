import { ShieldCheck } from "lucide-react";

import { alertSeverities } from "@domain/alert-words";
import { assetFindings, type AssetFinding } from "@domain/asset-findings";
import { BarList, type Bar } from "~/ui/bar-list";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { findingLabels, platformLabels, severityLabels } from "~/ui/labels";

import type { Overview } from "./overview.page.server";

type Condition = Overview["condition"];

const findingTones: Partial<Record<AssetFinding, Bar["tone"]>> = {
  endOfLife: "bad",
  firewallOff: "bad",
  highRisk: "bad",
  maintenance: "neutral",
};

/** What a technician looks at first: the machines with something wrong, by what it is. */
export function AttentionCard({ condition, assets }: { condition: Condition; assets: number }) {
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
  const bars = [...findings, ...unseen].filter(({ value }) => value > 0);
  return (
    <Card>
      <CardHeader title="Needs attention" description="Assets by what your RMM says is wrong with them." />
      {bars.length === 0 ? (
        <EmptyState icon={ShieldCheck} title="Nothing stands out">
          No asset has a known finding, and every one was seen within the last week.
        </EmptyState>
      ) : (
        <CardBody>
          <BarList label="Needs attention" bars={bars} of={assets} />
        </CardBody>
      )}
    </Card>
  );
}

export function PlatformCard({ condition, assets }: { condition: Condition; assets: number }) {
  const platforms = Object.keys(platformLabels) as (keyof typeof platformLabels)[];
  const bars = platforms
    .map((platform) => ({
      label: platformLabels[platform],
      value: condition.platforms[platform],
      to: `/assets?platform=${platform}`,
    }))
    .filter(({ value }) => value > 0);
  return (
    <Card>
      <CardHeader title="Platforms" />
      <CardBody>
        {bars.length === 0 ? (
          <p className="text-ink-muted">No asset says what it runs.</p>
        ) : (
          <BarList label="Platforms" bars={bars} of={assets} />
        )}
      </CardBody>
    </Card>
  );
}

const severityTones = {
  critical: "bad",
  major: "bad",
  moderate: "warn",
  minor: "accent",
  none: "neutral",
} as const;

export function AlertsBySeverityCard({ alerts }: { alerts: Overview["alerts"] }) {
  const total = Object.values(alerts).reduce((sum, n) => sum + n, 0);
  const bars = alertSeverities
    .map((severity) => ({
      label: severityLabels[severity].text,
      value: alerts[severity] ?? 0,
      to: `/alerts/list?state=active&severity=${severity}`,
      tone: severityTones[severity],
    }))
    .filter(({ value }) => value > 0);
  return (
    <Card>
      <CardHeader title="Active alerts" />
      <CardBody>
        {bars.length === 0 ? (
          <p className="text-ink-muted">No alert is active.</p>
        ) : (
          <BarList label="Active alerts by severity" bars={bars} of={total} />
        )}
      </CardBody>
    </Card>
  );
}
