import * as z from "zod";

import type { TenantDb } from "@db/client";
import { listAssetGroups, listAssetTags } from "@db/queries/assets/asset-choices";
import { findAssetsNamed, listAssetNames } from "@db/queries/assets/assets";
import { listClientNames } from "@db/queries/clients/clients";
import { anyAlert, MAX_NAME_PATTERN, type AlertConditions } from "@domain/alert-conditions";
import { alertSeverities } from "@domain/alert-words";
import { assetTypes } from "@domain/asset-words";
import { foldText, onOneLine } from "@domain/text";

import { platformNames } from "./condition-words";

const CHOICES = 5_000;
/** The most values of one kind of condition. */
const MAX_VALUES = 200;

/** The values that conditions can be chosen from; three statements. */
export async function readConditionChoices(tx: TenantDb, tenantId: string) {
  return {
    clients: await listClientNames(tx, tenantId, { withArchived: true }),
    groups: (await listAssetGroups(tx, tenantId, { clientId: undefined, limit: CHOICES })).map(
      ({ id, path }) => ({ id, name: path }),
    ),
    tags: (await listAssetTags(tx, tenantId, CHOICES)).map((tag) => ({ id: tag, name: tag })),
  };
}

export type ConditionChoices = Awaited<ReturnType<typeof readConditionChoices>>;

/** Conditions with the names of their devices, as the form shows them. */
export interface ShownConditions extends AlertConditions {
  assets: { id: string; name: string }[];
}

/** The conditions as a form shows them, with the names of their devices' assets. */
export const shownConditions = async (
  tx: TenantDb,
  tenantId: string,
  conditions: AlertConditions,
): Promise<ShownConditions> => ({
  ...conditions,
  assets: await listAssetNames(tx, tenantId, conditions.assetIds),
});

const ids = z.array(z.uuid()).max(MAX_VALUES);
const schema = z.object({
  severities: z.array(z.enum(alertSeverities)),
  name: z.string().transform(onOneLine).pipe(z.string().max(MAX_NAME_PATTERN)),
  clientIds: ids,
  groupIds: ids,
  assetIds: ids,
  tags: z.array(z.string().min(1).max(256)).max(MAX_VALUES),
  assetTypes: z.array(z.enum(assetTypes)),
  platforms: z.array(z.enum(platformNames)),
});

/** The schema of each kind of condition. */
export const conditionFields = schema.shape;

export interface ParsedConditions {
  shown: ShownConditions;
  conditions: AlertConditions;
  errors: Partial<Record<"conditions" | "device", string>>;
}

/** Parses conditions from a form: repeated fields for the values, and a device by its name. */
export async function parseConditions(
  tx: TenantDb,
  tenantId: string,
  form: FormData,
): Promise<ParsedConditions> {
  const all = (name: string) => [...new Set(form.getAll(name).map(String))];
  const parsed = schema.safeParse({
    severities: all("severity"),
    name: String(form.get("pattern") ?? ""),
    clientIds: all("client"),
    groupIds: all("group"),
    assetIds: all("asset"),
    tags: all("tag"),
    assetTypes: all("assetType"),
    platforms: all("platform"),
  });
  const errors: ParsedConditions["errors"] = {};
  if (!parsed.success)
    errors.conditions = `Something in it is not known here, or there are more than ${MAX_VALUES} values.`;
  const conditions: AlertConditions = parsed.data ?? { ...anyAlert };
  const added = await findDevice(tx, tenantId, onOneLine(String(form.get("device") ?? "")));
  if (added.state === "refused") errors.device = added.reason;
  if (added.state === "found") conditions.assetIds = [...new Set([...conditions.assetIds, added.id])];
  const shown = await shownConditions(tx, tenantId, conditions);
  // Leaves out assets of another tenant and assets that were removed meanwhile.
  const assetIds = shown.assets.map(({ id }) => id);
  if (conditions.assetIds.length > 0 && assetIds.length === 0)
    errors.device ??= "None of these devices exists any more.";
  const known = { ...conditions, assetIds };
  return { conditions: known, shown: { ...shown, ...known }, errors };
}

async function findDevice(
  tx: TenantDb,
  tenantId: string,
  name: string,
): Promise<{ state: "none" } | { state: "found"; id: string } | { state: "refused"; reason: string }> {
  if (name === "") return { state: "none" };
  const found = await findAssetsNamed(tx, tenantId, name, 3);
  const exact = found.filter((one) => foldText(one.name) === foldText(name));
  const [one, other] = exact.length > 0 ? exact : found;
  if (one === undefined) return { state: "refused", reason: `No asset is called “${name}”.` };
  if (other !== undefined)
    return { state: "refused", reason: `Several assets are called “${name}”. Begin from the asset’s page.` };
  return { state: "found", id: one.id };
}
