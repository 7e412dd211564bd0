import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";
import { ArrowRight, History } from "lucide-react";

import { changeCause, changeLabel } from "~/features/asset-history/change-labels";
import type { ShownChange } from "~/features/asset-history/history.page.server";
import { Absent, Card, CardHeader } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { RelativeTime } from "~/ui/time";

interface HistoryCardProps {
  assetId: string;
  changes: SerializeFrom<ShownChange>[];
}

/** The latest changes of the asset's fields, with a link to all. */
export const HistoryCard = ({ assetId, changes }: HistoryCardProps) => (
  <Card>
    <CardHeader
      title="Last changes"
      actions={
        <Link to={`/assets/${assetId}/history`} className="text-xs font-medium text-accent hover:underline">
          Whole history
        </Link>
      }
    />
    {changes.length === 0 ? (
      <EmptyState icon={History} title="No changes yet" />
    ) : (
      <ul>
        {changes.map(({ id, field, before, after, changedAt, actor, runId }) => (
          <li key={id} className="border-t border-line px-4 py-2.5 text-sm">
            <p className="flex justify-between gap-4">
              <span className="min-w-0 font-medium">{changeLabel(field)}</span>
              <span className="text-xs text-ink-faint">
                <RelativeTime at={changedAt} />
              </span>
            </p>
            <p className="flex flex-wrap items-center gap-x-2 [overflow-wrap:anywhere] text-ink-muted">
              <span className="line-clamp-2">{before ?? <Absent />}</span>
              <ArrowRight aria-label="became" className="size-3.5 shrink-0" />
              <span className="line-clamp-2 text-ink">{after ?? <Absent />}</span>
            </p>
            <p className="text-xs text-ink-faint">
              By{" "}
              {actor ??
                (runId === null ? (
                  changeCause(field)
                ) : (
                  <Link to={`/runs/${runId}`} className="hover:underline">
                    a sync run
                  </Link>
                ))}
            </p>
          </li>
        ))}
      </ul>
    )}
  </Card>
);
