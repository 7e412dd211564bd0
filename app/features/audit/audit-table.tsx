import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { Table, Td, Th, Tr } from "~/ui/table";
import { ExactTime } from "~/ui/time";

import { detailName } from "./audit-sentences";
import type { AuditEntryRow } from "./audit.page.server";

type Entry = SerializeFrom<AuditEntryRow>;

/** Entries as sentences, each with its details in a disclosure. */
export const AuditTable = ({ entries }: { entries: Entry[] }) => (
  <Table label="Audit log">
    <thead>
      <tr>
        <Th>What happened</Th>
        <Th className="hidden lg:table-cell">From</Th>
        <Th className="text-right">When</Th>
      </tr>
    </thead>
    <tbody>
      {entries.map((entry) => (
        <Tr key={entry.id}>
          <Td className="w-full min-w-44 align-top [overflow-wrap:anywhere]">
            <Told entry={entry} />
            {entry.ip !== null && (
              <span className="block text-xs text-ink-faint lg:hidden">from {entry.ip}</span>
            )}
            <Details entry={entry} />
          </Td>
          <Td className="hidden align-top text-ink-faint lg:table-cell">{entry.ip ?? "–"}</Td>
          <Td className="text-right align-top text-ink-muted">
            <ExactTime at={entry.createdAt} />
          </Td>
        </Tr>
      ))}
    </tbody>
  </Table>
);

function Told({ entry: { actor, sentence, target } }: { entry: Entry }) {
  const { before, behind } = sentence;
  return (
    <p className="line-clamp-4" title={[actor, before, target?.name, behind].join(" ").replace(/\s+/g, " ")}>
      <span className="font-medium">{actor}</span> {before}
      {target !== null &&
        (target.path === null ? (
          <span className="font-medium">{target.name}</span>
        ) : (
          <Link to={target.path} className="font-medium text-accent hover:underline">
            {target.name}
          </Link>
        ))}
      {behind}
    </p>
  );
}

function Details({ entry: { action, details } }: { entry: Entry }) {
  return (
    <details className="mt-0.5 text-xs text-ink-muted">
      <summary className="w-fit rounded-sm hover:text-ink">Details</summary>
      <dl className="mt-1 space-y-1">
        {[{ name: "action", value: action, isStructured: false }, ...details].map(
          ({ name, value, isStructured }) => (
            <div key={name}>
              <dt className="inline text-ink-faint">{detailName(name)} </dt>
              {isStructured ? (
                <dd>
                  <pre
                    aria-label={detailName(name)}
                    className="mt-1 max-h-64 max-w-[60vw] overflow-auto rounded-md bg-sunken p-2 font-mono whitespace-pre-wrap"
                    // Focusable, so that a keyboard can scroll the details.
                    tabIndex={0}
                  >
                    {value}
                  </pre>
                </dd>
              ) : (
                <dd className="inline">{value}</dd>
              )}
            </div>
          ),
        )}
      </dl>
    </details>
  );
}
