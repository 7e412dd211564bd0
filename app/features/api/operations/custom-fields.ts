import * as z from "zod";

import type { TenantDb } from "@db/client";
import type { CustomFieldFilter } from "@db/queries/assets/asset-filter";
import { listCustomFieldNames, listCustomFieldValues } from "@db/queries/custom-fields/fields";
import { hasScope } from "@domain/api-scopes";
import { allows } from "@domain/permissions";

import { operation, type ApiContext } from "../base/operation";
import { pageOf } from "../base/paging";
import { ApiProblem } from "../base/problem";
import { named, searchWords } from "../base/shapes";

const MAX_FIELDS = 500;

/** The custom fields of an asset that have a value. */
export const customFieldsShape = z
  .array(z.object({ id: z.uuid(), name: z.string(), value: z.string() }))
  .meta({
    description: "What the RMM's custom fields have for it, as last read; a blank field is left out.",
    example: [{ id: "0199a3c8-5d5e-7c1f-9a52-0d2f6f1e7b11", name: "Backup", value: "Image, daily" }],
  });

/**
 * Whether custom fields for admins of the RMM account are included. They need a token with the scope `admin`, whose
 * owner may manage connections.
 */
const withAdminOnly = ({ token, user }: Pick<ApiContext, "token" | "user">): boolean =>
  hasScope(token.scopes, "admin") && allows(user.role, "integrations:manage");

/** Returns the custom fields of an asset, of those given. One statement. */
export async function customFieldsOf(
  tx: TenantDb,
  context: Pick<ApiContext, "tenantId" | "token" | "user">,
  assetIds: readonly string[],
): Promise<(assetId: string) => z.infer<typeof customFieldsShape>> {
  const scope = { withAdminOnly: withAdminOnly(context) };
  const rows = await listCustomFieldValues(tx, context.tenantId, assetIds, scope);
  const values = new Map<string, z.infer<typeof customFieldsShape>>();
  for (const { assetId, fieldId, name, value } of rows) {
    const known = values.get(assetId) ?? [];
    values.set(assetId, [...known, { id: fieldId, name, value }]);
  }
  return (assetId) => values.get(assetId) ?? [];
}

/** The parameters that filter a list of assets by a custom field. */
export const customFieldQuery = {
  customField: z.uuid().optional().meta({
    description: "The id of a custom field, as `listCustomFields` gives it. Alone: that the field is set.",
    example: "0199a3c8-5d5e-7c1f-9a52-0d2f6f1e7b11",
  }),
  customFieldIs: searchWords.meta({
    description: "With `customField`: it has this value, whatever its case.",
    example: "Image, daily",
  }),
  customFieldContains: searchWords.meta({
    description: "With `customField`: its value has this text in it, whatever its case.",
    example: "image",
  }),
};

/**
 * The filter by a custom field.
 * @throws ApiProblem for a value without its field, or for two conditions
 */
export function customFieldFilter(
  context: Pick<ApiContext, "token" | "user">,
  asked: {
    customField?: string | undefined;
    customFieldIs?: string | undefined;
    customFieldContains?: string | undefined;
  },
): CustomFieldFilter | undefined {
  const { customField: fieldId, customFieldIs: is, customFieldContains: contains } = asked;
  if (fieldId === undefined) {
    if ((is ?? contains) === undefined) return undefined;
    throw refusal("customField", "Say which custom field has this value.");
  }
  if (is !== undefined && contains !== undefined)
    throw refusal("customFieldContains", "Ask for one of the two: the whole value, or a text in it.");
  const condition = is !== undefined ? "is" : contains !== undefined ? "contains" : "set";
  return { fieldId, condition, value: is ?? contains ?? "", withAdminOnly: withAdminOnly(context) };
}

function refusal(name: string, message: string): ApiProblem {
  const field = `query.${name}`;
  return new ApiProblem("invalid_request", `${field}: ${message}`, { errors: [{ field, message }] });
}

const customField = z
  .object({
    id: z.uuid(),
    name: z.string().meta({ example: "Backup" }),
    reference: z.string().nullable().meta({ description: "By which scripts of the RMM name it." }),
    adminOnly: z.boolean().meta({ description: "For admins of the RMM account only." }),
    connection: named,
  })
  .meta({ id: "CustomField" });

export const customFieldOperations = [
  operation({
    id: "listCustomFields",
    method: "GET",
    path: "/custom-fields",
    tag: "Assets",
    summary: "The custom fields of the connected RMM accounts",
    description:
      "Read from the RMM and never written. Fields for admins of the account are left out unless the token has the scope `admin`.",
    scope: "read",
    permission: "assets:read",
    success: {
      status: 200,
      description: "The custom fields, by name",
      schema: pageOf(customField),
    },
    run: async ({ inTenant, tenantId, token, user }) => {
      const fields = await inTenant((tx) =>
        listCustomFieldNames(tx, tenantId, withAdminOnly({ token, user }), MAX_FIELDS),
      );
      return {
        body: {
          data: fields.map(({ id, name, reference, isAdminOnly, connectionId, connection }) => ({
            id,
            name,
            reference,
            adminOnly: isAdminOnly,
            connection: { id: connectionId, name: connection },
          })),
          next: null,
        },
      };
    },
  }),
];
