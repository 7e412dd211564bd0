import type { DiskSnapshot } from "./snapshots";

/**
 * A volume as we show it: sizes in bytes, utilization in percent with one decimal.
 * Null when it has no size (boot and recovery partitions report 0) or its free space is not known or cannot be
 * (below zero, more than there is): a guessed 0 would read as a full disk.
 */
export function diskSnapshot(disk: {
  name: string;
  totalBytes: number | null;
  freeBytes: number | null;
}): DiskSnapshot | null {
  const { name, totalBytes, freeBytes } = disk;
  if (totalBytes === null || freeBytes === null || totalBytes <= 0) return null;
  const total = Math.round(totalBytes);
  const free = Math.round(freeBytes);
  if (free < 0 || free > total) return null;
  return { name, totalBytes: total, freeBytes: free, utilizationPercent: percentUsed(total, free) };
}

const percentUsed = (total: number, free: number): number =>
  Math.round(((total - free) / total) * 1_000) / 10;
