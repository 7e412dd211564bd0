import type { SerializeFrom } from "@remix-run/node";
import { Link, useLocation } from "@remix-run/react";
import { ArrowRight, History, SearchX } from "lucide-react";

import { changeGroups, type ChangeGroup } from "@domain/asset-history";
import { Absent, Card } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { Choice, ChoiceForm } from "~/ui/filter-form";
import { syncTypeLabels } from "~/ui/labels";
import { Table, Td, Th, Tr } from "~/ui/table";
import { ExactTime } from "~/ui/time";

import { changeCause, changeGroupLabels, changeLabel } from "./change-labels";
import type { ShownChange } from "./history.page.server";

type Change = SerializeFrom<ShownChange>;

export interface ChangesCardProps {
  changes: Change[];
  next: number | null;
  group: ChangeGroup | null;
  /** Whether the changes are those of an asset or those of a run. */
  of: "asset" | "run";
}

/** Changes of fields, newest first, with a filter and a link to older ones. */
export function ChangesCard({ changes, next, group, of }: ChangesCardProps) {
  const { search } = useLocation();
  const older = new URLSearchParams(search);
  older.set("before", String(next ?? ""));
  return (
    <Card>
      <ChoiceForm>
        <Choice
          label="Field"
          name="field"
          value={group ?? ""}
          options={[
            ["", "All fields"],
            ...Object.keys(changeGroups).map((key) => [key, changeGroupLabels[key as ChangeGroup]] as const),
          ]}
        />
      </ChoiceForm>
      {changes.length > 0 ? (
        <ChangeTable changes={changes} of={of} />
      ) : group !== null ? (
        <EmptyState icon={SearchX} title="No change of these fields" />
      ) : (
        <EmptyState icon={History} title="No changes yet">
          {of === "asset"
            ? "Each change of a field is kept here: what it was, what it is, and who or what changed it."
            : "This run changed no field of an asset that was there before."}
        </EmptyState>
      )}
      {next !== null && (
        <p className="border-t border-line px-4 py-2.5 text-center">
          <Link to={`?${older}`} className="font-medium text-accent hover:underline">
            Older changes
          </Link>
        </p>
      )}
    </Card>
  );
}

const ChangeTable = ({ changes, of }: Pick<ChangesCardProps, "changes" | "of">) => (
  <Table label="Changes">
    <thead>
      <tr>
        <Th>{of === "run" ? "Asset and field" : "Field"}</Th>
        <Th>Change</Th>
        <Th className="hidden md:table-cell">By</Th>
        <Th className="text-right">When</Th>
      </tr>
    </thead>
    <tbody>
      {changes.map((change) => (
        <Tr key={change.id}>
          <Td className="max-w-56 align-top">
            {of === "run" && (
              <Link
                to={`/assets/${change.assetId}/history`}
                title={change.asset}
                className="block truncate font-medium hover:underline"
              >
                {change.asset}
              </Link>
            )}
            <span className={of === "run" ? "text-xs text-ink-muted" : "font-medium"}>
              {changeLabel(change.field)}
            </span>
            <span className="block text-xs text-ink-muted md:hidden">
              <Cause change={change} of={of} />
            </span>
          </Td>
          <Td className="min-w-48 align-top">
            <span className="flex flex-wrap items-center gap-x-2 gap-y-0.5 [overflow-wrap:anywhere]">
              <span className="text-ink-muted">{change.before ?? <Absent />}</span>
              <ArrowRight aria-label="became" className="size-3.5 shrink-0 text-ink-faint" />
              <span>{change.after ?? <Absent />}</span>
            </span>
          </Td>
          <Td className="hidden max-w-56 truncate align-top text-ink-muted md:table-cell">
            <Cause change={change} of={of} />
          </Td>
          <Td className="text-right align-top text-ink-muted">
            <ExactTime at={change.changedAt} />
          </Td>
        </Tr>
      ))}
    </tbody>
  </Table>
);

/** The person who made the change, otherwise the run, otherwise Plumbline itself. */
function Cause({ change, of }: { change: Change; of: ChangesCardProps["of"] }) {
  if (change.actor !== null) return change.actor;
  if (change.runId === null) return of === "run" ? "This run" : changeCause(change.field);
  if (of === "run") return "This run";
  return (
    <Link to={`/runs/${change.runId}`} className="hover:underline">
      {syncTypeLabels[change.runType!]} sync
    </Link>
  );
}
