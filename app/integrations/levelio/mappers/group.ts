import type { GroupSnapshot } from "~/domain/snapshots";
import { cleanText, isUsableId, textLimits } from "~/domain/text";

import { readRecord } from "../read-record";
import { groupSchema } from "../schemas";
import { FieldReader, type Mapped } from "./fields";

/** A group without a name is called by its id. Level's `descendent_device_count` is not used: its meaning is disputed. */
export function mapGroup(raw: unknown): Mapped<GroupSnapshot> {
  const { record, issues } = readRecord(groupSchema, raw);
  if (!record) return { item: null, issues };

  const name = cleanText(record.name, textLimits.name) ?? record.id;
  const read = new FieldReader(issues, record.id, name);
  const parentId = record.parent_id ?? null;
  const item: GroupSnapshot = {
    externalId: record.id,
    parentExternalId: parentId === null || isUsableId(parentId) ? parentId : null,
    name,
    deviceCount: read.whole("device_count", record.device_count),
  };
  if (parentId !== item.parentExternalId && parentId !== "")
    read.leaveOut("parent_id", "not usable as an id");
  return { item, issues };
}
