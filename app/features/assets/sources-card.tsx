import type { SerializeFrom } from "@remix-run/node";

import { macText } from "~/features/review/identity-labels";
import { Card, CardHeader } from "~/ui/card";
import { goneReasonText } from "~/ui/labels";
import { ExactTime, RelativeTime } from "~/ui/time";

import type { AssetDetail } from "./assets.page.server";

type Device = SerializeFrom<AssetDetail>["devices"][number];

/** The devices that belong to the asset and why, and its former devices. */
export function SourcesCard({ devices }: { devices: Device[] }) {
  const current = devices.filter((device) => device.goneAt === null);
  const earlier = devices.filter((device) => device.goneAt !== null);
  return (
    <Card>
      <CardHeader
        title="Why this asset"
        description={
          devices.length === 0
            ? "Added by hand. No RMM knows it; a device with its serial number becomes this asset."
            : "The devices of the RMM that are this machine."
        }
      />
      <ul>
        {current.map((device) => (
          <Source key={`${device.connectionId} ${device.externalId}`} device={device} />
        ))}
      </ul>
      {earlier.length > 0 && (
        <>
          <h3 className="border-t border-line px-4 pt-3 text-xs font-medium text-ink-faint">
            Earlier devices
          </h3>
          <ul>
            {earlier.map((device) => (
              <Source key={`${device.connectionId} ${device.externalId}`} device={device} />
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

const Source = ({ device }: { device: Device }) => (
  <li className="border-t border-line px-4 py-3">
    <p className="font-medium">{device.displayName}</p>
    <p className="text-sm text-ink-muted">
      <LinkReason device={device} />
    </p>
    <p className="mt-0.5 text-xs text-ink-faint">
      {device.integration} ·{" "}
      {device.goneAt === null ? (
        <>
          observed <RelativeTime at={device.observedAt} /> · last seen online{" "}
          <RelativeTime at={device.lastSeenAt} absent="never" />
        </>
      ) : (
        <>
          gone since <ExactTime at={device.goneAt} />. {goneReasonText(device.goneReason)}
        </>
      )}
    </p>
    {device.goneAt === null && device.syncFailedAt !== null && (
      <p className="mt-0.5 text-xs text-bad">
        Could not be refreshed since <ExactTime at={device.syncFailedAt} />: {device.syncError}
      </p>
    )}
    <code className="mt-1 block truncate font-mono text-xs text-ink-faint" title={device.externalId}>
      {device.externalId}
    </code>
  </li>
);

/** Why a device was linked to its asset, as a sentence. */
function LinkReason({ device: { link, integration, createdAt } }: { device: Device }) {
  const at = <ExactTime at={link?.at ?? createdAt} />;
  switch (link?.by) {
    case "serial":
      return (
        <>
          Joined by serial number {link.key} on {at}
        </>
      );
    case "mac":
      return (
        <>
          Joined by MAC address {macText(link.key ?? "")} on {at}
        </>
      );
    case "hostname":
      return (
        <>
          Joined by hostname {link.key} on {at}
        </>
      );
    case "hand":
      return (
        <>
          Linked by hand by {link.actor ?? "somebody"} on {at}
        </>
      );
    case "created":
    case undefined:
      return (
        <>
          Created from {integration} on {at}
        </>
      );
  }
}
