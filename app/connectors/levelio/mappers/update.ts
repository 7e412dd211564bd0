import type { UpdateSnapshot } from "@domain/snapshots";
import { cleanText, textLimits } from "@domain/text";

import { readRecord } from "../read-record";
import { updateSchema } from "../schemas";
import { FieldReader, type Mapped } from "./fields";

const maxKbIds = 50;

/** Keeps `published_on` as received, because Level does not document whether it is a date or a date-time. */
export function mapUpdate(raw: unknown): Mapped<UpdateSnapshot> {
  const { record, issues } = readRecord(updateSchema, raw);
  if (!record) return { item: null, issues };

  const kbIds = (record.kb_ids ?? []).map(kbId).filter((id) => id !== null);
  const name = cleanText(record.name, textLimits.line) ?? kbIds[0] ?? "Unnamed update";
  const read = new FieldReader(issues, record.id, name);
  const item: UpdateSnapshot = {
    externalId: record.id,
    externalDeviceId: record.device_id,
    name,
    category: cleanText(record.category, textLimits.name),
    version: cleanText(record.version, textLimits.name),
    kbIds: [...new Set(kbIds)].slice(0, maxKbIds),
    sizeBytes: read.whole("size", record.size, Number.MAX_SAFE_INTEGER),
    error: cleanText(record.error, textLimits.note),
    publishedOn: cleanText(record.published_on, 64),
    isAvailable: record.is_available ?? true,
  };
  return { item, issues };
}

/** A knowledge-base number with its "KB", which Level's may lack. */
function kbId(raw: string): string | null {
  const id = cleanText(raw, 64);
  return id !== null && /^\d+$/.test(id) ? `KB${id}` : (id?.replace(/^kb\s*(?=\d+$)/i, "KB") ?? null);
}
