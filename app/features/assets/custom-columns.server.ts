import { withTenant, type Db } from "@db/client";
import {
  listCustomFieldNames,
  listCustomFieldValues,
  type CustomFieldName,
} from "@db/queries/custom-fields/fields";
import type { Role } from "@domain/permissions";

import { customColumnsIn } from "./asset-columns";
import { mayReadAdminOnly } from "./custom-fields.page.server";

/** The most custom fields offered as filters and columns. */
const OFFERED = 100;

export interface CustomFieldChoice {
  id: string;
  /** The field's name; with its connection if several fields have the name. */
  name: string;
}

/** The custom fields that the reader may filter by and show as columns. One statement. */
export async function customFieldChoices(db: Db, tenantId: string, role: Role): Promise<CustomFieldChoice[]> {
  const fields = await withTenant(db, tenantId, (tx) =>
    listCustomFieldNames(tx, tenantId, mayReadAdminOnly(role), OFFERED),
  );
  const isShared = ({ id, name }: CustomFieldName) =>
    fields.some((other) => other.id !== id && other.name === name);
  return fields.map((field) => ({
    id: field.id,
    name: isShared(field) ? `${field.name} (${field.connection})` : field.name,
  }));
}

/** The choices that these words name as columns, in the order of the choices, up to the most that a list shows. */
export function chosenCustomColumns(
  choices: readonly CustomFieldChoice[],
  words: readonly string[],
): CustomFieldChoice[] {
  const ids = customColumnsIn(words);
  return choices.filter(({ id }) => ids.includes(id));
}

/** The values of these assets in these fields, by asset and field. One statement; none if there are no fields. */
export async function customValuesOf(
  db: Db,
  tenantId: string,
  assetIds: readonly string[],
  fields: readonly CustomFieldChoice[],
  role: Role,
): Promise<Record<string, Record<string, string>>> {
  if (fields.length === 0 || assetIds.length === 0) return {};
  const rows = await withTenant(db, tenantId, (tx) =>
    listCustomFieldValues(tx, tenantId, assetIds, {
      fieldIds: fields.map(({ id }) => id),
      withAdminOnly: mayReadAdminOnly(role),
    }),
  );
  const values: Record<string, Record<string, string>> = {};
  for (const { assetId, fieldId, value } of rows) (values[assetId] ??= {})[fieldId] = value;
  return values;
}
