import type { Account } from "./account";
import { BACKUP_FIELD, BACKUPS } from "./fleet/custom-fields";
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
  fields: 0.002,
} as const;

/**
 * Lets days pass in an account as they do at an MSP: updates are released and installed, alerts raised and resolved;
 * machines go online and offline, change hands, get another backup, move to another group and are replaced. Few leave at a time, so that
 * nothing about it is a surprise. The same account and seed give the same changes, however the days are asked for.
 */
export function passDays(account: Account, seed: number, days: number): void {
  for (let day = 0; day < days; day++) passDay(account, seed);
}

/** What happens is spread over the day, of which nothing is left at the end: the account's clock gains a second a change. */
function passDay(account: Account, seed: number): void {
  const begunAtMs = account.now().getTime();
  const random = new Random(seed, `day from ${begunAtMs}`);
  const happenings = planDay(account, random);
  const advanceTo = (timeMs: number) => account.advance(Math.max(0, timeMs - account.now().getTime()));
  for (const [n, happen] of happenings.entries()) {
    advanceTo(begunAtMs + (DAY / happenings.length) * n);
    happen();
  }
  advanceTo(begunAtMs + DAY);
}

/** What happens in a day, in any order but for machines that are replaced: they go last, as others speak of them. */
function planDay(account: Account, random: Random): (() => void)[] {
  const some = (share: number): string[] => {
    const ids = account.devices.ids();
    const often = Math.floor(ids.length * share + random.next());
    return [...new Set(Array.from({ length: often }, () => random.pick(ids)))];
  };
  const each = (share: number, happen: (id: string) => void) => some(share).map((id) => () => happen(id));
  const inAnyOrder = [
    ...each(DAILY.installs, (id) => {
      const available = account.updates
        .idsWithin(id)
        .filter((one) => account.updates.require(one).is_available);
      for (const update of available.slice(0, 2)) account.installUpdate(update);
    }),
    ...each(DAILY.releases, (id) => account.addUpdate(id)),
    ...each(DAILY.alerts, (id) => account.openAlert(id)),
    ...each(DAILY.resolves, (id) => {
      for (const alert of account.alerts.idsWithin(id)) account.resolveAlert(alert);
    }),
    ...each(DAILY.users, (id) => {
      const other = account.devices.require(random.pick(account.devices.ids()));
      account.patchDevice(id, { last_logged_in_user: other.last_logged_in_user });
    }),
    ...each(DAILY.switches, (id) => account.setOnline(id, random.chance(0.7))),
    ...each(DAILY.moves, (id) => account.moveDevice(id, random.pick(account.groups.ids()))),
    ...each(DAILY.fields, (id) => account.setCustomFieldValue(BACKUP_FIELD, id, random.pick(BACKUPS))),
  ];
  const replacements = each(DAILY.replacements, (id) => {
    const { group_id } = account.devices.require(id);
    account.removeDevice(id);
    account.addDevice({ group_id });
  });
  return [...random.shuffled(inAnyOrder), ...replacements];
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
