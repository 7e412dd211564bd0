import type { SerializeFrom } from "@remix-run/node";

import type { SystemInfo } from "@domain/system-info";

import type { AssetDetail } from "./assets.page.server";

export type Detail = SerializeFrom<AssetDetail>;

/** The parts that say anything as one text; null when none does. */
export const joined = (...parts: (string | number | null | undefined)[]): string | null =>
  parts.filter((part) => part !== null && part !== undefined && part !== "").join(" ") || null;

/** A column of JSON: what the RMM reported, checked when it was written. */
export const systemInfoOf = (detail: Detail): SystemInfo => (detail.details?.systemInfo ?? {}) as SystemInfo;
