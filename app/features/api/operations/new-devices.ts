import * as z from "zod";

import { listNewDevices, newDeviceStates, type NewDeviceRow } from "@db/queries/review/new-devices";
import { decideNewDevices } from "~/features/review/decide-new-devices.server";
import { NEW_DEVICES_AT_ONCE } from "~/features/review/new-devices.page.server";

import { operation } from "../base/operation";
import { decodeCursor, idPlace, page, pageOf, pageQuery } from "../base/paging";
import { instantText, searchWords, toInstant } from "../base/shapes";

const newDevice = z
  .object({
    id: z.uuid(),
    state: z
      .enum(newDeviceStates)
      .meta({ description: "`approval`: waits for it; `rejected`: a person left it out." }),
    name: z.string(),
    externalId: z.string(),
    connectionId: z.uuid(),
    assetType: z.string(),
    hostname: z.string().nullable(),
    serialNumber: z.string().nullable(),
    model: z.string().nullable(),
    groupPath: z.string().nullable(),
    since: instantText,
  })
  .meta({ id: "NewDevice" });

const toNewDevice = ({
  integration: _,
  keys: __,
  sinceMs,
  ...row
}: NewDeviceRow): z.infer<typeof newDevice> => ({
  ...row,
  since: toInstant(new Date(sinceMs)),
});

export const newDeviceOperations = [
  operation({
    id: "listNewDevices",
    method: "GET",
    path: "/reviews/devices",
    tag: "Pending review",
    summary: "New devices that wait for approval, or that were left out",
    scope: "read",
    permission: "assets:read",
    query: pageQuery
      .extend({
        state: z.enum(newDeviceStates).default("approval"),
        connection: z.uuid().optional(),
        q: searchWords.meta({ description: "Part of the device's name." }),
      })
      .strict(),
    success: { status: 200, description: "A page of new devices", schema: pageOf(newDevice) },
    run: async ({ inTenant, tenantId }, { query: { state, connection, q, limit, cursor } }) => {
      const after = decodeCursor(idPlace, cursor)?.[0];
      const filter = { state, connectionId: connection, text: q };
      const place = after === undefined ? "first" : { after: [after] };
      const rows = await inTenant((tx) => listNewDevices(tx, tenantId, filter, { place, limit: limit + 1 }));
      return { body: page(rows, limit, toNewDevice, ({ id }) => [id]) };
    },
  }),
  operation({
    id: "decideNewDevices",
    method: "POST",
    path: "/reviews/devices/decide",
    tag: "Pending review",
    summary: "Approve new devices, or leave them out",
    description:
      "All in one transaction. Devices that were decided meanwhile are not counted. An approved device that looks like an asset which is there is counted as `toMatch` and waits until somebody decides which machine it is. A device whose stored record is incomplete stays as it is and is named under `unreadable`; it can be left out.",
    scope: "review",
    permission: "assets:write",
    body: z.strictObject({
      decision: z.enum(["approve", "reject"]),
      ids: z.array(z.uuid()).min(1).max(NEW_DEVICES_AT_ONCE),
    }),
    example: { decision: "reject", ids: ["$REVIEW_ID"] },
    success: {
      status: 200,
      description: "The outcome",
      schema: z.object({
        decided: z.int(),
        toMatch: z.int(),
        unreadable: z.array(z.string()).meta({
          description: "Names of devices that could not be approved: what was stored of them is incomplete.",
        }),
      }),
    },
    run: async ({ app, tenantId, actor }, { body: { decision, ids } }) => ({
      body: await decideNewDevices(app.sync, { tenantId, reviewIds: ids, decision, actor }),
    }),
  }),
];
