import type { SerializeFrom } from "@remix-run/node";

import type { SystemInfo } from "@domain/system-info";

import type { AssetDetail } from "./assets.page.server";

export type Detail = SerializeFrom<AssetDetail>;

/** The parts that have a value, joined as one text; null if none has. */
export const joined = (...parts: (string | number | null | undefined)[]): string | null =>
  parts.filter((part) => part !== null && part !== undefined && part !== "").join(" ") || null;

/** What the RMM reported, from a JSON column whose values were checked when they were written. */
export const systemInfoOf = (detail: Detail): SystemInfo => (detail.details?.systemInfo ?? {}) as SystemInfo;
