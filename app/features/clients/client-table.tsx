import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { formatNumber } from "@domain/format";
import { cn } from "~/ui/cn";
import { SortHeader } from "~/ui/sort-header";
import { Table, Td, Tr } from "~/ui/table";
import { RelativeTime } from "~/ui/time";

import type { ClientRow } from "./clients.page.server";
import { freshText } from "./fresh-share";

interface ClientTableProps {
  clients: SerializeFrom<ClientRow>[];
  sort: string;
  isReversed: boolean;
}

export const ClientTable = ({ clients, ...order }: ClientTableProps) => (
  <Table label="Clients">
    <thead>
      <tr>
        <SortHeader {...order} name="name">
          Client
        </SortHeader>
        <SortHeader {...order} name="devices" descends className="text-right">
          Assets
        </SortHeader>
        <SortHeader {...order} name="online" descends className="hidden text-right sm:table-cell">
          Online
        </SortHeader>
        <SortHeader {...order} name="patches" descends className="text-right">
          Updates
        </SortHeader>
        <SortHeader {...order} name="alerts" descends className="hidden text-right sm:table-cell">
          Alerts
        </SortHeader>
        <SortHeader {...order} name="fresh" className="hidden text-right lg:table-cell">
          Confirmed in time
        </SortHeader>
        <SortHeader {...order} name="synced" descends className="hidden text-right md:table-cell">
          Last sync
        </SortHeader>
      </tr>
    </thead>
    <tbody>
      {clients.map((client) => (
        <Tr key={client.id}>
          <Td className="w-full max-w-0">
            <Link
              to={`/clients/${client.id}`}
              prefetch="intent"
              className="block truncate font-medium hover:underline"
              title={client.name}
            >
              {client.name}
            </Link>
            {client.notes !== null && (
              <span className="block truncate text-xs text-ink-faint">{client.notes}</span>
            )}
          </Td>
          <Td className="text-right">
            <Count to={`/assets?client=${client.id}`} value={client.assets} isMain />
          </Td>
          <Td className="hidden text-right sm:table-cell">
            <Count to={`/assets?client=${client.id}&state=online`} value={client.online} />
          </Td>
          <Td className="text-right">
            <Count to={`/patches/devices?client=${client.id}`} value={client.patches} />
          </Td>
          <Td className="hidden text-right sm:table-cell">
            <Count to={`/alerts/list?state=active&client=${client.id}`} value={client.alerts} />
          </Td>
          <Td
            className={cn(
              "hidden text-right lg:table-cell",
              client.fresh < client.promised ? "text-warn" : "text-ink-muted",
            )}
          >
            {freshText(client)}
          </Td>
          <Td className="hidden text-right text-ink-muted md:table-cell">
            <RelativeTime at={client.syncedAt} />
          </Td>
        </Tr>
      ))}
    </tbody>
  </Table>
);

const Count = ({ to, value, isMain = false }: { to: string; value: number; isMain?: boolean }) =>
  value === 0 ? (
    <span className="text-ink-faint">0</span>
  ) : (
    <Link to={to} className={cn("hover:underline", !isMain && "text-ink-muted hover:text-ink")}>
      {formatNumber(value)}
    </Link>
  );
