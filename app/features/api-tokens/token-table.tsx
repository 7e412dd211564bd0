import type { SerializeFrom } from "@remix-run/node";
import { KeyRound } from "lucide-react";

import { apiScopeTitles } from "@domain/api-scopes";
import { Badge } from "~/ui/badge";
import { ConfirmButton } from "~/ui/confirm-button";
import { EmptyState } from "~/ui/empty-state";
import { Table, Td, Th, Tr } from "~/ui/table";
import { RelativeTime } from "~/ui/time";

import type { readApiTokens } from "./tokens.server";

type Row = SerializeFrom<Awaited<ReturnType<typeof readApiTokens>>[number]>;

export interface TokenTableProps {
  tokens: Row[];
  showsOwners: boolean;
  now: string;
}

export function TokenTable({ tokens, showsOwners, now }: TokenTableProps) {
  if (tokens.length === 0) {
    return (
      <EmptyState icon={KeyRound} title="No tokens yet">
        A script or another program needs one to read from the API or to start a sync.
      </EmptyState>
    );
  }
  return (
    <Table label="API tokens">
      <thead>
        <tr>
          <Th>Token</Th>
          <Th className="hidden sm:table-cell">May</Th>
          <Th className="hidden md:table-cell">Last used</Th>
          <Th className="hidden sm:table-cell">Expires</Th>
          <Th>
            <span className="sr-only">Actions</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <Tr key={token.id}>
            <Td className="max-w-64">
              <p className="truncate font-medium">
                {token.name} {token.kind === "service" && <Badge tone="accent">Program</Badge>}
              </p>
              <p className="truncate text-xs text-ink-faint">
                <span className="font-mono">{token.hint}…</span>
                {showsOwners && <> · {token.owner.email}</>}
              </p>
            </Td>
            <Td className="hidden text-ink-muted sm:table-cell">
              {token.scopes.map((scope) => apiScopeTitles[scope].title).join(", ")}
            </Td>
            <Td className="hidden text-ink-muted md:table-cell">
              <RelativeTime at={token.lastUsedAt} absent="never" />
              {token.lastUsedIp !== null && (
                <span className="block text-xs text-ink-faint">from {token.lastUsedIp}</span>
              )}
            </Td>
            <Td className="hidden text-ink-muted sm:table-cell">
              {token.expiresAt <= now ? (
                <Badge tone="warn">Expired</Badge>
              ) : (
                <RelativeTime at={token.expiresAt} absent="–" />
              )}
            </Td>
            <Td>
              <div className="flex justify-end">
                <ConfirmButton
                  intent="revoke"
                  fields={{ token: token.id }}
                  label="Revoke"
                  title={`Revoke “${token.name}”?`}
                  confirm="Revoke"
                >
                  Programs that use it are refused from now on. This cannot be undone: make a new token
                  instead.
                </ConfirmButton>
              </div>
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
