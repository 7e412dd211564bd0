import type { SerializeFrom } from "@remix-run/node";

import { count } from "@domain/format";
import { BulkBar } from "~/ui/bulk-bar";
import { useTicks } from "~/ui/ticks";

import { MatchCard } from "./identity-card";
import type { ComparedDevice } from "./review.page.server";

const BULK_FORM = "decide-many";

interface IdentityListProps {
  rows: SerializeFrom<ComparedDevice>[];
  total: number;
  mark: string;
  /** The address that the forms are sent to; undefined for a person who may only read. */
  action: string | undefined;
}

/** A page of pending devices, with their ticks. */
export function IdentityList({ rows, total, mark, action }: IdentityListProps) {
  const ticks = useTicks(
    rows.map((row) => row.id),
    BULK_FORM,
  );
  const { isAll } = ticks;
  const devices = count(isAll ? total : ticks.onPage.length, "device");
  return (
    <>
      <ul>
        {rows.map((row) => (
          <MatchCard key={row.id} device={row} ticks={ticks} action={action} />
        ))}
      </ul>
      {action !== undefined && (
        <BulkBar
          action={action}
          noun="device"
          ticks={ticks}
          total={total}
          mark={mark}
          actions={[
            {
              intent: "own",
              label: "Machines of their own",
              title: `${devices}: machines of their own?`,
              text: "Each gets an asset of its own. None of the assets that they might be is touched.",
              confirm: `Make ${count(isAll ? total : ticks.onPage.length, "asset")}`,
            },
          ]}
        />
      )}
    </>
  );
}
