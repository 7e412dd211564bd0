import { PackageCheck } from "lucide-react";

import { DAY_MS } from "@domain/durations";
import { count, formatBytes } from "@domain/format";
import { Absent, Card, CardHeader } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { Pagination } from "~/ui/pagination";
import { Table, Td, Th, Tr } from "~/ui/table";
import { ExactDay, useClock } from "~/ui/time";

import type { Detail } from "./asset-detail";

type Update = Detail["updates"]["rows"][number];

/** The asset's pending updates, longest pending first. */
export function UpdatesCard({ detail, pageSize }: { detail: Detail; pageSize: number }) {
  const { rows, total, page } = detail.updates;
  return (
    <Card>
      <CardHeader
        title="Pending updates"
        description={
          detail.details?.pendingOsPatches == null && total === 0
            ? "Not counted yet."
            : total > 0
              ? `${count(total, "update")}, the longest pending first.`
              : undefined
        }
      />
      {total === 0 ? (
        <EmptyState icon={PackageCheck} title="No update is pending" />
      ) : (
        <>
          <Table label="Pending updates">
            <thead>
              <tr>
                <Th className="w-full">Update</Th>
                <Th className="hidden text-right sm:table-cell">Size</Th>
                <Th className="hidden sm:table-cell">First seen</Th>
                <Th className="text-right">Pending</Th>
              </tr>
            </thead>
            <tbody>
              {rows.map((update) => (
                <UpdateRow key={update.id} update={update} />
              ))}
            </tbody>
          </Table>
          {total > pageSize && <Pagination page={page} pageSize={pageSize} total={total} noun="update" />}
        </>
      )}
    </Card>
  );
}

function UpdateRow({ update }: { update: Update }) {
  const { now } = useClock();
  const days = Math.max(0, Math.floor((now - Date.parse(update.availableSince)) / DAY_MS));
  return (
    <Tr>
      <Td className="[overflow-wrap:anywhere]">
        <span className="font-medium">{update.name}</span>
        <span className="block text-xs text-ink-faint">
          {[
            update.category,
            update.version,
            update.kbIds.join(", "),
            update.publishedOn && `published ${update.publishedOn.slice(0, 10)}`,
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
        {update.error !== null && <span className="block text-xs text-bad">{update.error}</span>}
      </Td>
      <Td className="hidden text-right whitespace-nowrap text-ink-muted sm:table-cell">
        {update.sizeBytes === null ? <Absent /> : formatBytes(update.sizeBytes)}
      </Td>
      <Td className="hidden whitespace-nowrap text-ink-muted sm:table-cell">
        <ExactDay at={update.firstSeenAt} />
      </Td>
      <Td className="text-right whitespace-nowrap">{days === 0 ? "today" : count(days, "day")}</Td>
    </Tr>
  );
}
