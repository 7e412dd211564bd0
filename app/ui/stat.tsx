import { Link } from "@remix-run/react";
import type { ReactNode } from "react";

import { formatNumber } from "@domain/format";

import { Card } from "./card";

export interface StatProps {
  label: string;
  value: number;
  note?: ReactNode;
  to: string;
}

/** A number that links to the list that it counts. */
export const Stat = ({ label, value, note, to }: StatProps) => (
  <Card className="relative p-4 hover:border-line-strong">
    <p className="text-xs font-medium text-ink-faint">{label}</p>
    <p className="mt-1 text-2xl font-semibold tracking-tight tabular-nums">
      <Link to={to} prefetch="intent" className="after:absolute after:inset-0 after:rounded-lg">
        {formatNumber(value)}
      </Link>
    </p>
    {note !== undefined && <p className="mt-0.5 text-xs text-ink-muted tabular-nums">{note}</p>}
  </Card>
);
