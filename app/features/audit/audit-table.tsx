import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { Table, Td, Th, Tr } from "~/ui/table";
import { ExactTime } from "~/ui/time";

import { actionText, detailName } from "./audit-labels";
import type { AuditEntryRow } from "./audit.page.server";

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
        <Th>What</Th>
        <Th className="hidden sm:table-cell">Who</Th>
        <Th className="hidden lg:table-cell">From</Th>
        <Th className="text-right">When</Th>
      </tr>
    </thead>
    <tbody>
      {entries.map((entry) => (
        <Tr key={entry.id}>
          <Td className="align-top">
            <What entry={entry} />
            <span className="block text-xs text-ink-faint lg:hidden">
              <span className="sm:hidden">{entry.actor}</span>
              {entry.ip !== null && <span className="max-sm:ml-2">from {entry.ip}</span>}
            </span>
          </Td>
          <Td className="hidden max-w-56 truncate align-top text-ink-muted sm:table-cell">{entry.actor}</Td>
          <Td className="hidden align-top text-ink-faint lg:table-cell">{entry.ip ?? "–"}</Td>
          <Td className="text-right align-top text-ink-muted">
            <ExactTime at={entry.createdAt} />
          </Td>
        </Tr>
      ))}
    </tbody>
  </Table>
);

function What({ entry }: { entry: Entry }) {
  const page = entry.targetType === null ? undefined : pages[entry.targetType];
  const text = actionText(entry.action);
  const plain = entry.details.filter((detail) => !detail.isStructured);
  const structured = entry.details.filter((detail) => detail.isStructured);
  return (
    <>
      {page !== undefined && entry.targetId !== null ? (
        <Link to={page + entry.targetId} className="font-medium hover:underline">
          {text}
        </Link>
      ) : (
        <span className="font-medium">{text}</span>
      )}
      {plain.length > 0 && (
        <dl className="flex flex-wrap gap-x-4 text-xs text-ink-muted">
          {plain.map(({ name, value }) => (
            <div key={name} className="flex min-w-0 gap-1">
              <dt className="text-ink-faint">{detailName(name)}</dt>
              <dd className="min-w-0 break-words">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {structured.length > 0 && (
        <details className="mt-0.5 text-xs text-ink-muted">
          <summary className="w-fit rounded-sm hover:text-ink">
            {structured.map(({ name }) => detailName(name)).join(", ")}
          </summary>
          {structured.map(({ name, value }) => (
            <pre
              key={name}
              aria-label={detailName(name)}
              className="mt-1 max-h-64 max-w-[60vw] overflow-auto rounded-md bg-sunken p-2 font-mono whitespace-pre-wrap"
              // Focusable, so that a keyboard can scroll it.
              tabIndex={0}
            >
              {value}
            </pre>
          ))}
        </details>
      )}
    </>
  );
}
