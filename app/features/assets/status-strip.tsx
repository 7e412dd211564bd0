import { formatDuration } from "@domain/format";
import { Card, Fact } from "~/ui/card";
import { ExactTime, RelativeTime } from "~/ui/time";

import { AgentStatusBadge } from "./agent-status";
import type { Detail } from "./asset-detail";

/** The values that change each minute, with the time at which they were true. */
export function StatusStrip({ detail }: { detail: Detail }) {
  const device = detail.devices[0];
  if (device === undefined) return null;
  return (
    <Card className="mb-5 px-4 py-3">
      <dl className="grid grid-cols-2 gap-x-6 gap-y-2.5 md:grid-cols-4" aria-label="Live status">
        <Fact name="Status">
          <AgentStatusBadge status={detail.asset.status} agentStatus={device.agentStatus} />
          <span className="mt-0.5 block text-xs text-ink-faint">
            as of <RelativeTime at={device.observedAt} />
          </span>
        </Fact>
        <Fact name="Last seen online">
          <RelativeTime at={device.lastSeenAt} absent="never" />
        </Fact>
        <Fact name="Up for">
          {device.uptimeSeconds != null && (
            <>
              {formatDuration(device.uptimeSeconds * 1000)}
              <span className="mt-0.5 block text-xs text-ink-faint">
                as of <RelativeTime at={device.observedAt} />
              </span>
            </>
          )}
        </Fact>
        <Fact name="Last restart">
          {device.lastRebootAt != null && <ExactTime at={device.lastRebootAt} />}
        </Fact>
      </dl>
    </Card>
  );
}
