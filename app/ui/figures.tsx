import type { ReactNode } from "react";

/** Names, with their values at the other side of the card. */
export const Figures = ({ rows }: { rows: readonly (readonly [name: string, value: ReactNode])[] }) => (
  <dl className="space-y-2 text-sm">
    {rows.map(([name, value]) => (
      <div key={name} className="flex flex-wrap justify-between gap-x-4">
        <dt className="text-ink-faint">{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);
