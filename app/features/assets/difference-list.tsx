import type { SerializeFrom } from "@remix-run/node";

import { count } from "@domain/format";
import { BulkBar } from "~/ui/bulk-bar";
import { useTicks } from "~/ui/ticks";

import { BULK_FORM, DifferenceTable } from "./difference-table";
import type { DifferenceRow } from "./differences.page.server";
import { differenceKey } from "./field-labels";

interface DifferenceListProps {
  rows: SerializeFrom<DifferenceRow>[];
  total: number;
  mark: string;
  /** The address that the forms are sent to; undefined for a person who may only read. */
  action: string | undefined;
}

/** A page of differences, with their ticks. */
export function DifferenceList({ rows, total, mark, action }: DifferenceListProps) {
  const ticks = useTicks(rows.map(differenceKey), BULK_FORM);
  const { isAll } = ticks;
  const values = count(isAll ? total : ticks.onPage.length, "value");
  return (
    <>
      <DifferenceTable rows={rows} action={action} ticks={ticks} />
      {action !== undefined && (
        <BulkBar
          action={action}
          noun="difference"
          ticks={ticks}
          total={total}
          mark={mark}
          actions={[
            {
              intent: "theirs",
              label: "Use Level's",
              title: `Use Level's for ${values}?`,
              text: "Our values are replaced by Level's, and later syncs follow Level again.",
              confirm: "Use Level's",
            },
            {
              intent: "ours",
              label: "Keep ours",
              title: `Keep ours for ${values}?`,
              text: "Nothing changes. These differences are not listed again until Level says something else.",
              confirm: "Keep ours",
            },
          ]}
        />
      )}
    </>
  );
}
