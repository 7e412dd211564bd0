import { recordFingerprint } from "@domain/record-fingerprint";
import type { CustomFieldValues, DeviceSnapshot, RecordIssue } from "@domain/snapshots";
import { isUsableId } from "@domain/text";
import { isRmmError } from "~/connectors/rmm-error";
import type { Fetched, ProviderPage, RmmProvider, WalkOptions } from "~/connectors/rmm-provider";

import { createLevelClient, type LevelAnswer, type LevelClientOptions } from "./client.server";
import { answerOf } from "./automation-answer";
import { AnswerTooLargeError } from "./errors";
import { mapAlert, mapReportedAlert } from "./mappers/alert";
import { carriedValues, mapCustomField, mapCustomFieldValues } from "./mappers/custom-field";
import { mapDevice } from "./mappers/device";
import type { Mapped } from "./mappers/fields";
import { mapGroup } from "./mappers/group";
import { mapUpdate } from "./mappers/update";
import { pageFetcher, tooLargeToRead } from "./page-fetcher";
import { paginate } from "./paginate";
import type { LevelResource } from "./resources";
import { listSchema } from "./schemas";

/** Every documented flag; without its flag, a block is absent from the answer. Lists accept the flags too. */
const deviceBlocks = {
  include_operating_system: "true",
  include_cpus: "true",
  include_memory: "true",
  include_disks: "true",
  include_network_interfaces: "true",
  include_motherboard: "true",
  include_security: "true",
};

/** Level's largest page; its default is 20. */
const largestPage = 100;

type Mapper<Item> = (raw: unknown, observedAt: Date) => Mapped<Item>;
type Query = Record<string, string | undefined>;

