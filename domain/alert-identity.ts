import { contentHash } from "./content-hash";
import type { AlertSnapshot } from "./snapshots";
import { foldText } from "./text";

/**
 * Level documents no variable for an alert's id, so an automation may report an alert by device and name alone. It then
 * opens a placeholder alert, which lasts until the signed webhook or a sweep reports the alert under its id.
 */

const PLACEHOLDER = "automation:";

/** Whether the id is of an alert that only automations have reported, without an id of the RMM. */
export const isPlaceholder = (externalId: string): boolean => externalId.startsWith(PLACEHOLDER);

type Named = Pick<AlertSnapshot, "externalDeviceId" | "deviceHostname" | "name">;

/** The id of the placeholder for an alert of this name, by the device's id or, if that is missing, its hostname. */
export function placeholderId({ externalDeviceId, deviceHostname, name }: Named): string {
  const device = externalDeviceId === "" ? { hostname: sameText(deviceHostname ?? "") } : externalDeviceId;
  return PLACEHOLDER + contentHash([device, sameText(name)]);
}

/** The ids under which a placeholder of an alert may be stored. */
export const placeholderIdsOf = (alert: Named): string[] => [
  placeholderId(alert),
  placeholderId({ ...alert, externalDeviceId: "" }),
];

/** People type names by hand in one place and copy them in another, so case and blanks do not count. */
const sameText = (text: string): string => foldText(text.trim().replace(/\s+/g, " "));

/** The facts that decide which messages belong to an occurrence. */
export interface Occurrence extends Named {
  externalId: string;
  status: "active" | "resolved";
  startedAt: Date | null;
  resolvedAt: Date | null;
  observedAt: Date;
  /** The signed webhook reports it, and will report the next one too. */
  isSigned: boolean;
}

/**
 * Milliseconds after its end in which a late trigger may arrive. Level tries a delivery three times, about two minutes
 * apart.
 */
const LATE_MS = 10 * 60_000;

/**
 * Milliseconds by which a trigger may seem older than its alert, because times come in whole minutes and from other
 * clocks.
 */
const EARLY_MS = 60_000;

/**
 * Whether a trigger is about an occurrence, which may be over by now. After the occurrence's end only if the next one
 * would be reported under its own id: otherwise the trigger may be the only report of the next one, and an alert too
 * many does less harm than one too few.
 */
export function isTriggerOf(triggeredAt: Date, occurrence: Occurrence): boolean {
  if (occurrence.status === "active") return true;
  const endedAt = occurrence.resolvedAt ?? occurrence.observedAt;
  return triggeredAt.getTime() <= endedAt.getTime() + (occurrence.isSigned ? LATE_MS : 0);
}

/** Whether an end is that of an occurrence: not when that began later, nor when it ended long before. */
function isEndOf(endedAt: Date, { status, startedAt, ...occurrence }: Occurrence): boolean {
  if (startedAt !== null && startedAt > endedAt) return false;
  const lastAt = occurrence.resolvedAt ?? occurrence.observedAt;
  return status === "active" || endedAt.getTime() <= lastAt.getTime() + LATE_MS;
}

/**
 * Finds, among the known alerts of the device, the one that a message without an id is about. Returns undefined if it
 * is the placeholder. A message that says when it was sent is about the alerts of that time.
 */
export function findNamed<Known extends Occurrence>(
  reported: Named & { status: "active" | "resolved"; observedAt: Date },
  known: readonly Known[],
  isPlaceholderOpen: boolean,
): Known | undefined {
  const isEnd = reported.status === "resolved";
  const fits = known
    .filter(
      (one) =>
        !isPlaceholder(one.externalId) &&
        isSameDevice(one, reported) &&
        sameText(one.name) === sameText(reported.name) &&
        (isEnd ? isEndOf : isTriggerOf)(reported.observedAt, one),
    )
    .sort((one, other) => beganMs(other) - beganMs(one));
  // A replayed trigger is about the alerts of its own time, not about those that began since.
  const begun = fits.filter((one) => beganMs(one) <= reported.observedAt.getTime() + EARLY_MS);
  const likely = isEnd || begun.length === 0 ? fits : begun;
  const open = likely.filter((one) => one.status === "active");
  // If several are open, the message does not say which one ended; the next comparison finds out.
  if (isEnd && open.length > 1) return undefined;
  return open[0] ?? (isPlaceholderOpen ? undefined : likely[0]);
}

/** A message without the device's id has its hostname. */
const isSameDevice = (known: Named, reported: Named): boolean =>
  reported.externalDeviceId === ""
    ? known.deviceHostname !== null &&
      sameText(known.deviceHostname) === sameText(reported.deviceHostname ?? "")
    : known.externalDeviceId === reported.externalDeviceId;

/** Occurrences that ended before this instant cannot match messages of these times. */
export const lateSince = (times: readonly Date[]): Date =>
  new Date(times.length === 0 ? 0 : Math.min(...times.map((time) => time.getTime())) - LATE_MS);

const beganMs = ({ startedAt, observedAt }: Occurrence): number => (startedAt ?? observedAt).getTime();
