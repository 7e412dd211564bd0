import type { ResourceCounts } from "./sync-words";

/** What a provider's records mean here, whatever the provider: the output of its mappers, the input of a sync. */

export interface GroupSnapshot {
  externalId: string;
  /** Null at the top level; undefined if the record does not say: then it stays where it was. */
  parentExternalId: string | null | undefined;
  name: string;
  /** The provider's own count of devices directly in the group. */
  deviceCount: number | null;
}

export interface DiskSnapshot {
  name: string;
  totalBytes: number;
  freeBytes: number;
  /** 0 – 100, one decimal. */
  utilizationPercent: number;
}

export interface DeviceSnapshot {
  externalId: string;
  /** Null in no group; undefined if the record does not say: then it stays where it was. */
  externalGroupId: string | null | undefined;
  /** Null if the provider gives none. */
  name: string | null;
  /** Null if the provider does not say. */
  assetType: "workstation" | "server" | null;
  serialNumber: string | null;
  /** "City, Country" as the provider guesses it. */
  location: string | null;
  osType: string | null;
  osVersion: string | null;
  lanIp: string | null;
  cpuModel: string | null;
  cpuCores: number | null;
  /** Whole GB. */
  ramGb: number | null;
  disks: DiskSnapshot[];
  lastLoggedInUser: string | null;
  /** The rest: hostname, manufacturer, model, security score, risk, maintenance mode, tags, flag, group id, MACs, … */
  systemInfo: Record<string, unknown>;
  /** Fields that change every minute. Not part of the content hash. */
  liveness: DeviceLiveness;
}

export interface DeviceLiveness {
  agentStatus: "online" | "offline";
  lifecycleStatus: "active" | "inactive";
  lastSeenAt: Date | null;
  lastRebootAt: Date | null;
}

/** A field that people defined in the RMM account, without its values. */
export interface CustomFieldSnapshot {
  externalId: string;
  name: string;
  /** The name that scripts and automations use. */
  reference: string | null;
  /** Whether only admins of the RMM account see it; also true if the record does not say. */
  isAdminOnly: boolean;
}

/** A device's value of a custom field. */
export interface CustomFieldValue {
  /** Null if the provider gives only the field's name. */
  externalFieldId: string | null;
  fieldName: string | null;
  /** As given. Null if the field is blank. */
  value: string | null;
}

/** All values of a device. `isComplete` is false if the provider has more than it can return. */
export interface CustomFieldValues {
  values: CustomFieldValue[];
  isComplete: boolean;
}

export interface UpdateSnapshot {
  externalId: string;
  externalDeviceId: string;
  name: string;
  category: string | null;
  version: string | null;
  kbIds: string[];
  sizeBytes: number | null;
  error: string | null;
  publishedOn: string | null;
  isAvailable: boolean;
}

export interface AlertSnapshot {
  externalId: string;
  externalDeviceId: string;
  deviceHostname: string | null;
  name: string;
  description: string | null;
  payload: string | null;
  severity: "critical" | "major" | "moderate" | "minor" | "none";
  /** The provider's own word. */
  providerSeverity: string | null;
  status: "active" | "resolved";
  startedAt: Date | null;
  resolvedAt: Date | null;
}

/** A record, or one optional field of it, could not be stored. */
export interface RecordIssue {
  severity: "record" | "field";
  externalId: string | null;
  name: string | null;
  field: string | null;
  reason: string;
  /** Identifies a record without an id; see `recordFingerprint`. */
  fingerprint?: string;
}

export type { ResourceCounts };
