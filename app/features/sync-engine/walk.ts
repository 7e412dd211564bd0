import { withTenant, type TenantDb } from "@db/client";
import { getWalkPosition, type WalkPosition } from "@db/queries/sync-runs/run-pages";
import { divideSweep, dropSegments, listSegments, type SegmentPlace } from "@db/queries/sync-runs/segments";
import { isLive } from "@domain/segments";
import { isRmmError } from "~/connectors/rmm-error";

import { lockActiveRun, type Stopped } from "./lock-active-run";
import { noteGone } from "./note-gone";
import type { OpenResource } from "./resource";
import {
  COMPLETE,
  MORE,
  mustHandBack,
  walkFrom,
  type Overtaken,
  type PageWalkOptions,
  type WalkOutcome,
} from "./walk-from";
import { sweepRefOf, walkSegments } from "./walk-segments";

/**
 * Milliseconds of work in one step: long enough for few steps in a large account, short enough to repeat little after a
 * crash.
 */
const DEFAULT_STEP_BUDGET_MS = 20_000;

/**
 * Reads a resource from the last committed pages on, by one walk or by several that read a segment each. Concludes only
 * a list that was read completely.
 * @throws RmmError what the provider throws, except for the first lost cursor, after which the sweep starts again
 */
export async function walkResource<Item>(options: PageWalkOptions<Item>): Promise<WalkOutcome> {
  const { deps, run, resource } = options;
  const prepared = await withTenant(deps.db, run.tenantId, async (tx) => {
    const open = await resource.open(deps, tx, run);
    return { open, position: await readPosition(tx, options, true) };
  });
  const { open, position } = prepared;
  if (position.state === "stopped") return position;
  const deadline = Date.now() + (deps.stepBudgetMs ?? DEFAULT_STEP_BUDGET_MS);
  const outcome = await walkPages(options, open, position, deadline);
  if (outcome.state !== "complete" || open.conclude === undefined) return outcome;
  return withTenant(deps.db, run.tenantId, async (tx): Promise<WalkOutcome> => {
    const held = await lockActiveRun(tx, run);
    if (held.state === "stopped") return held;
    await noteGone(tx, run, resource.name, await open.conclude!(deps, tx, run));
    return COMPLETE;
  });
}

type Position =
  | { state: "complete" }
  | { state: "one_walk"; position: WalkPosition; isRestarted: boolean }
  | { state: "segments"; segments: SegmentPlace[] };

/**
 * Reads pages until the step ends. After a lost cursor, starts the sweep again once, by one walk. If another worker is
 * ahead (a step that was taken for dead, a second process), continues after that worker's last page: each page is
 * written once, and either worker may die.
 */
async function walkPages<Item>(
  options: PageWalkOptions<Item>,
  open: OpenResource<Item>,
  start: Position,
  deadline: number,
): Promise<WalkOutcome> {
  const { deps, run, resource } = options;
  const about = { runId: run.id, resource: resource.name };
  for (let at: Position | Stopped = start; at.state !== "complete";) {
    if (at.state === "stopped") return at;
    try {
      const outcome: WalkOutcome | Overtaken =
        at.state === "segments"
          ? await walkSegments(options, open, at.segments, deadline)
          : await walkFrom(options, open, at.position, deadline);
      if (outcome.state !== "overtaken") return outcome;
      deps.log.info(about, "another worker is ahead");
      if (mustHandBack(options, deadline)) return MORE;
      at = await withTenant(deps.db, run.tenantId, (tx) => readPosition(tx, options));
    } catch (error) {
      const isLost = isRmmError(error) && error.code === "cursor_lost";
      if (!isLost || (at.state === "one_walk" && at.isRestarted)) throw error;
      deps.log.warn(about, "cursor lost, sweep restarted");
      at = at.state === "segments" ? await restartAsOne(options) : startOfWalk(1);
    }
  }
  return COMPLETE;
}

const startOfWalk = (walk: number): Position => ({
  state: "one_walk",
  position: { walk, sequence: 0, cursor: null, complete: false },
  isRestarted: walk > 0,
});

/** Drops all segments. Their pages stay written, and one walk reads the list from its beginning. */
async function restartAsOne<Item>(options: PageWalkOptions<Item>): Promise<Position | Stopped> {
  const { deps, run } = options;
  return withTenant(deps.db, run.tenantId, async (tx) => {
    const held = await lockActiveRun(tx, run);
    if (held.state === "stopped") return held;
    await dropSegments(tx, sweepRefOf(options), "all");
    return readPosition(tx, options);
  });
}

/** The position of the sweep. If `mayDivide` is true, divides a sweep that has not begun. */
async function readPosition<Item>(
  tx: TenantDb,
  options: PageWalkOptions<Item>,
  mayDivide = false,
): Promise<Position | Stopped> {
  const { run, resource, segments: wanted = 1 } = options;
  const sweep = sweepRefOf(options);
  let segments = await listSegments(tx, sweep);
  let position = await getWalkPosition(tx, run.tenantId, run.id, resource.name);
  const hasBegun = segments.length > 0 || position.sequence > 0;
  if (mayDivide && wanted > 1 && !hasBegun) {
    const held = await lockActiveRun(tx, run);
    if (held.state === "stopped") return held;
    await divideSweep(tx, { ...sweep, connectionId: run.connectionId }, wanted);
    segments = await listSegments(tx, sweep);
    position = await getWalkPosition(tx, run.tenantId, run.id, resource.name);
  }
  if (segments.some(isLive)) {
    const isJoined = segments.some(({ state }) => state === "joined");
    return isJoined ? { state: "complete" } : { state: "segments", segments };
  }
  if (position.walk < segments.length) return startOfWalk(segments.length);
  if (position.complete) return { state: "complete" };
  return { state: "one_walk", position, isRestarted: position.walk > 0 };
}
