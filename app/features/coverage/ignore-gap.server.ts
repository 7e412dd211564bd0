import * as z from "zod";

import { findGap, ignoreGap, unignoreGap } from "@db/queries/coverage/coverage";
import { coverageKinds, type CoverageKind } from "@domain/coverage";
import type { Context } from "~/auth/guard.server";

import { MAX_GAP_NOTE } from "./coverage-labels";

type Acting = Pick<Context, "tenantId" | "inTenant" | "audit" | "user">;

const gap = { kind: z.enum(coverageKinds), gap: z.uuid() };

export const ignoreGapForm = z.object({
  ...gap,
  note: z
    .string()
    .transform((text) => text.replaceAll("\u0000", "").trim())
    .pipe(z.string().min(1, "Say why.").max(MAX_GAP_NOTE, `Use at most ${MAX_GAP_NOTE} characters.`)),
});

export const unignoreGapForm = z.object(gap);

/** Ignores a gap, and stores why. */
export const ignore = (
  { tenantId, inTenant, audit, user }: Acting,
  { kind, gap: subjectId, note }: z.infer<typeof ignoreGapForm>,
): Promise<{ state: "ignored"; name: string } | { state: "unknown" }> =>
  inTenant(async (tx) => {
    const name = await findGap(tx, tenantId, kind, subjectId);
    if (name === undefined) return { state: "unknown" };
    await ignoreGap(tx, { tenantId, kind, subjectId, note, actor: user.name });
    await audit(tx, {
      action: "coverage.ignored",
      ...targetOf(kind, subjectId),
      details: { kind, name, note },
    });
    return { state: "ignored", name };
  });

/** Stops ignoring a gap. */
export const unignore = (
  { tenantId, inTenant, audit }: Acting,
  { kind, gap: subjectId }: z.infer<typeof unignoreGapForm>,
): Promise<{ state: "shown" | "unknown" }> =>
  inTenant(async (tx) => {
    if (!(await unignoreGap(tx, tenantId, kind, subjectId))) return { state: "unknown" };
    const name = await findGap(tx, tenantId, kind, subjectId);
    await audit(tx, { action: "coverage.unignored", ...targetOf(kind, subjectId), details: { kind, name } });
    return { state: "shown" };
  });

/** The target of the audit entry. Devices and groups have no page for the audit log to link to. */
const targetOf = (kind: CoverageKind, targetId: string) =>
  kind === "assets"
    ? { targetType: "asset", targetId }
    : kind === "clients"
      ? { targetType: "client", targetId }
      : {};
