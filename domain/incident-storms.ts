/**
 * Keeps a flood of incidents from hiding everything else: those above a rate stand under one summary incident. There is
 * a rate for each client, and one for the whole connection; the connection's wins while it is exceeded. An incident is
 * in at most one storm, and storms do not nest.
 */

/**
 * Milliseconds; incidents that begin within this time count towards a rate, and a storm continues while the next one
 * begins within it.
 */
const STORM_WINDOW_MS = 10 * 60_000;
/** This many incidents of a client, or of devices without a client, within the window stand alone. */
export const STORM_LIMIT = 20;
/**
 * This many incidents of a connection within the window stand alone, not counting those above the rate of their client.
 */
export const CONNECTION_STORM_LIMIT = 60;
/** How far before an instant incidents affect storms from that instant on, in milliseconds. */
export const STORM_LOOKBACK_MS = 2 * STORM_WINDOW_MS;

/** A condition, a storm of one client, or a storm of a whole connection. */
export const incidentKinds = ["condition", "storm", "connection_storm"] as const;
export type IncidentKind = (typeof incidentKinds)[number];
export type StormKind = Exclude<IncidentKind, "condition">;

export interface IncidentStart {
  incidentId: string;
  name: string;
  clientId: string | null;
  openedMs: number;
  /** The storm that it was in before, and its kind. */
  stormId: string | null;
  stormKind: StormKind | null;
}

export interface Storm {
  /** The summary incident; null if it has to be made. */
  stormId: string | null;
  kind: StormKind;
  /** Null for a storm of the connection, and of devices without a client. */
  clientId: string | null;
  incidents: IncidentStart[];
}

/**
 * The storms among incidents of one connection. An incident is above the rate of its client if `STORM_LIMIT` others of
 * the client began in the window before it, and above the connection's if `CONNECTION_STORM_LIMIT` others did that are
 * not above the rate of their client: a single client never makes a storm of the connection.
 * @param starts every incident of the connection that began at or after the instant less `STORM_LOOKBACK_MS`
 * @param fromMs the instant; earlier incidents only count, and their storms go on
 */
export function findStorms(starts: readonly IncidentStart[], fromMs: number): Storm[] {
  const sorted = [...starts].sort(byStart);
  const countOfClient = new Map<string | null, (ms: number) => number>();
  const countOfConnection = countInWindow();
  const storms: OpenStorm[] = [];
  const latest = new Map<string, OpenStorm>();
  for (const one of sorted) {
    const { clientId, openedMs } = one;
    let countOf = countOfClient.get(clientId);
    if (countOf === undefined) countOfClient.set(clientId, (countOf = countInWindow()));
    const isAboveClient = countOf(openedMs) > STORM_LIMIT;
    const isAboveConnection = countOfConnection(openedMs, !isAboveClient) > CONNECTION_STORM_LIMIT;
    const kind =
      openedMs < fromMs
        ? one.stormKind
        : isAboveConnection
          ? "connection_storm"
          : isAboveClient
            ? "storm"
            : null;
    if (kind === null) continue;
    const owner = kind === "storm" ? clientId : null;
    const key = `${kind} ${owner}`;
    let storm = latest.get(key);
    if (storm === undefined || openedMs - storm.latestMs > STORM_WINDOW_MS) {
      storm = { stormId: null, kind, clientId: owner, incidents: [], latestMs: openedMs };
      storms.push(storm);
      latest.set(key, storm);
    }
    storm.latestMs = openedMs;
    if (openedMs < fromMs) storm.stormId = one.stormId;
    else storm.incidents.push(one);
  }
  return keepStorms(storms);
}

/** Of those that began at one instant, names decide: ids follow from the order in which alerts arrived. */
function byStart(one: IncidentStart, other: IncidentStart): number {
  const key = ({ name, clientId, incidentId }: IncidentStart) =>
    [name, clientId ?? "", incidentId].join("\n");
  return one.openedMs - other.openedMs || (key(one) < key(other) ? -1 : 1);
}

interface OpenStorm extends Storm {
  latestMs: number;
}

/** Counts instants in ascending order within the window before each, that one included. */
function countInWindow(): (ms: number, isCounted?: boolean) => number {
  const times: number[] = [];
  let first = 0;
  return (ms, isCounted = true) => {
    while (first < times.length && ms - times[first]! > STORM_WINDOW_MS) first++;
    if (isCounted) times.push(ms);
    return times.length - first + (isCounted ? 0 : 1);
  };
}

/** Lets each storm keep a summary, so that what people did to it stays with its incidents. */
function keepStorms(storms: readonly OpenStorm[]): Storm[] {
  const kept = new Set(storms.flatMap(({ stormId }) => stormId ?? []));
  return storms
    .filter(({ incidents }) => incidents.length > 0)
    .map(({ stormId, kind, clientId, incidents }) => {
      const former = incidents.find(
        (one) => one.stormId !== null && one.stormKind === kind && !kept.has(one.stormId),
      );
      const keeps = stormId ?? former?.stormId ?? null;
      if (keeps !== null) kept.add(keeps);
      return { stormId: keeps, kind, clientId, incidents };
    });
}
