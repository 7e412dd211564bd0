import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { providerRegistry, type ProviderKey } from "~/integrations/provider-registry";
import type { Overview } from "~/presenters/overview.server";

import { connectionPath } from "../paths";
import { outcomeText } from "../runs/run-figures";
import { RunProgress } from "../runs/run-progress";
import { RunStatusBadge } from "../runs/run-status";
import { Badge } from "../ui/badge";
import { Callout } from "../ui/callout";
import { Card } from "../ui/card";
import { RelativeTime } from "../ui/time";
import { isInFlight } from "../words";
import { integrationState } from "./integration-state";

type Integration = SerializeFrom<Overview>["integrations"][number];

export const isProvider = (key: string): key is ProviderKey => key in providerRegistry;

export const providerTitle = (key: string): string => (isProvider(key) ? providerRegistry[key].title : key);

export const ProviderIcon = ({ provider, className = "size-9" }: { provider: string; className?: string }) =>
  isProvider(provider) ? (
    <img src={`/icons/${providerRegistry[provider].icon}.svg`} alt="" className={className} />
  ) : null;

/** A connection at a glance: its state, its last full run, when the next is due. */
export function IntegrationCard({ integration }: { integration: Integration }) {
  const state = integrationState(integration);
  const { lastRun } = integration;
  return (
    <Card className="flex flex-col gap-3 p-4">
      <div className="flex items-start gap-3">
        <ProviderIcon provider={integration.provider} />
        <div className="min-w-0 flex-1">
          <h2 className="truncate font-semibold">
            <Link to={connectionPath(integration)} className="hover:underline">
              {integration.label}
            </Link>
          </h2>
          <p className="text-xs text-ink-faint">{providerTitle(integration.provider)}</p>
        </div>
        <Badge tone={state.tone} dot live={state.live ?? false}>
          {state.text}
        </Badge>
      </div>
      {integration.status === "needs_attention" && integration.statusReason !== null && (
        <Callout tone="bad">{integration.statusReason}</Callout>
      )}
      {lastRun === null ? (
        <p className="text-sm text-ink-muted">No full sync has run yet.</p>
      ) : isInFlight(lastRun.status) ? (
        <RunProgress run={lastRun} />
      ) : (
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm">
          <dt className="text-ink-faint">Last full sync</dt>
          <dd className="flex flex-wrap items-center gap-2">
            <Link to={`/runs/${lastRun.id}`} className="hover:underline">
              <RelativeTime at={lastRun.endedAt} />
            </Link>
            <RunStatusBadge status={lastRun.status} />
          </dd>
          <dt className="text-ink-faint">Devices</dt>
          <dd className="text-ink-muted">{lastRun.errorMessage ?? outcomeText(lastRun)}</dd>
          <dt className="text-ink-faint">Next</dt>
          <dd className="text-ink-muted">
            {integration.pausedReason ?? (
              <RelativeTime at={integration.nextFullSyncAt} absent="not scheduled" />
            )}
          </dd>
        </dl>
      )}
    </Card>
  );
}
