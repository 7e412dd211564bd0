import * as z from "zod";

import { getAsset, type AssetRow } from "@db/queries/assets/assets";
import { fieldsOf } from "@domain/asset-fields";
import { assetVersion } from "@domain/asset-version";
import { assetTypes } from "@domain/asset-words";
import { addAsset } from "~/features/assets/add-asset.server";
import { editAsset } from "~/features/assets/edit-asset.server";
import { assetLine, assetName, assetNotes } from "~/features/assets/forms.server";

import { operation } from "../base/operation";
import { ApiProblem, noSuch, stale } from "../base/problem";
import { assetDetail, assetParams, assetVersionOf, readDetail } from "./assets";

const type = z.enum(assetTypes);
const location = assetLine(200).nullable();
const notes = assetNotes.nullable();

const place = (what: string) =>
  z
    .union([z.uuid(), z.literal("mapping")])
    .nullable()
    .optional()
    .meta({ description: `${what} of the asset's client; \`mapping\`: the one that its group names.` });

const invalid = (field: string, message: string): ApiProblem =>
  new ApiProblem("invalid_request", message, { errors: [{ field: `body.${field}`, message }] });

const unusableClient = (state: "unknown_client" | "archived_client"): ApiProblem =>
  invalid(
    "client",
    state === "unknown_client" ? "There is no client with this id." : "This client is archived.",
  );

/**
 * The value to set for a site or contact. Undefined leaves it to the mapping; a value that was set by hand stays if
 * none is given.
 */
const chosenPlace = (
  given: string | null | undefined,
  { overriddenFields, siteId, contactId }: AssetRow,
  field: "site" | "contact",
): string | null | undefined => {
  if (given === "mapping") return undefined;
  if (given !== undefined) return given;
  return overriddenFields.includes(field) ? (field === "site" ? siteId : contactId) : undefined;
};

export const assetEditOperations = [
  operation({
    id: "createAsset",
    method: "POST",
    path: "/assets",
    tag: "Assets",
    summary: "Add an asset that no RMM knows",
    description: "A device that turns up with its serial number or hostname becomes this asset.",
    scope: "write",
    permission: "assets:write",
    body: z.strictObject({
      client: z.uuid(),
      name: assetName,
      type,
      serialNumber: assetLine(100).nullable().default(null),
      location: location.default(null),
      notes: notes.default(null),
    }),
    example: { client: "$CLIENT_ID", name: "Front desk printer", type: "workstation", location: "Reception" },
    success: { status: 201, description: "The new asset", schema: assetDetail },
    run: async (context, { body }) => {
      const given = { ...body, serialNumber: body.serialNumber || null, location: body.location || null };
      const outcome = await addAsset(context.app.sync, context.tenantId, given, context.actor);
      switch (outcome.state) {
        case "added":
          return readDetail(context, outcome.assetId);
        case "unknown_client":
        case "archived_client":
          throw unusableClient(outcome.state);
        case "serial_taken":
          throw new ApiProblem(
            "conflict",
            `“${outcome.name}” of this client has this serial number already.`,
            {
              errors: [{ field: "body.serialNumber", message: "This serial number is taken." }],
            },
          );
      }
    },
  }),
  operation({
    id: "changeAsset",
    method: "PATCH",
    path: "/assets/{assetId}",
    tag: "Assets",
    summary: "Change what people say of an asset",
    description:
      "A field that is set here is left alone by syncs. An asset that gets another client leaves its site and contact. With `If-Match` and the `ETag` that was read, a change that somebody made meanwhile is not reverted.",
    scope: "write",
    permission: "assets:write",
    isVersioned: true,
    params: assetParams,
    body: z
      .strictObject({
        name: assetName.optional(),
        type: type.optional(),
        location: location.optional(),
        notes: notes.optional(),
        client: z.uuid().nullable().optional().meta({ description: "Null for none." }),
        site: place("A site"),
        contact: place("A contact"),
      })
      .refine((body) => Object.keys(body).length > 0, "Name at least one field."),
    example: { notes: "Leased until May", location: "Reception" },
    success: { status: 200, description: "The asset as it is now", schema: assetDetail },
    run: async (context, { params: { assetId }, body }) => {
      const { app, tenantId, actor, ifMatch } = context;
      const row = await context.inTenant((tx) => getAsset(tx, tenantId, assetId));
      if (row === undefined) throw noSuch("asset");
      if (ifMatch !== undefined && ifMatch !== assetVersionOf(row)) throw stale("asset");
      const { site: _, contact: __, ...before } = fieldsOf(row);
      const { site, contact, location: place = before.location, ...fields } = body;
      const wanted = {
        name: fields.name ?? before.name,
        type: fields.type ?? before.type,
        location: place || null,
        notes: fields.notes === undefined ? before.notes : fields.notes,
        client: fields.client === undefined ? before.client : fields.client,
        site: chosenPlace(site, row, "site"),
        contact: chosenPlace(contact, row, "contact"),
      };
      const seen = assetVersion(fieldsOf(row), row.overriddenFields);
      const outcome = await editAsset(app.sync, { tenantId, assetId }, wanted, seen, actor);
      switch (outcome.state) {
        case "saved":
          return readDetail(context, assetId);
        case "stale":
          throw stale("asset", outcome.by);
        case "unknown_asset":
          throw noSuch("asset");
        case "unknown_client":
        case "archived_client":
          throw unusableClient(outcome.state);
        case "unknown_place":
          throw invalid(outcome.field, `The asset's client has no ${outcome.field} with this id.`);
      }
    },
  }),
];
