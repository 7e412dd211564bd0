import { count, formatNumber } from "@domain/format";
import { Badge } from "~/ui/badge";
import { Callout } from "~/ui/callout";
import { Card, CardHeader } from "~/ui/card";
import { Table, Td, Th, Tr } from "~/ui/table";

import type { ImportPlan, PlannedRow } from "./csv.server";

/** The most rows shown: nobody reads more, and the file has them all. */
const SHOWN = 500;

const stateLooks = {
  new: { text: "New", tone: "good" },
  changed: { text: "Changed", tone: "info" },
  unchanged: { text: "Unchanged", tone: "neutral" },
  error: { text: "Error", tone: "bad" },
} as const;

const order: readonly PlannedRow["state"][] = ["error", "new", "changed", "unchanged"];

/** What importing does, or did, with each row of a file. Errors come first. */
export function ImportRows({ plan, isDone }: { plan: ImportPlan; isDone: boolean }) {
  const { counts } = plan;
  const rows = order.flatMap((state) => plan.rows.filter((row) => row.state === state));
  const said = order
    .filter((state) => counts[state] > 0)
    .map((state) => `${formatNumber(counts[state])} ${stateLooks[state].text.toLowerCase()}`)
    .join(", ");
  return (
    <Card>
      <CardHeader
        title={isDone ? "What was imported" : "What the import would do"}
        description={`${count(plan.rows.length, "row")}: ${said}.`}
      />
      <Table label="Rows of the file">
        <thead>
          <tr>
            <Th className="w-0">Line</Th>
            <Th>Name</Th>
            <Th>Result</Th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, SHOWN).map((row) => (
            <Tr key={row.line}>
              <Td className="text-ink-muted tabular-nums">{row.line}</Td>
              <Td className="[overflow-wrap:anywhere]">
                {row.name}
                {row.client !== null && <span className="block text-xs text-ink-faint">{row.client}</span>}
              </Td>
              <Td>
                <Badge tone={stateLooks[row.state].tone}>{stateLooks[row.state].text}</Badge>
                {row.fields.length > 0 && (
                  <span className="ml-2 text-ink-muted">{row.fields.join(", ")}</span>
                )}
                {row.problems.map(({ column, message }) => (
                  <span key={column + message} className="block text-bad">
                    {column}: {message}
                  </span>
                ))}
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      {rows.length > SHOWN && (
        <p className="border-t border-line px-4 py-2.5 text-xs text-ink-faint">
          The first {formatNumber(SHOWN)} rows, errors first.
        </p>
      )}
    </Card>
  );
}

/** Why a file cannot be read, with the place of each error. */
export const FileProblems = ({
  problems,
}: {
  problems: readonly { row: number; column: string; message: string }[];
}) => (
  <Callout tone="bad" alert className="mb-5" title="The file cannot be read. Nothing was changed.">
    <ul className="list-inside list-disc">
      {problems.slice(0, 20).map(({ row, column, message }) => (
        <li key={`${row} ${column} ${message}`}>
          Line {row}, column “{column}”: {message}
        </li>
      ))}
    </ul>
  </Callout>
);
