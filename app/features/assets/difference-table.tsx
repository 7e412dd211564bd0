import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { Absent } from "~/ui/card";
import { PostForm, SubmitButton } from "~/ui/form";
import { Table, Td, Th, Tr } from "~/ui/table";
import { TickCell, TickHeader, type Ticks } from "~/ui/ticks";

import type { DifferenceRow } from "./differences.page.server";
import { differenceKey, fieldLabels, obstacleText, valueText } from "./field-labels";

export const BULK_FORM = "resolve-many";

interface DifferenceTableProps {
  ticks: Ticks;
  rows: SerializeFrom<DifferenceRow>[];
  /** The address that the forms are sent to; undefined for a person who may only read. */
  action: string | undefined;
}

/** Overridden values beside Level's. A person resolves a row alone, or several together by their boxes. */
export function DifferenceTable({ rows, action, ticks }: DifferenceTableProps) {
  const keys = rows.map(differenceKey);
  return (
    <Table label="Differences">
      <thead>
        <tr>
          {action !== undefined && <TickHeader ticks={ticks} />}
          <Th>Asset</Th>
          <Th className="hidden md:table-cell">Field</Th>
          <Th className="hidden sm:table-cell">Ours</Th>
          <Th className="hidden sm:table-cell">Level&apos;s</Th>
          {action !== undefined && (
            <Th className="hidden text-right sm:table-cell">
              <span className="sr-only">What to do</span>
            </Th>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <Tr key={keys[index]}>
            {action !== undefined && (
              <TickCell
                ticks={ticks}
                row={keys[index]!}
                name={`the ${fieldLabels[row.field].toLowerCase()} of ${row.asset}`}
              />
            )}
            <Td className="sm:max-w-56">
              <Link
                to={`/assets/${row.assetId}`}
                prefetch="intent"
                className="block truncate font-medium hover:underline"
              >
                {row.asset}
              </Link>
              <span className="block truncate text-xs text-ink-faint">
                <span className="md:hidden">{fieldLabels[row.field]} · </span>
                {row.client ?? "Without a client"}
              </span>
              {/* On a phone, one cell has everything about a difference, so that nothing is hidden beyond the edge. */}
              <div className="space-y-1.5 pt-1 sm:hidden">
                <p className="text-xs break-words">
                  <span className="text-ink-faint">Ours</span> {valueText(row.field, row.ours) ?? <Absent />}
                  <br />
                  <span className="text-ink-faint">Level&apos;s</span> <Theirs row={row} />
                </p>
                {action !== undefined && <RowForm row={row} action={action} />}
              </div>
            </Td>
            <Td className="hidden text-ink-muted md:table-cell">{fieldLabels[row.field]}</Td>
            <Td className="hidden max-w-48 break-words sm:table-cell">
              {valueText(row.field, row.ours) ?? <Absent />}
            </Td>
            <Td className="hidden max-w-48 break-words sm:table-cell">
              <Theirs row={row} />
            </Td>
            {action !== undefined && (
              <Td className="hidden sm:table-cell">
                <RowForm row={row} action={action} />
              </Td>
            )}
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

const Theirs = ({ row }: { row: SerializeFrom<DifferenceRow> }) =>
  row.obstacle === null ? (
    <>{valueText(row.field, row.theirs)}</>
  ) : (
    <span className="text-ink-muted">{obstacleText(row.obstacle, row.theirs)}</span>
  );

function RowForm({ row, action }: { row: SerializeFrom<DifferenceRow>; action: string }) {
  const what = (
    <span className="sr-only">
      {" "}
      for the {fieldLabels[row.field].toLowerCase()} of {row.asset}
    </span>
  );
  return (
    <PostForm action={action} preventScrollReset className="flex flex-wrap gap-1.5 sm:justify-end">
      <input type="hidden" name="row" value={differenceKey(row)} />
      {row.obstacle === null && (
        <SubmitButton name="intent" value="theirs" variant="secondary" size="sm" busy={false}>
          Use Level&apos;s{what}
        </SubmitButton>
      )}
      <SubmitButton name="intent" value="ours" variant="secondary" size="sm" busy={false}>
        Keep ours{what}
      </SubmitButton>
    </PostForm>
  );
}
