import { Automations } from "./automations";
import { CustomValues } from "./custom-values";
import { AlertMaker } from "./fleet/alerts";
import { customFieldsOf } from "./fleet/custom-fields";
import { DeviceMaker } from "./fleet/devices";
import { planGroups } from "./fleet/groups";
import { UpdateMaker } from "./fleet/updates";
import { TAGS } from "./fleet/words";
import { Random } from "./random";
import { RecordTable } from "./record-table";
import {
  BLOCKS_BY_FLAG,
  levelId,
  type LevelAlert,
  type LevelCustomField,
  type LevelDevice,
  type LevelGroup,
  type LevelTag,
  type LevelUpdate,
  type StoredGroup,
} from "./records";

export interface AccountOptions {
  devices: number;
  seed: number;
  /** "Now" when the fleet is built; every time in it is relative to this. */
  baseDate: Date;
  /** Available updates a device has on average. */
  updatesPerDevice: number;
  /** Alerts in the account, active and resolved. */
  alerts: number;
}

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
const none = () => null;

/** What an account holds, and how a fleet gets into it. `Account` adds the ways to change it. */
export abstract class AccountState {
  readonly groups = new RecordTable<StoredGroup, { parentId: string | null }, LevelGroup>({
    keysOf: (group) => ({ parentId: text(group.parent_id) }),
    indexBy: (keys) => keys.parentId,
    view: (group: StoredGroup): LevelGroup => this.withCounts(group),
  });
  readonly devices = new RecordTable<
    LevelDevice,
    { groupId: string | null; hostname: string | null; serial: string | null; tags: readonly unknown[] }
  >({
    keysOf: (device) => ({
      groupId: text(device.group_id),
      hostname: text(device.hostname),
      serial: text(device.serial_number),
      tags: Array.isArray(device.tags) ? device.tags : [],
    }),
    indexBy: (keys) => keys.groupId,
    blocks: Object.values(BLOCKS_BY_FLAG).flat(),
  });
  readonly updates = new RecordTable<
    LevelUpdate,
    { deviceId: string | null; available: boolean; category: string | null }
  >({
    keysOf: (update) => ({
      deviceId: text(update.device_id),
      available: update.is_available === true,
      category: text(update.category),
    }),
    indexBy: (keys) => keys.deviceId,
  });
  readonly alerts = new RecordTable<LevelAlert, { deviceId: string | null; resolved: boolean }>({
    keysOf: (alert) => ({ deviceId: text(alert.device_id), resolved: alert.is_resolved === true }),
    indexBy: (keys) => keys.deviceId,
  });
  readonly tags = new RecordTable<LevelTag, { name: string | null }>({
    keysOf: (tag) => ({ name: text(tag.name) }),
    indexBy: none,
    view: (tag) => ({ ...tag, device_count: this.tagCounts().get(tag.name) ?? 0 }),
  });
  readonly customFields = new RecordTable<LevelCustomField, null>({ keysOf: none, indexBy: none });
  readonly automations = new Automations();
  protected readonly customValues = new CustomValues();

  protected time = 0;
  protected makers!: { devices: DeviceMaker; updates: UpdateMaker; alerts: AlertMaker };
  /** Worked out on demand, dropped whenever a device or group changes. */
  private totals: Map<string, number> | null = null;
  private tagUse: Map<string, number> | null = null;

  constructor(private readonly options: AccountOptions) {
    this.reset();
  }

  /** Back to the fleet the seed gives. */
  reset(): void {
    const { seed, baseDate } = this.options;
    this.time = baseDate.getTime();
    for (const table of [this.groups, this.devices, this.updates, this.alerts, this.tags, this.customFields])
      table.clear();
    const { groups, clients } = planGroups(new Random(seed, "groups"), this.options.devices);
    for (const group of groups) this.groups.put(group);
    this.makers = {
      devices: new DeviceMaker(seed, clients, this.time),
      updates: new UpdateMaker(seed, this.options.updatesPerDevice, this.time),
      alerts: new AlertMaker(seed, this.time),
    };
    const known: { id: string; hostname: string }[] = [];
    for (let index = 0; index < this.options.devices; index += 1) {
      const device = this.makers.devices.next();
      known.push({ id: device.id, hostname: device.hostname });
      this.devices.put(device);
      for (const update of this.makers.updates.forDevice(device)) this.updates.put(update);
    }
    for (const alert of this.makers.alerts.forDevices(known, this.options.alerts)) this.alerts.put(alert);
    TAGS.forEach((name, index) => this.tags.put({ id: levelId("Tag", 7731 + index), name, device_count: 0 }));
    this.addCustomFields(seed);
    this.automations.clear();
    this.changed();
  }

  /** The account's own clock: it moves a second with each stamped change, so that runs repeat exactly. */
  now(): Date {
    return new Date(this.time);
  }

  /** Moves the account's clock on by so many milliseconds. */
  advance(ms: number): void {
    this.time += ms;
  }

  protected stamp(): string {
    this.time += 1000;
    return new Date(this.time).toISOString();
  }

  protected changed(): void {
    this.totals = null;
    this.tagUse = null;
  }

  /** What was stored goes last, so that a patched count or list of children shows as patched. */
  private withCounts(group: StoredGroup): LevelGroup {
    this.totals ??= this.countDevices();
    const { id, parent_id, ...stored } = group;
    return {
      id,
      parent_id,
      child_ids: this.groups.idsWithin(id),
      device_count: this.devices.countWithin(id),
      descendent_device_count: this.totals.get(id) ?? 0,
      ...stored,
    };
  }

  /** Devices in each group and below, the group's own included. Survives cycles. */
  private countDevices(): Map<string, number> {
    const totals = new Map<string, number>();
    const onPath = new Set<string>();
    const count = (id: string): number => {
      const known = totals.get(id);
      if (known !== undefined || onPath.has(id)) return known ?? 0;
      onPath.add(id);
      let total = this.devices.countWithin(id);
      for (const child of this.groups.idsWithin(id)) total += count(child);
      onPath.delete(id);
      totals.set(id, total);
      return total;
    };
    for (const id of this.groups.ids()) count(id);
    return totals;
  }

  private tagCounts(): ReadonlyMap<string, number> {
    if (this.tagUse) return this.tagUse;
    const counts = new Map<string, number>();
    for (const { tags } of this.devices.keys())
      for (const tag of tags) counts.set(String(tag), (counts.get(String(tag)) ?? 0) + 1);
    return (this.tagUse = counts);
  }

  /** Fields of an MSP, with values of the account, a group, and some devices. */
  private addCustomFields(seed: number): void {
    this.customValues.clear();
    const { fields, values } = customFieldsOf(seed, this.groups.ids(), this.devices.ids());
    for (const field of fields) this.customFields.put(field);
    for (const { fieldId, owner, value } of values) this.customValues.set(fieldId, owner, value);
  }
}
