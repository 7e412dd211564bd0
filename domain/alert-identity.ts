import { contentHash } from "./content-hash";
import type { AlertSnapshot } from "./snapshots";
import { foldText } from "./text";

/**
 * Level documents no variable for an alert's id, so an automation may tell of an alert by its device and name alone.
 * What it opens then is a stand-in, until the alert is told of under its own id: by the signed webhook, or by a sweep.
 */

const STAND_IN = "automation:";

export const isStandIn = (externalId: string): boolean => externalId.startsWith(STAND_IN);

type Named = Pick<AlertSnapshot, "externalDeviceId" | "deviceHostname" | "name">;

/** The id of the stand-in of an alert of this name, of the device or, where it is not told, the hostname. */
export function standInId({ externalDeviceId, deviceHostname, name }: Named): string {
  const device = externalDeviceId === "" ? { hostname: sameText(deviceHostname ?? "") } : externalDeviceId;
  return STAND_IN + contentHash([device, sameText(name)]);
}

/** Under which ids a stand-in of an alert may be known. */
export const standInIdsOf = (alert: Named): string[] => [
  standInId(alert),
  standInId({ ...alert, externalDeviceId: "" }),
];

/** Names are typed by hand in one place and shown in another. */
const sameText = (text: string): string => foldText(text.trim().replace(/\s+/g, " "));

/** An occurrence as far as it tells which messages are about it. */
export interface Occurrence extends Named {
  externalId: string;
  status: "active" | "resolved";
  startedAt: Date | null;
  resolvedAt: Date | null;
  observedAt: Date;
  /** The signed webhook tells of it, and so will of the next one. */
  isSigned: boolean;
}

/**
 * Until so long after its end a trigger may be late. Level tries a delivery three times, some two minutes apart.
 */
const LATE_MS = 10 * 60_000;

/** A trigger may seem to be so much older than its alert: times are told in whole minutes, and by other clocks. */
const EARLY_MS = 60_000;

/**
 * Whether a trigger tells of an occurrence, which may be over by now. After its end only where the next one would be
 * told of under its own id: elsewhere the trigger may be the only word about that, and an alert too many is the lesser
 * harm.
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
 * The alert that a message without an id is about, of those that are known of the device; undefined when it is the
 * stand-in's. A message that says when it was sent is about what was there then.
 */
export function findNamed<Known extends Occurrence>(
  told: Named & { status: "active" | "resolved"; observedAt: Date },
  known: readonly Known[],
  isStandInOpen: boolean,
): Known | undefined {
  const isEnd = told.status === "resolved";
  const fits = known
    .filter(
      (one) =>
        !isStandIn(one.externalId) &&
        isSameDevice(one, told) &&
        sameText(one.name) === sameText(told.name) &&
        (isEnd ? isEndOf : isTriggerOf)(told.observedAt, one),
    )
    .sort((one, other) => beganMs(other) - beganMs(one));
  // A trigger that is replayed is about what was there at its time, not about what began since.
  const begun = fits.filter((one) => beganMs(one) <= told.observedAt.getTime() + EARLY_MS);
  const likely = isEnd || begun.length === 0 ? fits : begun;
  const open = likely.filter((one) => one.status === "active");
  // Which of several has ended, nobody can tell: the next comparison will.
  if (isEnd && open.length > 1) return undefined;
  return open[0] ?? (isStandInOpen ? undefined : likely[0]);
}

/** A message that does not tell the device's id tells its hostname. */
const isSameDevice = (known: Named, told: Named): boolean =>
  told.externalDeviceId === ""
    ? known.deviceHostname !== null && sameText(known.deviceHostname) === sameText(told.deviceHostname ?? "")
    : known.externalDeviceId === told.externalDeviceId;

/** What has ended before is of no concern to messages of these times. */
export const lateSince = (times: readonly Date[]): Date =>
  new Date(times.length === 0 ? 0 : Math.min(...times.map((time) => time.getTime())) - LATE_MS);

const beganMs = ({ startedAt, observedAt }: Occurrence): number => (startedAt ?? observedAt).getTime();
