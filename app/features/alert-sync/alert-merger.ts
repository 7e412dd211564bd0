import type { AlertWrite, StoredAlert } from "@db/queries/alerts/alerts";
import { findNamed, isPlaceholder, isTriggerOf, placeholderIdsOf } from "@domain/alert-identity";
import {
  acceptedState,
  hasLeftTrace,
  isOutdated,
  mergeAlert,
  type AlertState,
  type ReportedAlert,
} from "@domain/alert-merge";
import { contentHash } from "@domain/content-hash";
import type { AlertSnapshot } from "@domain/snapshots";

/** An observation of an alert, and when it was made. */
export interface AlertReport {
  alert: AlertSnapshot;
  observedAt: Date;
  observedVia: ReportedAlert["observedVia"];
  /** The report identifies the alert only by device and name, so its id is that of a placeholder alert. */
  isByName?: boolean;
}

/** An alert before and after the merged reports. */
export interface MergedAlert {
  /** The stored alert; null if the alert is new. */
  row: StoredAlert | null;
  state: AlertState;
  isSigned: boolean;
  isDirty: boolean;
  isReopened: boolean;
}

export interface TakenIn {
  entry: MergedAlert;
  /** `stale`: a newer report contradicts it and was kept. */
  outcome: "changed" | "unchanged" | "stale";
}

/** Merges reports into the stored alerts, one after the other, and collects what must be written. */
export class AlertMerger {
  readonly #entries = new Map<string, MergedAlert>();

  constructor(rows: readonly StoredAlert[], now: Date) {
    for (const row of rows) {
      const { id: _, assetId: _asset, deviceAssetId: _its, isSigned, ...stored } = row;
      const state = acceptedState(stored, now);
      this.#entries.set(row.externalId, { row, state, isSigned, isDirty: false, isReopened: false });
    }
  }

  /** The alert that a report is about; undefined for the first report of an alert. */
  find({ alert, observedAt, isByName }: Omit<AlertReport, "observedVia">): MergedAlert | undefined {
    const own = this.#entries.get(alert.externalId);
    if (isByName !== true) return own;
    const known = [...this.#entries.values()].map((entry) => ({
      ...entry.state,
      isSigned: entry.isSigned,
      entry,
    }));
    return findNamed({ ...alert, observedAt }, known, own?.state.status === "active")?.entry ?? own;
  }

  take(message: AlertReport): TakenIn {
    const { alert, observedAt, observedVia } = message;
    const reported: ReportedAlert = { ...alert, contentHash: contentHash(alert), observedAt, observedVia };
    const found = this.find(message);
    if (found !== undefined) reported.externalId = found.state.externalId;
    const isSigned = observedVia === "webhook" || found?.isSigned === true;
    const placeholder = isPlaceholder(reported.externalId)
      ? undefined
      : this.#placeholderOf(mergeAlert(found?.state, reported), isSigned);
    if (found !== undefined && placeholder !== undefined) this.#close(placeholder, reported);
    const before = found ?? (placeholder && this.#rename(placeholder, reported.externalId));
    const after = mergeAlert(before?.state, reported);
    const isChanged =
      before === undefined ||
      before === placeholder ||
      isAssetNew(before.row) ||
      hasLeftTrace(before.state, after, reported);
    const isStale = before !== undefined && isOutdated(before.state, reported);

    const entry = before ?? { row: null, state: after, isSigned, isDirty: true, isReopened: false };
    entry.isReopened ||= entry.state.status === "resolved" && after.status === "active";
    entry.isSigned ||= isSigned;
    if (isChanged) Object.assign(entry, { state: after, isDirty: true });
    this.#entries.set(after.externalId, entry);
    return { entry, outcome: isStale ? "stale" : isChanged ? "changed" : "unchanged" };
  }

  toWrite(): AlertWrite[] {
    return [...this.#entries.values()]
      .filter(({ isDirty }) => isDirty)
      .map(({ row, state, isReopened }) => ({ ...state, id: row?.id ?? null, isReopened }));
  }

  /** The open placeholder of an alert that is reported with its own id. */
  #placeholderOf(alert: ReportedAlert, isSigned: boolean): MergedAlert | undefined {
    return placeholderIdsOf(alert)
      .map((id) => this.#entries.get(id))
      .find(
        (one) => one?.state.status === "active" && isTriggerOf(one.state.observedAt, { ...alert, isSigned }),
      );
  }

  /** Turns the placeholder into the alert. Its deliveries and actions stay with it. */
  #rename(entry: MergedAlert, externalId: string): MergedAlert {
    this.#entries.delete(entry.state.externalId);
    entry.state = { ...entry.state, externalId };
    return entry;
  }

  /** Closes the placeholder of an alert that has its own row; otherwise people would see two open alerts. */
  #close(entry: MergedAlert, { observedAt, observedVia }: ReportedAlert): void {
    const at = observedAt > entry.state.observedAt ? observedAt : entry.state.observedAt;
    entry.state = { ...entry.state, status: "resolved", resolvedAt: at, observedAt: at, observedVia };
    entry.isDirty = true;
  }
}

/** Whether the device became known, or moved to another asset, since the alert was written. */
const isAssetNew = (row: StoredAlert | null): boolean =>
  row !== null && row.deviceAssetId !== null && row.deviceAssetId !== row.assetId;