/** Level's implementation of the port: its calls, parameters and mapping. */
export function createLevelProvider(options: LevelClientOptions): RmmProvider {
  const call = createLevelClient(options);

  async function* list<Item>(
    resource: LevelResource,
    mapper: Mapper<Item>,
    query: Query,
    walk: WalkOptions = {},
  ) {
    const asked = { resource, method: "GET", path: `/v2/${resource}` } as const;
    const fetchPage = pageFetcher(walk.pageSize ?? largestPage, async (limit, cursor) => {
      const { body, observedAt } = await call({
        ...asked,
        query: given({ ...query, limit: String(limit), starting_after: cursor }),
        signal: walk.signal,
        isData: isList,
      });
      const { data, has_more: hasMore } = listSchema.parse(body);
      return { data, hasMore, observedAt };
    });
    for await (const page of paginate(resource, fetchPage, walk)) {
      const mapped: ProviderPage<Item> = {
        items: [],
        idsSeen: page.ids,
        issues: page.tooLarge === undefined ? [] : [tooLargeToRead(page.tooLarge)],
        cursorAfter: page.cursorAfter,
        observedAt: page.observedAt,
      };
      for (const record of page.tooLarge === undefined ? page.records : []) {
        const { item, issues } = mapper(record, page.observedAt);
        if (item !== null) mapped.items.push(item);
        mapped.issues.push(...withFingerprint(issues, record));
      }
      yield mapped;
    }
  }

  async function one<Item>(
    resource: LevelResource,
    mapper: Mapper<Item>,
    id: string,
    query?: Record<string, string>,
  ) {
    if (!isAddressable(id)) return gone;
    const asked = { resource, method: "GET", path: `/v2/${resource}/${encodeURIComponent(id)}` } as const;
    try {
      const answer = await orGone(call({ ...asked, query }));
      if (answer === null) return gone;
      return read(mapper, id, answer);
    } catch (error) {
      if (!(error instanceof AnswerTooLargeError)) throw error;
      const { observedAt } = error;
      return { state: "unreadable" as const, issues: [tooLargeToRead({ id })], observedAt };
    }
  }

  return {
    key: "levelio",
    instanceUrl: options.baseUrl,

    // https://developers.level.io/reference — Level has no call that names the account, so this reads the smallest
    // list.
    async testConnection() {
      const asked = { resource: "groups", method: "GET", path: "/v2/groups" } as const;
      await call({ ...asked, query: { limit: "1" }, isData: isList, isFirst: true });
    },

    // https://developers.level.io/reference — List groups. Never with `parent_id=null`, which answers 404.
    listGroups: (walk) => list("groups", mapGroup, {}, walk),

    // https://developers.level.io/reference — List devices. `ancestor_group_id` matches the group and all groups below
    // it.
    listDevices: (filter = {}, walk) =>
      list(
        "devices",
        mapDevice,
        { ...deviceBlocks, group_id: filter.groupId, ancestor_group_id: filter.ancestorGroupId },
        walk,
      ),

    // https://developers.level.io/reference — List updates, of the whole account or one device.
    listUpdates: (filter = {}, walk) =>
      list("updates", mapUpdate, { device_id: filter.deviceId, status: filter.status }, walk),

    // https://developers.level.io/reference — List alerts; without a status, both active and resolved ones.
    listAlerts: (filter = {}, walk) =>
      list("alerts", mapAlert, { device_id: filter.deviceId, status: filter.status }, walk),

    // https://developers.level.io/reference — List custom fields
    listCustomFields: (walk) => list("custom_fields", mapCustomField, {}, walk),

    // https://developers.level.io/reference — List custom field values. With a device id, lists the values that apply
    // to the device; without `assigned_to_id`, only those of the account. The rows have no ids, so there is no second
    // page.
    async getCustomFieldValues(id, signal) {
      if (!isAddressable(id)) return gone;
      const answer = await orGone(
        call({
          resource: "custom_field_values",
          method: "GET",
          path: "/v2/custom_field_values",
          query: { assigned_to_id: id, limit: String(largestPage) },
          signal,
          isData: isList,
        }),
      );
      if (answer === null) return gone;
      const { data, has_more: hasMore } = listSchema.parse(answer.body);
      return read(() => mapCustomFieldValues(data, !hasMore), id, answer);
    },

    // https://developers.level.io/reference — Show a device
    async getDevice(id) {
      let customFields: CustomFieldValues | undefined;
      const mapper: Mapper<DeviceSnapshot> = (raw, observedAt) => {
        customFields = carriedValues(raw);
        return mapDevice(raw, observedAt);
      };
      return { ...(await one("devices", mapper, id, deviceBlocks)), customFields };
    },

    // https://developers.level.io/reference — Show a group
    getGroup: (id) => one("groups", mapGroup, id),

    // https://developers.level.io/reference — Show an alert. An alert outlives its device, and may not name one then.
    getAlert: (id) => one("alerts", mapReportedAlert, id),

    // https://developers.level.io/reference — Resolve an alert. Level returns a resolved alert unchanged, so a retry
    // does no harm. If the answer lacks the alert, reads it afterwards.
    async resolveAlert(id) {
      if (!isAddressable(id)) return gone;
      const path = `/v2/alerts/${encodeURIComponent(id)}/resolve`;
      const answer = await orGone(call({ resource: "alerts", method: "POST", path }));
      if (answer === null) return gone;
      const resolved = read(mapReportedAlert, id, answer);
      return resolved.state === "found" ? resolved : one("alerts", mapReportedAlert, id);
    },

    // https://developers.level.io/reference — Trigger an automation by webhook. The trigger's token is a secret of its
    // own, so the key is sent only if the trigger requires it. Level does not document the answer.
    startAutomation: ({ token, sendsKey }, externalDeviceIds) =>
      answerOf(sendsKey, () =>
        call({
          resource: "automations",
          method: "POST",
          path: "/v2/automations/webhooks/…",
          secretPath: `/v2/automations/webhooks/${encodeURIComponent(token)}`,
          body: { device_ids: [...externalDeviceIds] },
          isAnonymous: !sendsKey,
          isOnce: true,
        }),
      ),
  };
}

const isList = (body: unknown): boolean => listSchema.safeParse(body).success;

const gone = { state: "gone" } as const;

/**
 * Whether an id can be part of a path. A blank or dotted id would address another path ("/v2/devices/.." is "/v2/"); no
 * record has one.
 */
const isAddressable = (id: string): boolean => isUsableId(id) && id !== "." && id !== "..";

async function orGone(answer: Promise<LevelAnswer>): Promise<LevelAnswer | null> {
  try {
    return await answer;
  } catch (error) {
    if (isRmmError(error) && error.code === "not_found") return null;
    throw error;
  }
}

/** Maps a record that was read by id. Its issues name the id even if the answer lacks it. */
function read<Item>(mapper: Mapper<Item>, id: string, { body, observedAt }: LevelAnswer): Fetched<Item> {
  const { item, issues: found } = mapper(body, observedAt);
  const issues = withFingerprint(found, body).map((issue) => ({
    ...issue,
    externalId: issue.externalId ?? id,
  }));
  return item === null
    ? { state: "unreadable", issues, observedAt }
    : { state: "found", item, issues, observedAt };
}

/**
 * Issues of a record that cannot be mapped, with its fingerprint, so that a person can ignore it even without an id.
 */
const withFingerprint = (issues: RecordIssue[], raw: unknown): RecordIssue[] =>
  issues.map((issue) =>
    issue.severity === "record" ? { ...issue, fingerprint: recordFingerprint(raw) } : issue,
  );

const given = (query: Query): Record<string, string> =>
  Object.fromEntries(
    Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
