import type { Random } from "../level-simulator/random";

/** The same items in another order (Fisher–Yates). */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const all = [...items];
  for (let last = all.length - 1; last > 0; last--) {
    const other = random.int(0, last);
    [all[last], all[other]] = [all[other]!, all[last]!];
  }
  return all;
}
