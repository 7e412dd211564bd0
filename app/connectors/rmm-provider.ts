import type { AutomationAnswer } from "@domain/rule-automations";
import type {
  AlertSnapshot,
  CustomFieldSnapshot,
  CustomFieldValues,
  DeviceSnapshot,
  GroupSnapshot,
  RecordIssue,
  UpdateSnapshot,
} from "@domain/snapshots";

import type { RequestSlots } from "./request-slots";

/** One page of a list, already mapped: the unit of writing, checkpointing and loss. */
export interface ProviderPage<Item> {
  items: Item[];
  /**
   * The ids of all records of the page, including those that could not be mapped, because a listed record is not gone.
   */
  idsSeen: string[];
  /** Records and fields that could not be mapped. */
  issues: RecordIssue[];
  /** Pass it as `cursor` to continue after this page. Null on the last page. */
  cursorAfter: string | null;
  /** When the provider answered, which is when its data was true. */
  observedAt: Date;
}

export interface WalkOptions {
  /** Start after this cursor; from the beginning if absent. */
  cursor?: string;
  /** Records per page, to test a list; the provider's largest page if absent. */
  pageSize?: number;
  signal?: AbortSignal;
  /**
   * Called with the ids of each page as it arrives. Returns the last record of the walk if the walk ends on this page.
   */
  endOf?: (ids: readonly string[]) => Promise<string | null>;
}

/**
 * The iterator fetches a page when asked for it, so a caller prefetches by asking for the next page before writing this
 * one.
 */
export type Pages<Item> = AsyncIterableIterator<ProviderPage<Item>>;

export type Fetched<Item> =
  | { state: "found"; item: Item; issues: RecordIssue[]; observedAt: Date }
  /** The record exists but cannot be used; the issues say why. */
  | { state: "unreadable"; issues: RecordIssue[]; observedAt: Date }
  | { state: "gone" };

/** `customFields`: the values in the device's own record; undefined if it has none, which is usual. */
type FetchedDevice = Fetched<DeviceSnapshot> & { customFields?: CustomFieldValues };

/** The cost of calls; the caller owns the object and the provider adds to it. */
export interface RequestStats {
  requests: number;
  retries: number;
  /** Answers of 429. */
  rateLimits: number;
  rateLimitedMs: number;
}

/** The counts before the first call. */
export const noRequests = (): RequestStats => ({
  requests: 0,
  retries: 0,
  rateLimits: 0,
  rateLimitedMs: 0,
});

/**
 * The port to an RMM. Every method throws `RmmError`, unless it says otherwise. Lists are walked page by page in the
 * provider's own order; nothing is kept between pages.
 */
export interface RmmProvider {
  readonly key: string;
  /** The URL that is called: the provider's own, or the override. */
  readonly instanceUrl: string;
  /** Makes the cheapest authenticated call. */
  testConnection(): Promise<void>;
  listGroups(walk?: WalkOptions): Pages<GroupSnapshot>;
  listDevices(
    filter?: { groupId?: string; ancestorGroupId?: string },
    walk?: WalkOptions,
  ): Pages<DeviceSnapshot>;
  listUpdates(
    filter?: { deviceId?: string; status?: "available" | "installed" },
    walk?: WalkOptions,
  ): Pages<UpdateSnapshot>;
  listAlerts(
    filter?: { deviceId?: string; status?: "active" | "resolved" },
    walk?: WalkOptions,
  ): Pages<AlertSnapshot>;
  listCustomFields(walk?: WalkOptions): Pages<CustomFieldSnapshot>;
  getDevice(externalId: string): Promise<FetchedDevice>;
  /** The values that apply to a device, inherited ones included. One call. */
  getCustomFieldValues(externalDeviceId: string, signal?: AbortSignal): Promise<Fetched<CustomFieldValues>>;
  getGroup(externalId: string): Promise<Fetched<GroupSnapshot>>;
  getAlert(externalId: string): Promise<Fetched<AlertSnapshot>>;
  resolveAlert(externalId: string): Promise<Fetched<AlertSnapshot>>;
  /**
   * Starts an automation on devices through its trigger. Makes one attempt, whatever its outcome, and throws no
   * `RmmError`.
   * @param trigger its token, and whether to send the connection's key
   */
  startAutomation(
    trigger: { token: string; sendsKey: boolean },
    externalDeviceIds: readonly string[],
  ): Promise<AutomationAnswer>;
}

export interface ProviderOptions {
  apiKey: string;
  baseUrl: string;
  stats: RequestStats;
  /** The longest wait in ms that a call makes itself; a longer one is thrown as `rate_limited`. */
  maxWaitMs?: number;
  /** Limits the requests in flight; no limit if absent. */
  slots?: RequestSlots;
}
