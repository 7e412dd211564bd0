import type { Account } from "./account";
import { BACKUP_FIELD, BACKUPS } from "./fleet/custom-fields";
import { Random } from "./random";

const DAY = 24 * 60 * 60_000;

/** The share of the machines to which each thing happens in a day, 0 to 1. */
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
 * Lets days pass in an account as at an MSP: updates are released and installed, alerts raised and resolved; machines
 * go online and offline, change users, get another backup, move to another group and are replaced. Few leave at a time,
 * so that the mass-change guard holds nothing. The same account and seed give the same changes, whether days pass at
 * once or one by one.
 */
export function passDays(account: Account, seed: number, days: number): void {
  for (let day = 0; day < days; day++) passDay(account, seed);
}

/** Spreads the changes over the day and uses up exactly the day: the account's clock moves a second per change. */
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

/** The changes of a day in any order, with replaced machines last because other changes refer to them. */
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

/** Milliseconds; a machine without a sign of life for longer is not merely off for the night. */
const DARK_MS = 7 * DAY;

/**
 * Moves the last signs of life forward by the days that have passed: an online machine was seen a moment ago; a machine
 * without changes keeps the age of its last sign, unless that is very old.
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
