import type { LedgerReason } from "@domain/device-ledger";

/** What happened to a device, from the view of the client whose count changed. */
export function reasonText(reason: LedgerReason, change: number, otherClient: string | null): string {
  switch (reason) {
    case "added":
      return "Added, or back";
    case "gone":
      return "Gone from the RMM";
    case "retired":
      return "Retired";
    case "removed":
      return "Removed";
    case "moved":
      return change > 0
        ? `Moved from ${otherClient ?? "no client"}`
        : `Moved to ${otherClient ?? "no client"}`;
    case "retyped":
      return change > 0 ? "Changed to this type" : "Changed to the other type";
  }
}

const months = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
const days = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});

/**
 * A month as text for people.
 * @param month `2026-11`
 */
export const monthText = (month: string): string => months.format(new Date(`${month}T00:00:00Z`));

/**
 * A day as text for people.
 * @param day `2026-11-28`
 */
export const dayText = (day: string): string => days.format(new Date(`${day}T00:00:00Z`));
