import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { count } from "@domain/format";
import { Badge } from "~/ui/badge";
import { Callout } from "~/ui/callout";
import { Card, CardHeader } from "~/ui/card";
import { ListPages } from "~/ui/list-pages";
import { Table, Td, Th, Tr } from "~/ui/table";

import { planActionLabels } from "./plan-labels";
import { PlannedFields } from "./plan-table";
import type { Divergences } from "./plan.page.server";

type Row = SerializeFrom<Divergences>["rows"][number];

interface DivergenceCardProps {
  appliesRunId: string;
  /** For how many devices the run differs; null if it ended in a version that did not count them. */
  total: number | null;
  /** Those of them whose details are still kept. */
  divergences: SerializeFrom<Divergences>;
}

/** Whether a run did what its dry run had planned, and the differences. */
export function DivergenceCard({ appliesRunId, total, divergences }: DivergenceCardProps) {
  const { rows, ...pages } = divergences;
  const dryRun = (
    <Link to={`/runs/${appliesRunId}`} className="underline">
      the dry run
    </Link>
  );
  if (total === 0) return <Callout tone="good" title={<>Did exactly what {dryRun} showed.</>} />;
  if (total === null || pages.total === 0)
    return (
      <Callout
        tone="info"
        title={
          total === null
            ? "How this run differs from the dry run is no longer known"
            : `${count(total, "device")} did not go as the dry run showed`
        }
      >
        The details of {dryRun} and of this run were deleted, as those of old runs are.
      </Callout>
    );
  return (
    <Card>
      <CardHeader
        title={`${count(total, "device")} did not go as the dry run showed`}
        description={<>Level said something else by then. Everything else went as {dryRun} showed.</>}
      />
      <Table label="Where the run differs from the dry run">
        <thead>
          <tr>
            <Th>Device</Th>
            <Th>Foreseen</Th>
            <Th>Done</Th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Tr key={row.externalId}>
              <Td className="max-w-56 align-top">
                <span className="block truncate font-medium">{row.name}</span>
                <code className="block truncate font-mono text-xs text-ink-faint" title={row.externalId}>
                  {row.externalId}
                </code>
              </Td>
              <Td className="min-w-44 align-top">
                <Side row={row.planned} tense="would" />
              </Td>
              <Td className="min-w-44 align-top">
                <Side row={row.done} tense="did" />
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      <ListPages {...pages} shown={rows.length} noun="difference" />
    </Card>
  );
}

function Side({ row, tense }: { row: Row["planned"]; tense: "would" | "did" }) {
  if (row === null) return <span className="text-ink-faint">nothing</span>;
  const words = planActionLabels[row.action];
  return (
    <>
      <Badge tone={words.tone}>{words[tense]}</Badge>
      <PlannedFields row={row} />
    </>
  );
}
