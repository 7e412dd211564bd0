import { Network } from "lucide-react";

import { macText } from "~/features/review/identity-labels";
import { Card, CardHeader, Fact, Facts } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { Badge } from "~/ui/badge";

import { systemInfoOf, type Detail } from "./asset-detail";

/** Every network interface as the RMM lists it, virtual ones included. */
export function NetworkCard({ detail }: { detail: Detail }) {
  const interfaces = systemInfoOf(detail).networkInterfaces ?? [];
  const lan = detail.details?.lanIp ?? null;
  return (
    <Card>
      <CardHeader title="Network interfaces" />
      {interfaces.length === 0 ? (
        <EmptyState icon={Network} title="No network interfaces are known" />
      ) : (
        <ul aria-label="Network interfaces">
          {interfaces.map((nic, index) => (
            <li key={index} className="border-t border-line px-4 py-3">
              <p className="flex flex-wrap items-center gap-2 [overflow-wrap:anywhere]">
                <span className="font-medium">{nic.name ?? nic.description ?? `Interface ${index + 1}`}</span>
                {lan !== null && nic.addresses?.includes(lan) === true && <Badge tone="info">LAN</Badge>}
              </p>
              {nic.description !== undefined && nic.description !== nic.name && (
                <p className="text-sm text-ink-muted [overflow-wrap:anywhere]">{nic.description}</p>
              )}
              <Facts className="mt-2">
                <Fact name="Addresses">
                  {nic.addresses !== undefined && nic.addresses.length > 0 && (
                    <Addresses of={nic.addresses} />
                  )}
                </Fact>
                <Fact name="MAC address">
                  {nic.macAddress !== undefined && (
                    <span className="font-mono text-xs">{macShown(nic.macAddress)}</span>
                  )}
                </Fact>
                <Fact name="Gateway">{nic.gateway && <Addresses of={[nic.gateway]} />}</Fact>
                <Fact name="DNS servers">{nic.dnsServers && <Addresses of={nic.dnsServers} />}</Fact>
                {nic.dhcpServer !== undefined && (
                  <Fact name="DHCP server">
                    <Addresses of={[nic.dhcpServer]} />
                  </Fact>
                )}
              </Facts>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** A MAC address as "D4:AA:…", whatever separators the RMM uses; any other text unchanged. */
const macShown = (text: string): string => {
  const digits = text.replace(/[^0-9a-f]/gi, "").toLowerCase();
  return digits.length === 12 ? macText(digits) : text;
};

const Addresses = ({ of }: { of: readonly string[] }) => (
  <span className="font-mono text-xs [overflow-wrap:anywhere]">{of.join(", ")}</span>
);
