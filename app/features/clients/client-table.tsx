import { Link } from "@remix-run/react";

import { formatNumber } from "@domain/format";
import { Table, Td, Th, Tr } from "~/ui/table";

import type { ClientRow } from "./clients.page.server";

export const ClientTable = ({ clients }: { clients: ClientRow[] }) => (
  <Table label="Clients">
    <thead>
      <tr>
        <Th>Client</Th>
        <Th className="text-right">Assets</Th>
        <Th className="hidden text-right sm:table-cell">Servers</Th>
        <Th className="hidden text-right sm:table-cell">Online</Th>
        <Th className="text-right">Updates</Th>
        <Th className="hidden text-right md:table-cell">Mapped groups</Th>
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
            >
              {client.name}
            </Link>
            {client.notes !== null && (
              <span className="block truncate text-xs text-ink-faint">{client.notes}</span>
            )}
          </Td>
          <Td className="text-right">
            <Link to={`/assets?client=${client.id}`} className="hover:underline">
              {formatNumber(client.assets)}
            </Link>
          </Td>
          <Td className="hidden text-right text-ink-muted sm:table-cell">{formatNumber(client.servers)}</Td>
          <Td className="hidden text-right text-ink-muted sm:table-cell">{formatNumber(client.online)}</Td>
          <Td className="text-right text-ink-muted">{formatNumber(client.patches)}</Td>
          <Td className="hidden text-right text-ink-muted md:table-cell">{formatNumber(client.groups)}</Td>
        </Tr>
      ))}
    </tbody>
  </Table>
);
