import type { GroupSnapshot } from "@domain/snapshots";
import { cleanText, onOneLine, textLimits } from "@domain/text";

import { readRecord } from "../read-record";
import { groupSchema } from "../schemas";
import { FieldReader, type Mapped } from "./fields";

/** Names a group without a name by its id. Ignores Level's `descendent_device_count`, whose meaning is unclear. */
export function mapGroup(raw: unknown): Mapped<GroupSnapshot> {
  const { record, issues } = readRecord(groupSchema, raw);
  if (!record) return { item: null, issues };

  const name = cleanText(onOneLine(record.name ?? ""), textLimits.name) ?? record.id;
  const read = new FieldReader(issues, record.id, name);
  const item: GroupSnapshot = {
    externalId: record.id,
    parentExternalId: read.reference("parent_id", record.parent_id),
    name,
    deviceCount: read.whole("device_count", record.device_count),
  };
  return { item, issues };
}
