/** Why the count of a client and type changed by one device. */
export const ledgerReasons = ["added", "gone", "retired", "removed", "moved", "retyped"] as const;
export type LedgerReason = (typeof ledgerReasons)[number];

/** A day of UTC as it is written: "2026-11-28". */
export const dayOf = (instant: Date): string => instant.toISOString().slice(0, 10);

/** The first day of a month, from "2026-11" or a day in it; undefined for other text. */
export function monthOf(text: string | null): string | undefined {
  const match = /^(20\d\d)-(0[1-9]|1[0-2])(?:-\d\d)?$/.exec(text ?? "");
  return match === null ? undefined : `${match[1]}-${match[2]}-01`;
}

/** The first day of the month this many months after a month. */
export function monthAfter(month: string, months: number): string {
  const at = new Date(`${month}T00:00:00Z`);
  at.setUTCMonth(at.getUTCMonth() + months);
  return dayOf(at);
}

/** A UTC day from an address; undefined for other text. */
export function parseDay(text: string | null): string | undefined {
  if (!/^20\d\d-\d\d-\d\d$/.test(text ?? "")) return undefined;
  const at = new Date(`${text}T00:00:00Z`);
  return Number.isNaN(at.getTime()) || dayOf(at) !== text ? undefined : text!;
}
