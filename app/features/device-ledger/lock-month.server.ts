import * as z from "zod";

import { listLedgerMonths, lockLedgerMonth } from "@db/queries/device-ledger/ledger";
import { dayOf, monthAfter, monthOf } from "@domain/device-ledger";
import type { Context } from "~/auth/guard.server";

type Acting = Pick<Context, "tenantId" | "inTenant" | "audit" | "user" | "app">;

export const lockMonthForm = z.object({
  month: z
    .string()
    .transform((text) => monthOf(text))
    .pipe(z.string("Choose a month.")),
});

export type LockOutcome = { state: "locked" | "already" | "not_over" | "not_counted" };

const MONTHS_KNOWN = 1200;

/** Locks the counts of a month that is over, for good: from then on the database refuses every change of its days. */
export async function lockMonth(
  { tenantId, inTenant, audit, user, app }: Acting,
  month: string,
): Promise<LockOutcome> {
  const now = app.clock();
  if (monthAfter(month, 1) > dayOf(now)) return { state: "not_over" };
  return inTenant(async (tx): Promise<LockOutcome> => {
    const known = await listLedgerMonths(tx, tenantId, MONTHS_KNOWN);
    if (!known.some((one) => one.month === month)) return { state: "not_counted" };
    if (!(await lockLedgerMonth(tx, { tenantId, month, lockedBy: user.name, lockedAt: now })))
      return { state: "already" };
    await audit(tx, { action: "ledger.month_locked", details: { month: month.slice(0, 7) } });
    return { state: "locked" };
  });
}
