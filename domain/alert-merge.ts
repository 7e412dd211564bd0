import { isPlaceholder } from "./alert-identity";
import { UNNAMED_ALERT } from "./alerts";
import { canonicalJson } from "./content-hash";
import { clampFutureMs } from "./observation";
import type { AlertSnapshot } from "./snapshots";

/** One report of an alert, and when it was true. */
export interface ReportedAlert extends AlertSnapshot {
  contentHash: string;
  observedAt: Date;
  observedVia: "sweep" | "webhook" | "automation" | "person";
}

/** All reports of an alert, merged. */
export interface AlertState extends ReportedAlert {
  /** The order of each text that comes from a message other than the state's. */
  wordOrders: WordOrders;
}

/** Texts that a message may leave blank. The severity comes with the provider's own word for it. */
const words = [
  "externalDeviceId",
  "deviceHostname",
  "name",
  "description",
  "payload",
  "providerSeverity",
  "startedAt",
] as const;
type Word = (typeof words)[number];
type WordOrders = Partial<Record<Word, string>>;

/**
 * Merges a message into the known state of an alert. State and texts come from the last message in order, except that a
 * blank never wipes a text. The result does not depend on the order in which messages arrive, or on repetitions.
 */
export function mergeAlert(known: AlertState | undefined, reported: ReportedAlert): AlertState {
  if (known === undefined) return { ...reported, wordOrders: {} };
  const last = stateOrder(reported) >= stateOrder(known) ? reported : known;
  const merged: AlertState = { ...last, wordOrders: {} };
  for (const word of words) {
    if (isBlank(reported, word) && isBlank(known, word)) continue;
    const isReported =
      !isBlank(reported, word) && (isBlank(known, word) || reportedOrder(reported) >= orderOf(known, word));
    const source = isReported ? reported : known;
    Object.assign(merged, { [word]: source[word] });
    if (word === "providerSeverity") merged.severity = source.severity;
    const order = isReported ? reportedOrder(reported) : orderOf(known, word);
    if (order !== reportedOrder(last)) merged.wordOrders[word] = order;
  }
  return merged;
}

/**
 * Orders what messages say about the state. Of two equally old ones `resolved` wins, then the greater hash.
 * An automation's message arrives some time after its cause, so its `active` comes before every other report of the
 * alert: it never reopens a resolved alert, and any report of the end counts. This does not hold for an alert known by
 * name alone: no other source reports it, and it may come back.
 */
function stateOrder(reported: ReportedAlert): string {
  const isWeak =
    reported.observedVia === "automation" &&
    reported.status === "active" &&
    !isPlaceholder(reported.externalId);
  return order(reported, isWeak);
}

/** The known state as of now: a date from a clock that was ahead counts as older than every report. */
export function acceptedState(known: AlertState, now: Date): AlertState {
  const wordOrders: WordOrders = {};
  for (const word of words) {
    const order = known.wordOrders[word];
    if (order !== undefined) wordOrders[word] = believedOrder(order, now);
  }
  return { ...known, observedAt: new Date(clampFutureMs(known.observedAt.getTime(), now)), wordOrders };
}

/** Whether a newer report contradicts this one about the state. An automation that repeats the state is in time. */
export function isOutdated(known: ReportedAlert, reported: ReportedAlert): boolean {
  if (reported.contentHash === known.contentHash || stateOrder(reported) >= stateOrder(known)) return false;
  return reported.observedVia !== "automation" || reported.status !== known.status;
}

/**
 * Whether a message has left a trace in the stored state. An event always leaves its time, because otherwise an older
 * one that arrives later would win over it; a sweep that finds an alert unchanged leaves none.
 */
export function hasLeftTrace(before: AlertState, after: AlertState, { observedVia }: ReportedAlert): boolean {
  if (!isSameContent(before, after)) return true;
  if (observedVia === "sweep") return false;
  return stateOrder(before) !== stateOrder(after) || !isSame(before.wordOrders, after.wordOrders);
}

const isSameContent = (one: AlertState, other: AlertState): boolean =>
  one.status === other.status &&
  one.contentHash === other.contentHash &&
  one.resolvedAt?.getTime() === other.resolvedAt?.getTime() &&
  words.every((word) => isSame(one[word], other[word]));

const isSame = (one: unknown, other: unknown): boolean => canonicalJson(one) === canonicalJson(other);

/** An administrator writes an automation's texts by hand, so the provider's own texts win, however old they are. */
const reportedOrder = (reported: ReportedAlert): string =>
  order(reported, reported.observedVia === "automation");

const orderOf = (known: AlertState, word: Word): string => known.wordOrders[word] ?? reportedOrder(known);

function order({ observedAt, status, contentHash, observedVia }: ReportedAlert, isWeak: boolean): string {
  const at = sortable(observedAt.getTime());
  return `${isWeak ? 0 : 1} ${at} ${status === "resolved" ? 1 : 0} ${contentHash} ${observedVia}`;
}

const sortable = (ms: number): string => String(ms).padStart(15, "0");

const believedOrder = (order: string, now: Date): string =>
  order.replace(/(?<=^\d )\d+/, (at) => sortable(clampFutureMs(Number(at), now)));

function isBlank(alert: ReportedAlert, word: Word): boolean {
  const value = alert[word];
  return value === null || value === "" || (word === "name" && value === UNNAMED_ALERT);
}
