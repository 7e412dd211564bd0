import type { Account } from "./account";
import { Random } from "./random";

const DAY = 24 * 60 * 60_000;

/** The share of the machines that each thing happens to in a day. */
const DAILY = {
  installs: 0.05,
  releases: 0.08,
  alerts: 0.01,
  resolves: 0.1,
  users: 0.005,
  switches: 0.02,
  moves: 0.0005,
  replacements: 0.001,
} as const;

/**
 * Lets days pass in an account as they do at an MSP: updates are released and installed, alerts raised and resolved;
 * machines go online and offline, change hands, move to another group and are replaced. Few leave at a time, so that
 * nothing about it is a surprise. The same account and seed give the same changes, however the days are asked for.
 */
export function passDays(account: Account, seed: number, days: number): void {
  for (let day = 0; day < days; day++) passDay(account, seed);
}

function passDay(account: Account, seed: number): void {
  account.advance(DAY);
  const random = new Random(seed, `day until ${account.now().getTime()}`);
  const some = (share: number): string[] => {
    const ids = account.devices.ids();
    const often = Math.floor(ids.length * share + random.next());
    return [...new Set(Array.from({ length: often }, () => random.pick(ids)))];
  };
  for (const id of some(DAILY.installs)) {
    const available = account.updates
      .idsWithin(id)
      .filter((one) => account.updates.require(one).is_available);
    for (const update of available.slice(0, 2)) account.installUpdate(update);
  }
  for (const id of some(DAILY.releases)) account.addUpdate(id);
  for (const id of some(DAILY.alerts)) account.openAlert(id);
  for (const id of some(DAILY.resolves))
    for (const alert of account.alerts.idsWithin(id)) account.resolveAlert(alert);
  for (const id of some(DAILY.users)) {
    const other = account.devices.require(random.pick(account.devices.ids()));
    account.patchDevice(id, { last_logged_in_user: other.last_logged_in_user });
  }
  for (const id of some(DAILY.switches)) account.setOnline(id, random.chance(0.7));
  for (const id of some(DAILY.moves)) account.moveDevice(id, random.pick(account.groups.ids()));
  for (const id of some(DAILY.replacements)) {
    const { group_id } = account.devices.require(id);
    account.removeDevice(id);
    account.addDevice({ group_id });
  }
}

/** Longer than this without a sign of life, a machine is gone for other reasons than the end of a working day. */
const DARK_MS = 7 * DAY;

/**
 * Moves the last signs of life on by the days that have passed: a machine that is online was seen a moment ago, and one
 * that nothing has happened to was last seen as long ago as it was then, unless that is long.
 */
export function makeCurrent(account: Account, seed: number, days: number): void {
  const random = new Random(seed, "current");
  const now = account.now().getTime();
  const then = now - days * DAY;
  for (const id of account.devices.ids()) {
    const { online, last_seen_at } = account.devices.require(id);
    const seen = Date.parse(String(last_seen_at));
    const wasSeenSince = seen > then;
    const moved = online
      ? now - random.int(1, 110) * 1000
      : wasSeenSince || then - seen > DARK_MS
        ? seen
        : seen + days * DAY;
    if (!Number.isNaN(moved))
      account.patchDevice(id, { last_seen_at: new Date(Math.min(moved, now)).toISOString() });
  }
}
