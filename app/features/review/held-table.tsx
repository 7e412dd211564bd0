import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { count } from "@domain/format";
import type { HeldSum } from "@domain/sync-words";
import { Badge } from "~/ui/badge";
import { BulkBar } from "~/ui/bulk-bar";
import { PostForm, SubmitButton } from "~/ui/form";
import { Table, Td, Th, Tr } from "~/ui/table";
import { TickCell, TickHeader, useTicks } from "~/ui/ticks";
import { RelativeTime } from "~/ui/time";

import { approvalTexts, kindLabels, rejectionTexts, heldReasonText } from "./held-labels";
import type { HeldPage } from "./review.page.server";

type Row = SerializeFrom<HeldPage>["rows"][number];

const BULK_FORM = "decide-many";

interface HeldTableProps {
  rows: Row[];
  total: number;
  mark: string;
  /** The number of changes of each kind that match, on other pages too. */
  sum: HeldSum;
  /** The address that the forms are sent to; undefined for a person who may only read. */
  action: string | undefined;
}

/** A change as the value of a form field, see `heldRow`. */
const keyOf = ({ id, mark }: Row): string => `${id}.${mark}`;

/** Held changes. A person decides each by its own buttons, or several together. */
export function HeldTable({ rows, total, mark, sum, action }: HeldTableProps) {
  const ticks = useTicks(rows.map(keyOf), BULK_FORM);
  const { ticked, isAll } = ticks;
  const chosen = isAll ? sum : sumOf(rows.filter((row) => ticked.has(keyOf(row))));
  const changes = count(isAll ? total : ticks.onPage.length, "change");
  return (
    <>
      {action !== undefined && (
        <BulkBar
          action={action}
          noun="change"
          ticks={ticks}
          total={total}
          mark={mark}
          actions={[
            {
              intent: "approve",
              label: "Approve",
              variant: "primary",
              title: `Approve ${changes}?`,
              text: <Sentences texts={approvalTexts(chosen)} />,
              confirm: `Approve ${changes}`,
            },
            {
              intent: "reject",
              label: "Reject",
              title: `Reject ${changes}?`,
              text: <Sentences texts={rejectionTexts(chosen)} />,
              confirm: `Reject ${changes}`,
            },
          ]}
        />
      )}
      <Table label="Held changes">
        <thead>
          <tr>
            {action !== undefined && <TickHeader ticks={ticks} />}
            <Th>Asset</Th>
            <Th className="hidden md:table-cell">What would change</Th>
            <Th className="hidden lg:table-cell">Why it is held</Th>
            <Th className="hidden xl:table-cell">Since</Th>
            {action !== undefined && (
              <Th className="text-right">
                <span className="sr-only">Decide</span>
              </Th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Tr key={row.id}>
              {action !== undefined && (
                <TickCell
                  ticks={ticks}
                  row={keyOf(row)}
                  name={`the ${kindLabels[row.kind].one.toLowerCase()} of ${row.name}`}
                />
              )}
              <Td className="w-full max-w-0 md:w-auto md:max-w-48 xl:max-w-56">
                <AssetName row={row} />
                <span className="block truncate text-xs text-ink-faint" title={row.client ?? undefined}>
                  {row.client ?? "Without a client"}
                </span>
                <div className="mt-1 wrap-anywhere md:hidden">
                  <Change row={row} />
                </div>
              </Td>
              <Td className="hidden min-w-44 wrap-anywhere md:table-cell">
                <Change row={row} />
              </Td>
              <Td className="hidden max-w-64 min-w-32 text-ink-muted wrap-anywhere lg:table-cell">
                {heldReasonText(row)}
              </Td>
              <Td className="hidden text-ink-muted xl:table-cell">
                <RelativeTime at={new Date(row.sinceMs)} />
                <Link
                  to={`/runs/${row.runId}`}
                  className="block max-w-40 truncate text-xs text-ink-faint hover:underline"
                >
                  Seen by a sync of {row.integration}
                </Link>
              </Td>
              {action !== undefined && (
                <Td className="text-right">
                  <RowForm row={row} action={action} />
                </Td>
              )}
            </Tr>
          ))}
        </tbody>
      </Table>
    </>
  );
}

function sumOf(rows: Row[]): HeldSum {
  const sum: HeldSum = { removal: 0, move: 0, rename: 0, losesClient: 0 };
  for (const row of rows) {
    sum[row.kind] += 1;
    if (row.kind === "move" && row.to === null) sum.losesClient += 1;
  }
  return sum;
}

const Sentences = ({ texts }: { texts: string[] }) => (
  <ul className="space-y-1.5">
    {texts.map((text) => (
      <li key={text}>{text}</li>
    ))}
  </ul>
);

const AssetName = ({ row }: { row: Row }) =>
  row.assetId === null ? (
    <span className="block truncate font-medium" title={row.name}>
      {row.name}
    </span>
  ) : (
    <Link
      to={`/assets/${row.assetId}`}
      prefetch="intent"
      className="block truncate font-medium hover:underline"
      title={row.name}
    >
      {row.name}
    </Link>
  );

function Change({ row }: { row: Row }) {
  if (row.kind === "removal") return <Badge tone="bad">Marked as gone</Badge>;
  const absent = <span className="text-ink-faint">no client</span>;
  return (
    <span>
      <span className="block text-xs text-ink-faint">{row.kind === "move" ? "Client" : "Name"}</span>
      <span className="text-ink-muted">{row.from ?? absent}</span>
      <span aria-hidden> → </span>
      <span className="sr-only"> becomes </span>
      <span className="font-medium">{row.to ?? absent}</span>
    </span>
  );
}

function RowForm({ row, action }: { row: Row; action: string }) {
  const what = (
    <span className="sr-only">
      {" "}
      the {kindLabels[row.kind].one.toLowerCase()} of {row.name}
    </span>
  );
  return (
    <PostForm
      action={action}
      preventScrollReset
      className="flex flex-wrap justify-end gap-1.5 min-[70rem]:flex-nowrap"
    >
      <input type="hidden" name="row" value={keyOf(row)} />
      <SubmitButton name="intent" value="approve" variant="secondary" size="sm" busy={false}>
        Approve{what}
      </SubmitButton>
      <SubmitButton name="intent" value="reject" variant="secondary" size="sm" busy={false}>
        Reject{what}
      </SubmitButton>
    </PostForm>
  );
}
