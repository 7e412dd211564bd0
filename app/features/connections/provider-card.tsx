import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";
import { Check, ChevronRight, Minus } from "lucide-react";

import { count } from "@domain/format";
import { providerRegistry, type ProviderDescription } from "~/connectors/registry";
import { Badge } from "~/ui/badge";
import { ButtonLink } from "~/ui/button";
import { Card } from "~/ui/card";
import { cn } from "~/ui/cn";

import { ProviderIcon } from "./integration-card";
import { integrationState } from "./integration-state";
import type { ProviderCardData } from "./integrations.page.server";
import { levelPath, LEVEL_PATH } from "./paths";

export const editionTitles: Record<ProviderDescription["edition"], string> = {
  community: "Community",
  enterprise: "Enterprise",
};

/** The label of each capability, in display order. */
export const capabilityTitles: Record<keyof ProviderDescription["capabilities"], string> = {
  connection: "Connection test",
  scopeSync: "Groups to clients",
  deviceSync: "Devices to assets",
  events: "Alerts and webhooks",
  remoteActions: "Remote actions",
};

/** A provider: its capabilities and the state of its connections. */
export function ProviderCard({
  provider: { key, connections },
  mayManage,
}: {
  provider: SerializeFrom<ProviderCardData>;
  mayManage: boolean;
}) {
  const { title, description, edition, featureFlag, capabilities } = providerRegistry[key];
  return (
    <Card className="flex flex-col">
      <div className="flex items-start gap-3 p-4">
        <ProviderIcon provider={key} className="size-10" />
        <div className="min-w-0 flex-1">
          <div className="flex flex-wrap items-center gap-2">
            <h2 className="font-semibold">{title}</h2>
            <Badge tone="accent" {...(featureFlag !== null && { title: `Feature flag: ${featureFlag}` })}>
              {editionTitles[edition]}
            </Badge>
          </div>
          <p className="mt-0.5 text-sm text-ink-muted">{description}</p>
        </div>
      </div>
      <ul aria-label={`What ${title} can do here`} className="flex flex-wrap gap-x-4 gap-y-1.5 px-4 pb-4">
        {Object.entries(capabilityTitles).map(([name, capability]) => {
          const has = capabilities[name as keyof typeof capabilities];
          const Mark = has ? Check : Minus;
          return (
            <li
              key={name}
              className={cn("flex items-center gap-1 text-xs", has ? "text-ink-muted" : "text-ink-faint")}
            >
              <Mark aria-hidden className={cn("size-3.5", has && "text-good")} />
              {capability}
              {!has && <span className="sr-only">: not available</span>}
            </li>
          );
        })}
      </ul>
      {connections.length > 0 && (
        <ul className="border-t border-line">
          {connections.map((connection) => {
            const state = integrationState(connection);
            return (
              <li key={connection.id} className="border-b border-line last:border-0">
                <Link
                  to={levelPath(connection.id)}
                  prefetch="intent"
                  className="flex items-center gap-3 px-4 py-2.5 hover:bg-sunken/60 focus-visible:-outline-offset-2"
                >
                  <span className="min-w-0 flex-1 truncate font-medium">{connection.label}</span>
                  <Badge tone={state.tone} dot live={state.live ?? false}>
                    {state.text}
                  </Badge>
                  <ChevronRight aria-hidden className="size-4 text-ink-faint" />
                </Link>
              </li>
            );
          })}
        </ul>
      )}
      <footer className="mt-auto flex items-center justify-between gap-3 border-t border-line px-4 py-3">
        <p className="text-xs text-ink-faint">
          {connections.length === 0 ? "Not connected" : count(connections.length, "account")}
        </p>
        <ButtonLink to={LEVEL_PATH} size="sm" variant={connections.length === 0 ? "primary" : "secondary"}>
          {connections.length === 0 && mayManage ? "Connect" : "Open"}
        </ButtonLink>
      </footer>
    </Card>
  );
}
