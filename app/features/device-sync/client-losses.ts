import type { TenantDb } from "@db/client";
import { listClientLosses, type ClientLoss } from "@db/queries/device-sync/client-losses";
import type { RunRow } from "@db/queries/sync-runs/runs";
import { losesMost } from "@domain/mass-change-guard";

import { isSweep } from "./device-plans";
import { countChangesSince } from "./device-run-sums";
import { sweepOf } from "./sweep-of";

/** The clients whose changes of one kind go to pending review, and the reason. */
export interface LosingClients {
  clientIds: string[];
  reason: string;
}

export interface ClientLosses {
  moves: LosingClients;
  removals: LosingClients;
}

/**
 * The clients, of any size, that would lose most of their assets by the run. Their moves go to pending review, and so
 * do their removals, unless the groups confirm the removals.
 */
export async function findClientLosses(tx: TenantDb, run: RunRow, now: Date): Promise<ClientLosses> {
  const losses = await listClientLosses(tx, {
    ...sweepOf(run, now),
    isDryRun: run.type === "dry_run",
    isSweep: isSweep({ run }),
    since: await countChangesSince(tx, run, now),
  });
  const losing = losses.filter((loss) => losesMost(sumOf(loss)));
  return {
    moves: waitingOf(losing.filter(({ moves }) => moves > 0)),
    removals: waitingOf(losing.filter(({ unconfirmed }) => unconfirmed > 0)),
  };
}

/** The assets of a client and those that it would lose. Assets that moved away lately count as both. */
const sumOf = ({ assets, moves, removals, movedLately }: ClientLoss) => ({
  assets: assets + movedLately,
  lost: moves + removals + movedLately,
});

const CLIENTS_NAMED = 3;

function waitingOf(losses: ClientLoss[]): LosingClients {
  const named = losses.slice(0, CLIENTS_NAMED).map((loss) => {
    const { assets, lost } = sumOf(loss);
    return `${loss.name} ${lost} of ${assets}`;
  });
  const others = losses.length - named.length;
  const rest = others > 0 ? `, and ${others} more clients most of theirs` : "";
  return {
    clientIds: losses.map(({ clientId }) => clientId),
    reason: `Most assets of a client would leave it at once: ${named.join(", ")}${rest}`,
  };
}
