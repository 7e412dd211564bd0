import type * as z from "zod";

import { UNNAMED_ALERT } from "@domain/alerts";
import { alertSeverity } from "@domain/severity";
import type { AlertSnapshot } from "@domain/snapshots";
import { cleanText, isUsableId, textLimits } from "@domain/text";

import { readRecord, type ReadRecord } from "../read-record";
import { alertSchema, reportedAlertSchema } from "../schemas";
import { FieldReader, type Mapped } from "./fields";

/** Maps an alert from a list, or one that was read by id. */
export const mapAlert = (raw: unknown): Mapped<AlertSnapshot> => map(readRecord(alertSchema, raw));

/** Maps the alert of a signed webhook: the same record, but only its id is required. A missing device is "". */
export const mapReportedAlert = (raw: unknown): Mapped<AlertSnapshot> =>
  map(readRecord(reportedAlertSchema, raw));

/** An alert is resolved if Level says so or, if it has no status, if it has a time of resolution. */
function map({ record, issues }: ReadRecord<z.infer<typeof reportedAlertSchema>>): Mapped<AlertSnapshot> {
  if (!record) return { item: null, issues };

  const name = cleanText(record.name, textLimits.name) ?? UNNAMED_ALERT;
  const read = new FieldReader(issues, record.id, name);
  const providerSeverity = cleanText(record.severity, textLimits.name);
  const resolvedAt = read.instant("resolved_at", record.resolved_at);
  const isResolved = record.is_resolved ?? resolvedAt !== null;
  const deviceId = record.device_id ?? "";
  const item: AlertSnapshot = {
    externalId: record.id,
    externalDeviceId: isUsableId(deviceId) ? deviceId : "",
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
