/** Keeps a flood of incidents from hiding everything else: those above a rate stand under one summary incident. */

/** Incidents begun within this time count towards the rate; a storm goes on while the next one begins within it. */
export const STORM_WINDOW_MS = 10 * 60_000;
/** So many incidents of a client, or of devices without a client, within the window stand on their own. */
export const STORM_LIMIT = 20;

export interface IncidentStart {
  incidentId: string;
  /** The storm that it was in before. */
  stormId: string | null;
  openedMs: number;
}

export interface Storm {
  /** The summary incident; null if it has to be made. */
  stormId: string | null;
  incidents: IncidentStart[];
}

/**
 * The storms among incidents of one client: an incident is in one if `STORM_LIMIT` others began in the window before it.
 * @param starts every incident of the client that began at or after some instant less one window
 * @param fromMs the instant; earlier incidents only count
 * @param ongoing the storm whose last incident began less than a window before the instant
 */
export function findStorms(
  starts: readonly IncidentStart[],
  fromMs: number,
  ongoing: { stormId: string; latestMs: number } | null,
): Storm[] {
  const sorted = [...starts].sort(
    (one, other) => one.openedMs - other.openedMs || (one.incidentId < other.incidentId ? -1 : 1),
  );
  const storms: (Storm & { latestMs: number })[] = [];
  if (ongoing !== null) storms.push({ ...ongoing, incidents: [] });
  let first = 0;
  for (const [index, one] of sorted.entries()) {
    while (one.openedMs - sorted[first]!.openedMs > STORM_WINDOW_MS) first++;
    if (one.openedMs < fromMs || index - first < STORM_LIMIT) continue;
    const storm = storms.at(-1);
    if (storm === undefined || one.openedMs - storm.latestMs > STORM_WINDOW_MS)
      storms.push({ stormId: null, incidents: [one], latestMs: one.openedMs });
    else Object.assign(storm, { latestMs: one.openedMs }).incidents.push(one);
  }
  const kept = new Set(ongoing === null ? [] : [ongoing.stormId]);
  return storms
    .filter(({ incidents }) => incidents.length > 0)
    .map(({ stormId, incidents }) => {
      const keeps =
        stormId ?? incidents.find((one) => one.stormId !== null && !kept.has(one.stormId))?.stormId ?? null;
      if (keeps !== null) kept.add(keeps);
      return { stormId: keeps, incidents };
    });
}
