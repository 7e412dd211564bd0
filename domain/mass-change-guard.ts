/** More than this many records *and* more than this share of them at once exceed the limit. */
const MAX_UNSURPRISING_COUNT = 10;
const MAX_UNSURPRISING_SHARE = 0.2;

/**
 * The mass-change guard: whether so many records went missing, moved or were renamed between two complete sweeps that
 * an outage, a cut list or a mistake in the RMM is more likely than a real change. Such changes are held until a person
 * approves them or a later sweep disagrees.
 */
export function exceedsChangeLimit({ known, affected }: { known: number; affected: number }): boolean {
  return affected > MAX_UNSURPRISING_COUNT && affected > known * MAX_UNSURPRISING_SHARE;
}

/**
 * Whether one client, of any size, would lose most of its assets at once: more likely its group was deleted and created
 * again, or its branch was moved, than that the customer left. A share of the account says nothing about a client with
 * eight assets.
 */
export const losesMost = ({ assets, lost }: { assets: number; lost: number }): boolean => lost * 2 > assets;

/** How many of the records known when a run began its complete list lacks. */
export interface Loss {
  known: number;
  absent: number;
}

/**
 * Whether a loss confirms the one that the previous run noted: it is about as large, and is not of everything if the
 * previous one was not. Otherwise a partial loss would make an empty list believable.
 */
export function bearsOut(loss: Loss, before: Loss | null): boolean {
  if (before === null) return false;
  if (loss.absent === loss.known && before.absent < before.known) return false;
  return !exceedsChangeLimit({ known: loss.known, affected: Math.abs(loss.absent - before.absent) });
}

const MAX_UNCOUNTED = 10;
const MAX_UNCOUNTED_SHARE = 0.05;

/**
 * Whether a list of devices was cut: the provider counts clearly more devices in its groups than it listed there.
 * The groups are read before the devices, so a few that left in between are no sign; half of them are, of however few.
 */
export function isCutList({ counted, listed }: { counted: number; listed: number }): boolean {
  const missing = counted - listed;
  const isMany = missing > MAX_UNCOUNTED && missing > counted * MAX_UNCOUNTED_SHARE;
  return isMany || (missing > 0 && missing >= counted / 2);
}

/** What a complete sweep of an account's devices amounts to. */
export interface SweepSums {
  /** Devices that were there, and not gone, when the run began. */
  known: number;
  /** Those of them that were not listed. */
  absent: number;
  /** Devices that were recently removed one by one. */
  removedLately: number;
  /** Records of devices without a readable id: each may be a missing one. */
  unnamed: number;
  /** Missing devices in groups that count no more devices than were listed in them. */
  confirmed: number;
  /** Listed devices in a group, and the provider's own count of devices in its groups. */
  listedInGroups: number;
  countedInGroups: number;
}

/** More missing devices than this, and more than the ordinary share, need confirmation by the groups' counts. */
const MAX_UNCONFIRMED_COUNT = 2;

/**
 * Why the missing devices are held; null if they count as gone. In a small account a large part is a small number, so a
 * loss of more than a fifth of any account, or half of the smallest, is accepted only if the groups' counts confirm it
 * device by device. A fault that cuts the list of devices may also cut the list of groups, so a group that is not
 * listed confirms nothing. If records came without an id, a loss of any size needs that confirmation.
 */
export function whyHeld(sums: SweepSums): string | null {
  const { known, absent, unnamed, removedLately, confirmed } = sums;
  const { listedInGroups: listed, countedInGroups: counted } = sums;
  if (unnamed > 0 && confirmed < absent)
    return `${unnamed} records of devices came without an id that can be read, and may be those that are missing`;
  if (isCutList({ counted, listed }))
    return `Level counts ${counted} devices in its groups but listed ${listed} of them`;
  if (absent === 0) return null;
  const unconfirmed = absent - confirmed;
  const isDoubted = unconfirmed > MAX_UNCONFIRMED_COUNT && unconfirmed > known * MAX_UNSURPRISING_SHARE;
  const isHalf = absent >= Math.floor(known / 2);
  const isMany = exceedsChangeLimit({ known: known + removedLately, affected: absent + removedLately });
  if (isMany || isDoubted || (isHalf && unconfirmed > 0))
    return `${absent} of ${known} devices are missing from the account's list`;
  return null;
}
