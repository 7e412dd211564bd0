/** More than this many records *and* more than this share of them at once is a surprise. */
const MAX_UNSURPRISING_COUNT = 10;
const MAX_UNSURPRISING_SHARE = 0.2;

/**
 * The fleet-shrink guard: whether so many records went missing between two complete sweeps that an outage or a cut
 * list is likelier than the truth. Such a loss is held until a person confirms it or a later sweep disagrees.
 */
export function isSurprisingLoss({ known, absent }: { known: number; absent: number }): boolean {
  return absent > MAX_UNSURPRISING_COUNT && absent > known * MAX_UNSURPRISING_SHARE;
}
