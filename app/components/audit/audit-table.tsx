import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import type { AuditEntryRow } from "~/presenters/audit.server";

import { Table, Td, Th, Tr } from "../ui/table";
import { ExactTime } from "../ui/time";
import { actionText, detailName } from "./audit-words";

type Entry = SerializeFrom<AuditEntryRow>;

const pages: Record<string, string> = {
  client: "/clients/",
  asset: "/assets/",
  run: "/runs/",
  // There is one kind of RMM; with a second one the entry must say which.
  integration: "/settings/integrations/levelio/",
};

export const AuditTable = ({ entries }: { entries: Entry[] }) => (
  <Table label="Audit log">
    <thead>
      <tr>
        <Th>When</Th>
        <Th>Who</Th>
        <Th>What</Th>
        <Th className="hidden lg:table-cell">From</Th>
      </tr>
    </thead>
    <tbody>
      {entries.map((entry) => (
        <Tr key={entry.id} className="align-top">
          <Td className="align-top text-ink-muted">
            <ExactTime at={entry.createdAt} />
          </Td>
          <Td className="max-w-56 truncate align-top">{entry.actor}</Td>
          <Td className="align-top">
            <What entry={entry} />
          </Td>
          <Td className="hidden align-top text-ink-faint lg:table-cell">{entry.ip ?? "–"}</Td>
        </Tr>
      ))}
    </tbody>
  </Table>
);

function What({ entry }: { entry: Entry }) {
  const page = entry.targetType === null ? undefined : pages[entry.targetType];
  const text = actionText(entry.action);
  return (
    <>
      {page !== undefined && entry.targetId !== null ? (
        <Link to={page + entry.targetId} className="font-medium hover:underline">
          {text}
        </Link>
      ) : (
        <span className="font-medium">{text}</span>
      )}
      {entry.details.length > 0 && (
        <dl className="flex flex-wrap gap-x-4 text-xs text-ink-muted">
          {entry.details.map(({ name, value }) => (
            <div key={name} className="flex min-w-0 gap-1">
              <dt className="text-ink-faint">{detailName(name)}</dt>
              <dd className="min-w-0 break-words">{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}
