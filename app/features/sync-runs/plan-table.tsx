import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { count } from "@domain/format";
import { Badge } from "~/ui/badge";
import { Table, Td, Th, Tr } from "~/ui/table";

import { fieldTexts, planActionLabels, planReason, type FieldText } from "./plan-labels";
import type { PlanRow } from "./plan.page.server";

type Row = SerializeFrom<PlanRow>;

/** The number of changed fields shown at first; a click shows the others. */
const FIELDS_SHOWN = 2;

/** The planned change of each device. */
export const PlanTable = ({ rows }: { rows: Row[] }) => (
  <Table label="What would happen">
    <thead>
      <tr>
        <Th>Device</Th>
        <Th>What</Th>
        <Th>From and to</Th>
        <Th className="hidden md:table-cell">Client</Th>
      </tr>
    </thead>
    <tbody>
      {rows.map((row) => (
        <Tr key={row.externalId} className="align-top">
          <Td className="max-w-56 align-top">
            {row.assetId === null ? (
              <span className="block truncate font-medium">{row.name}</span>
            ) : (
              <Link to={`/assets/${row.assetId}`} className="block truncate font-medium hover:underline">
                {row.name}
              </Link>
            )}
            <code className="block truncate font-mono text-xs text-ink-faint" title={row.externalId}>
              {row.externalId}
            </code>
          </Td>
          <Td className="align-top">
            <Badge tone={planActionLabels[row.action].tone}>{planActionLabels[row.action].would}</Badge>
          </Td>
          <Td className="min-w-52 align-top">
            <PlannedFields row={row} />
          </Td>
          <Td className="hidden max-w-48 truncate align-top text-ink-muted md:table-cell">
            {row.toClient ?? row.fromClient ?? <span className="text-ink-faint">none</span>}
          </Td>
        </Tr>
      ))}
    </tbody>
  </Table>
);

/** The changed fields of a device, and the reason for its action. */
export function PlannedFields({ row }: { row: Row }) {
  const fields = fieldTexts(row);
  const reason = planReason(row);
  const [shown, rest] = [fields.slice(0, FIELDS_SHOWN), fields.slice(FIELDS_SHOWN)];
  return (
    <>
      {reason !== null && <p className="text-ink-muted">{reason}</p>}
      <Fields fields={shown} />
      {rest.length > 0 && (
        <details>
          <summary className="cursor-pointer text-xs font-medium text-accent">
            {count(rest.length, "more field")}
          </summary>
          <Fields fields={rest} />
        </details>
      )}
    </>
  );
}

const Fields = ({ fields }: { fields: FieldText[] }) =>
  fields.length === 0 ? null : (
    <dl className="space-y-1">
      {fields.map(({ field, from, to }) => (
        <div key={field} className="break-words">
          <dt className="text-xs text-ink-faint">{field}</dt>
          <dd>
            <span className="text-ink-muted">{from ?? <Nothing />}</span>
            <span aria-hidden> → </span>
            <span className="sr-only"> becomes </span>
            <span className="font-medium">{to ?? <Nothing />}</span>
          </dd>
        </div>
      ))}
    </dl>
  );

const Nothing = () => <span className="text-ink-faint">nothing</span>;
