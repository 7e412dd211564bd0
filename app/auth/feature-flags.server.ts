import type { Db } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import { readFlagOverrides, writeFlagOverride } from "@db/queries/operations/feature-flags";
import type { Actor } from "@domain/actor";

export interface FlagChange {
  flag: string;
  /** `null`: the environment's default. */
  isOn: boolean | null;
}

/** Sets flags of one tenant, all or none, and writes each change to the audit log. */
export async function setTenantFlags(
  { db, clock }: { db: Db; clock: () => Date },
  { tenantId, changes, actor }: { tenantId: string; changes: FlagChange[]; actor: Actor },
): Promise<void> {
  await db.transaction(async (tx) => {
    for (const change of changes) {
      const before = (await readFlagOverrides(tx, tenantId))[change.flag] ?? null;
      if (before === change.isOn) continue;
      await writeFlagOverride(tx, tenantId, change, clock());
      await audit(tx, tenantId, actor, {
        action: "feature_flag.changed",
        targetType: "feature_flag",
        targetId: change.flag,
        details: { from: flagWord(before), to: flagWord(change.isOn) },
      });
    }
  });
}

/** A tenant's setting of a flag as the command line writes it; null is the environment's default. */
export const flagWord = (isOn: boolean | null): "on" | "off" | "default" =>
  isOn === null ? "default" : isOn ? "on" : "off";
