import { TimeChart } from "~/ui/time-chart";

import type { LedgerPoint } from "./ledger.page.server";

/** Servers and workstations over the last 90 days; renders nothing before the first day that was counted. */
export function CountChart({ title, points }: { title: string; points: readonly LedgerPoint[] }) {
  if (points.length === 0) return <p className="text-sm text-ink-muted">Nothing has been counted yet.</p>;
  return (
    <TimeChart
      title={title}
      days={points.map(({ day }) => day)}
      series={[
        { label: "Workstations", values: points.map(({ workstations }) => workstations), tone: "accent" },
        { label: "Servers", values: points.map(({ servers }) => servers), tone: "neutral" },
      ]}
    />
  );
}

/** Pending updates over the last 90 days. */
export function PatchTrend({ title, points }: { title: string; points: readonly LedgerPoint[] }) {
  if (points.length === 0) return <p className="text-sm text-ink-muted">Nothing has been counted yet.</p>;
  return (
    <TimeChart
      title={title}
      days={points.map(({ day }) => day)}
      series={[{ label: "Pending updates", values: points.map(({ patches }) => patches), tone: "warn" }]}
    />
  );
}
