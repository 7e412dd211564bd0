import type { SerializeFrom } from "@remix-run/node";
import { Link, useLocation } from "@remix-run/react";
import { CircleCheck, Download, SearchX } from "lucide-react";

import { plannedDeviceActions, type PlannedDeviceAction } from "@domain/device-plan";
import { formatNumber } from "@domain/format";
import { Card, CardHeader } from "~/ui/card";
import { cn } from "~/ui/cn";
import { EmptyState } from "~/ui/empty-state";
import { Choice, ClientChoice, FilterForm } from "~/ui/filter-form";
import { ListPages } from "~/ui/list-pages";

import { planActionLabels, planReason } from "./plan-labels";
import { PlanTable } from "./plan-table";
import type { Plan } from "./plan.page.server";

interface PlanProps {
  runId: string;
  plan: SerializeFrom<Plan>;
  values: { q: string; action: string; client: string };
}

/** What a full sync would do according to a dry run: the number of changes of each kind, and each device. */
export function PlanCard({ runId, plan, values }: PlanProps) {
  const { counts, rows, total, clients } = plan;
  const { search } = useLocation();
  const isFiltered = Object.values(values).some((value) => value !== "");
  return (
    <>
      <ul
        aria-label="What would happen"
        className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-4 xl:grid-cols-7"
      >
        {plannedDeviceActions.map((action) => (
          <Tile
            key={action}
            action={action}
            runId={runId}
            value={counts[action] ?? 0}
            isOn={values.action === action}
          />
        ))}
      </ul>
      <SkipReasons skips={plan.skips} />
      <Card>
        <CardHeader
          title="Device by device"
          description="Devices that nothing would happen to are not listed."
          actions={
            <a
              href={`/runs/${runId}/plan.csv${search}`}
              className="inline-flex items-center gap-1.5 text-sm font-medium text-accent hover:underline"
            >
              <Download aria-hidden className="size-4" />
              CSV
            </a>
          }
        />
        <FilterForm text={values.q} placeholder="Name or id of the device">
          <Choice
            label="What would happen"
            name="action"
            value={values.action}
            options={[
              ["", "Everything"],
              ...plannedDeviceActions.map((action) => [action, planActionLabels[action].would] as const),
            ]}
          />
          <ClientChoice value={values.client} clients={clients} />
        </FilterForm>
        {rows.length > 0 ? (
          <PlanTable rows={rows} />
        ) : isFiltered ? (
          <EmptyState icon={SearchX} title="Nothing of the plan matches these filters" />
        ) : (
          <EmptyState icon={CircleCheck} title="Nothing would happen">
            Every asset is as Level says.
          </EmptyState>
        )}
        {total > 0 && <ListPages {...plan} shown={rows.length} noun="device" />}
      </Card>
    </>
  );
}

interface TileProps {
  action: PlannedDeviceAction;
  runId: string;
  value: number;
  isOn: boolean;
}

/** A number of the plan, which filters the table. Pressed again, it shows everything. */
function Tile({ action, runId, value, isOn }: TileProps) {
  const { would, note } = planActionLabels[action];
  return (
    <li
      className={cn(
        "relative rounded-lg border bg-surface p-3 shadow-card",
        isOn ? "border-accent" : "border-line hover:border-line-strong",
      )}
    >
      <p className="text-xs font-medium text-ink-faint">{would}</p>
      <p
        className={cn(
          "mt-1 text-2xl font-semibold tracking-tight tabular-nums",
          value === 0 && "text-ink-faint",
        )}
      >
        <Link
          to={isOn ? `/runs/${runId}` : `/runs/${runId}?action=${action}`}
          preventScrollReset
          aria-current={isOn ? "true" : undefined}
          className="after:absolute after:inset-0 after:rounded-lg"
        >
          {formatNumber(value)}
          <span className="sr-only"> {would}</span>
        </Link>
      </p>
      <p className="mt-0.5 text-xs text-ink-muted">{note}</p>
    </li>
  );
}

const SkipReasons = ({ skips }: { skips: PlanProps["plan"]["skips"] }) =>
  skips.length === 0 ? null : (
    <p className="text-sm text-ink-muted">
      Left out:{" "}
      {skips
        .map(({ reason, n }) => {
          const text = planReason({ action: "skip", reason }) ?? "without a reason";
          return `${formatNumber(n)} ${text.charAt(0).toLowerCase()}${text.slice(1)}`;
        })
        .join(", ")}
      .
    </p>
  );
