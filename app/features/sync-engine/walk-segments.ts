import { withTenant } from "@db/client";
import {
  dropSegments,
  joinSegments,
  listSegments,
  type SegmentPlace,
  type SweepRef,
} from "@db/queries/sync-runs/segments";
import { canDrop, chainOf, endOnPage, isLive } from "@domain/segments";
import { isRmmError, RmmError } from "~/connectors/rmm-error";

import { lockActiveRun } from "./lock-active-run";
import type { OpenResource } from "./resource";
import { createTurns } from "./in-turn";
import { walkSideBySide } from "./side-by-side";
import {
  COMPLETE,
  MORE,
  mustHandBack,
  walkFrom,
  type Overtaken,
  type PageWalkOptions,
  type SegmentWalk,
  type WalkOutcome,
} from "./walk-from";

export const sweepRefOf = <Item>({ run, resource }: PageWalkOptions<Item>): SweepRef => ({
  tenantId: run.tenantId,
  runId: run.id,
  resource: resource.name,
});

/** Another worker dropped segments that this one reads, so the walk must continue from the stored state. */
class SegmentsChangedError extends Error {}

/**
 * Reads a list by a walk for each segment, in parallel, each from its last committed page on. Joins the segments when
 * all walks have ended.
 * @throws RmmError `cursor_lost` also if the segments do not form a complete list
 */
export async function walkSegments<Item>(
  options: PageWalkOptions<Item>,
  open: OpenResource<Item>,
  stored: SegmentPlace[],
  deadline: number,
): Promise<WalkOutcome | Overtaken> {
  const segments = stored.filter(isLive);
  const halts = (halt: AbortSignal) =>
    options.halt === undefined ? halt : AbortSignal.any([halt, options.halt]);
  const { inTurn = createTurns() } = options;
  const begun = new FirstPages(segments.filter(({ state }) => state === "planned"));
  try {
    const outcome = await walkSideBySide(
      segments
        .filter(({ state }) => state !== "ended")
        .map((segment) => (halt) => {
          const walk = { ...options, inTurn, halt: halts(halt) };
          return new SegmentWalker(walk, open, segment, segments, begun).walk(deadline);
        }),
    );
    return outcome.state === "complete" ? await join(options) : outcome;
  } catch (error) {
    if (error instanceof SegmentsChangedError) return { state: "overtaken" };
    throw error;
  }
}

/** Resolves when the first page of every planned segment has been read, or its boundary was found lost. */
class FirstPages {
  private readonly missing: Set<number>;
  private resolve!: () => void;
  private readonly all = new Promise<void>((resolve) => {
    this.resolve = resolve;
  });

  constructor(planned: readonly SegmentPlace[]) {
    this.missing = new Set(planned.map(({ walk }) => walk));
    if (this.missing.size === 0) this.resolve();
  }

  noteBegun(walk: number): void {
    this.missing.delete(walk);
    if (this.missing.size === 0) this.resolve();
  }

  /**
   * Waits for all first pages.
   * @throws the signal's reason if it aborts first
   */
  async wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    let giveUp!: () => void;
    const aborted = new Promise<never>((_, reject) => {
      giveUp = () => reject(signal.reason as Error);
      signal.addEventListener("abort", giveUp, { once: true });
    });
    try {
      await Promise.race([this.all, aborted]);
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }
}

class SegmentWalker<Item> {
  private hasRead: boolean;

  constructor(
    private readonly options: PageWalkOptions<Item> & { halt: AbortSignal },
    private readonly open: OpenResource<Item>,
    private readonly segment: SegmentPlace,
    private readonly segments: SegmentPlace[],
    private readonly begun: FirstPages,
  ) {
    this.hasRead = segment.state !== "planned";
  }

  async walk(deadline: number): Promise<WalkOutcome> {
    const { segment, options } = this;
    for (;;) {
      try {
        const outcome = await walkFrom(options, this.open, segment, deadline, this.part);
        if (outcome.state !== "overtaken") return outcome;
      } catch (error) {
        if (this.hasRead || !isRmmError(error) || error.code !== "cursor_lost") throw error;
        return this.drop(error);
      }
      await this.catchUp();
      if (segment.state === "ended") return COMPLETE;
      if (mustHandBack(options, deadline)) return MORE;
    }
  }

  private readonly part: SegmentWalk = {
    endOf: async (ids) => {
      const { segment, segments, begun } = this;
      if (!this.hasRead) {
        this.hasRead = true;
        segment.state = "begun";
        begun.noteBegun(segment.walk);
      }
      await begun.wait(this.options.halt);
      const end = endOnPage(segment, segments, ids);
      segment.next = end?.next ?? null;
      return end?.id ?? null;
    },
    nextOf: (isLast) => (isLast ? this.segment.next : null),
  };

  /**
   * Drops this segment, because the provider no longer knows its boundary. The segment before continues through it,
   * unless that one has already ended at the boundary.
   */
  private async drop(lost: RmmError): Promise<WalkOutcome> {
    const { deps, run } = this.options;
    const sweep = sweepRefOf(this.options);
    const outcome = await withTenant(deps.db, run.tenantId, async (tx) => {
      const held = await lockActiveRun(tx, run);
      if (held.state === "stopped") return held;
      const stored = await listSegments(tx, sweep);
      const own = stored.find(({ walk }) => walk === this.segment.walk)!;
      if (!isLive(own)) return COMPLETE;
      if (!canDrop(own, stored)) throw lost;
      await dropSegments(tx, sweep, [own.walk]);
      return COMPLETE;
    });
    this.segment.state = "dropped";
    this.begun.noteBegun(this.segment.walk);
    return outcome;
  }

  /**
   * Takes over what another worker committed.
   * @throws SegmentsChangedError if the other worker dropped a segment
   */
  private async catchUp(): Promise<void> {
    const { deps, run } = this.options;
    const stored = await withTenant(deps.db, run.tenantId, (tx) =>
      listSegments(tx, sweepRefOf(this.options)),
    );
    const storedOf = new Map(stored.map((segment) => [segment.walk, segment]));
    if (this.segments.some((segment) => isLive(segment) && !isLive(storedOf.get(segment.walk)!)))
      throw new SegmentsChangedError();
    Object.assign(this.segment, storedOf.get(this.segment.walk));
  }
}

/** Joins the segments of a list that was read completely. */
async function join<Item>(options: PageWalkOptions<Item>): Promise<WalkOutcome | Overtaken> {
  const { deps, run, resource } = options;
  const sweep = sweepRefOf(options);
  return withTenant(deps.db, run.tenantId, async (tx) => {
    const held = await lockActiveRun(tx, run);
    if (held.state === "stopped") return held;
    const segments = (await listSegments(tx, sweep)).filter(isLive);
    if (segments.every(({ state }) => state === "joined") && segments.length > 0) return COMPLETE;
    const areEnded = segments.length > 0 && segments.every(({ state }) => state === "ended");
    if (!areEnded) return { state: "overtaken" };
    const chain = chainOf(segments);
    if (chain === null) {
      throw new RmmError({
        code: "cursor_lost",
        message: `${resource.name}: the segments do not reach the end of the list`,
        userMessage: `Level's list of ${resource.name} changed its order while it was read.`,
        hint: "Nothing to do: the list is read again from its beginning.",
      });
    }
    await joinSegments(
      tx,
      sweep,
      chain.map(({ walk }) => walk),
    );
    return COMPLETE;
  });
}
