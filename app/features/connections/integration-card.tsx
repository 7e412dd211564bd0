import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";
import type { ReactNode } from "react";

import { providerRegistry, type ProviderKey } from "~/connectors/registry";
import { NextRun } from "~/features/sync-runs/next-run";
import { outcomeText } from "~/features/sync-runs/run-figures";
import { RunProgress } from "~/features/sync-runs/run-progress";
import { RunStatusBadge } from "~/features/sync-runs/run-status";
import { Badge } from "~/ui/badge";
import { Callout } from "~/ui/callout";
import { Card } from "~/ui/card";
import { isInFlight } from "~/ui/labels";
import { connectionPath } from "~/ui/paths";
import { RelativeTime } from "~/ui/time";

import { integrationState } from "./integration-state";
import type { ConnectionOverview } from "./integrations.page.server";

type Integration = SerializeFrom<ConnectionOverview>;

const isProvider = (key: string): key is ProviderKey => key in providerRegistry;

const providerTitle = (key: string): string => (isProvider(key) ? providerRegistry[key].title : key);

export const ProviderIcon = ({ provider, className = "size-9" }: { provider: string; className?: string }) =>
  isProvider(provider) ? (
    <img src={`/icons/${providerRegistry[provider].icon}.svg`} alt="" className={className} />
  ) : null;

/** A connection's state, its last full sync, and when the next one is due. */
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
      {lastRun !== null && isInFlight(lastRun.status) && <RunProgress run={lastRun} />}
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm">
        {lastRun === null ? (
          <Fact title="Last full sync">none has run yet</Fact>
        ) : (
          !isInFlight(lastRun.status) && (
            <>
              <Fact title="Last full sync">
                <span className="flex flex-wrap items-center gap-2">
                  <Link to={`/runs/${lastRun.id}`} className="text-ink hover:underline">
                    <RelativeTime at={lastRun.endedAt} />
                  </Link>
                  <RunStatusBadge status={lastRun.status} />
                </span>
              </Fact>
              <Fact title="Devices">{lastRun.errorMessage ?? outcomeText(lastRun)}</Fact>
            </>
          )
        )}
        {integration.status !== "disconnected" &&
          integration.schedules.map((schedule) => (
            <Fact key={schedule.kind} title={schedule.kind === "full" ? "Full sync next" : "Alerts next"}>
              <NextRun schedule={schedule} />
            </Fact>
          ))}
      </dl>
    </Card>
  );
}

const Fact = ({ title, children }: { title: string; children: ReactNode }) => (
  <>
    <dt className="text-ink-faint">{title}</dt>
    <dd className="text-ink-muted">{children}</dd>
  </>
);
