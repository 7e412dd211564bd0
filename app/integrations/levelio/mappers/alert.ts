import { UNNAMED_ALERT } from "~/domain/alerts";
import { alertSeverity } from "~/domain/severity";
import type { AlertSnapshot } from "~/domain/snapshots";
import { cleanText, textLimits } from "~/domain/text";

import { readRecord } from "../read-record";
import { alertSchema } from "../schemas";
import { FieldReader, type Mapped } from "./fields";

/**
 * An alert of a list, of a fetch by id or of a signed webhook: all three carry the same record.
 * It is resolved when Level says so, or, where the word is missing, when it has a time of resolution.
 */
export function mapAlert(raw: unknown): Mapped<AlertSnapshot> {
  const { record, issues } = readRecord(alertSchema, raw);
  if (!record) return { item: null, issues };

  const name = cleanText(record.name, textLimits.name) ?? UNNAMED_ALERT;
  const read = new FieldReader(issues, record.id, name);
  const providerSeverity = cleanText(record.severity, textLimits.name);
  const resolvedAt = read.instant("resolved_at", record.resolved_at);
  const isResolved = record.is_resolved ?? resolvedAt !== null;
  const item: AlertSnapshot = {
    externalId: record.id,
    externalDeviceId: record.device_id,
    deviceHostname: cleanText(record.device_hostname, textLimits.name),
    name,
    description: cleanText(record.description, textLimits.note),
    payload: cleanText(record.payload, textLimits.payload),
    severity: alertSeverity(providerSeverity),
    providerSeverity,
    status: isResolved ? "resolved" : "active",
    startedAt: read.instant("started_at", record.started_at),
    resolvedAt: isResolved ? resolvedAt : null,
  };
  return { item, issues };
}
