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

/** What somebody tells of an alert, and when it was true. */
export interface AlertReport {
  alert: AlertSnapshot;
  observedAt: Date;
  observedVia: ReportedAlert["observedVia"];
  /** It names the alert by its device and name alone; its id is that of the stand-in. */
  isByName?: boolean;
}

/** An alert, as it was and as it is by what was told. */
export interface MergedAlert {
  /** Null while it is new. */
  row: StoredAlert | null;
  state: AlertState;
  isSigned: boolean;
  isDirty: boolean;
  isReopened: boolean;
}

export interface TakenIn {
  entry: MergedAlert;
  /** `stale`: something newer says otherwise, and was kept. */
  outcome: "changed" | "unchanged" | "stale";
}

/** The alerts that messages are about: takes in one message after the other, and knows what is to be written then. */
export class AlertMerger {
  readonly #entries = new Map<string, MergedAlert>();

  constructor(rows: readonly StoredAlert[], now: Date) {
    for (const row of rows) {
      const { id: _, assetId: _asset, deviceAssetId: _its, isSigned, ...stored } = row;
      const state = acceptedState(stored, now);
      this.#entries.set(row.externalId, { row, state, isSigned, isDirty: false, isReopened: false });
    }
  }

  /** The alert that a message is about; undefined when it is the first to tell of it. */
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

  /** The open stand-in of an alert that is told of under its own id. */
  #placeholderOf(alert: ReportedAlert, isSigned: boolean): MergedAlert | undefined {
    return placeholderIdsOf(alert)
      .map((id) => this.#entries.get(id))
      .find(
        (one) => one?.state.status === "active" && isTriggerOf(one.state.observedAt, { ...alert, isSigned }),
      );
  }

  /** The stand-in becomes the alert, with all that was received and done about it. */
  #rename(entry: MergedAlert, externalId: string): MergedAlert {
    this.#entries.delete(entry.state.externalId);
    entry.state = { ...entry.state, externalId };
    return entry;
  }

  /** There is a row of its own for the alert: of two open ones, people would see one too many. */
  #close(entry: MergedAlert, { observedAt, observedVia }: ReportedAlert): void {
    const at = observedAt > entry.state.observedAt ? observedAt : entry.state.observedAt;
    entry.state = { ...entry.state, status: "resolved", resolvedAt: at, observedAt: at, observedVia };
    entry.isDirty = true;
  }
}

/** The device became known, or belongs to another asset, since the alert was written. */
const isAssetNew = (row: StoredAlert | null): boolean =>
  row !== null && row.deviceAssetId !== null && row.deviceAssetId !== row.assetId;
