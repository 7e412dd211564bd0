import { Fact, Facts } from "~/ui/card";
import { RelativeTime } from "~/ui/time";

import { macText } from "./identity-labels";
import type { ShownPair } from "./merge.page.server";

/** The facts that distinguish an asset's machine. */
export const MachineFacts = ({ asset }: { asset: ShownPair["former"] }) => (
  <Facts>
    <Fact name="Serial number">{asset.serialNumber}</Fact>
    <Fact name="MAC addresses">{asset.macKeys.map(macText).join(", ") || null}</Fact>
    <Fact name="Hostname">{asset.hostname}</Fact>
    <Fact name="Model">{asset.model}</Fact>
    <Fact name="User">{asset.user}</Fact>
    <Fact name="Last seen">
      {asset.lastSeenMs === null ? null : <RelativeTime at={new Date(asset.lastSeenMs)} />}
    </Fact>
  </Facts>
);
