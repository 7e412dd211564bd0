import { AccountState } from "./account-state";
import type { RecordTable } from "./record-table";
import {
  levelId,
  type LevelAlert,
  type LevelCustomField,
  type LevelCustomFieldValue,
  type LevelDevice,
  type LevelGroup,
  type LevelUpdate,
} from "./records";

/** The state of one Level account. Reading a record gives a copy; only the methods here change anything. */
export class Account extends AccountState {
  // Devices

  /** Enrols a machine: a plausible one, in the first group, with whatever is given in place of it. */
  addDevice(fields: Partial<LevelDevice> = {}): LevelDevice {
    const device: LevelDevice = {
      ...this.makers.devices.next(),
      group_id: this.groups.ids()[0] ?? null,
      last_seen_at: this.stamp(),
      ...fields,
    };
    if (this.devices.has(device.id)) throw new Error(`there is already a device ${device.id}`);
    this.devices.put(device);
    this.changed();
    return device;
  }

  /** Deletes a device and its updates. Its alerts stay behind. */
  removeDevice(id: string): void {
    this.devices.delete(id);
    this.customValues.removeOwner(id);
    for (const update of this.updates.idsWithin(id)) this.updates.delete(update);
    this.changed();
  }

  moveDevice(id: string, groupId: string | null): LevelDevice {
    return this.patchDevice(id, { group_id: groupId });
  }

  /** The new name also shows in the device's alerts and updates. */
  renameDevice(id: string, hostname: string): LevelDevice {
    const device = this.patchDevice(id, { hostname });
    for (const update of this.updates.idsWithin(id)) this.patchUpdate(update, { device_hostname: hostname });
    for (const alert of this.alerts.idsWithin(id)) this.patchAlert(alert, { device_hostname: hostname });
    return device;
  }

  setOnline(id: string, online: boolean): LevelDevice {
    return this.patchDevice(id, { online, last_seen_at: this.stamp() });
  }

  /**
   * Writes any JSON values over a device's fields: numbers as text, NUL characters, dates that are not dates. Fields
   * named in `absent`, or set to undefined, are left out of the record, `id` included.
   */
  patchDevice(id: string, fields: Record<string, unknown>, absent: readonly string[] = []): LevelDevice {
    return this.patch(this.devices, id, fields, absent);
  }

  /** Lists any JSON value in the device's place: null, a number, a list. */
  replaceDevice(id: string, value: unknown): void {
    this.devices.putValue(id, value);
    this.changed();
  }

  /** Moves a device to the end of the list: a walk that has passed it meets it again. */
  requeueDevice(id: string): void {
    this.devices.requeue(id);
  }

  // Groups

  addGroup(fields: { name: string; parent_id?: string | null; id?: string }): LevelGroup {
    const id = fields.id ?? this.nextGroupId();
    if (this.groups.has(id)) throw new Error(`there is already a group ${id}`);
    this.groups.put({ id, parent_id: fields.parent_id ?? null, name: fields.name });
    this.changed();
    return this.groups.require(id);
  }

  /** Cycles and unknown parents are allowed: a reader must survive them. */
  moveGroup(id: string, parentId: string | null): LevelGroup {
    return this.patchGroup(id, { parent_id: parentId });
  }

  renameGroup(id: string, name: string): LevelGroup {
    return this.patchGroup(id, { name });
  }

  /** Removes a group and everything below it; their devices become ungrouped. */
  removeGroup(id: string): void {
    for (const group of this.subtree(id)) {
      for (const device of this.devices.idsWithin(group)) this.moveDevice(device, null);
      this.groups.delete(group);
    }
    this.changed();
  }

  patchGroup(id: string, fields: Record<string, unknown>, absent: readonly string[] = []): LevelGroup {
    return this.patch(this.groups, id, fields, absent);
  }

  /** A group and every group below it. Survives cycles. */
  subtree(id: string): Set<string> {
    const found = new Set([id]);
    for (const group of found) for (const child of this.groups.idsWithin(group)) found.add(child);
    return found;
  }

  // Updates and alerts

  addUpdate(deviceId: string, fields: Partial<LevelUpdate> = {}): LevelUpdate {
    const update = { ...this.makers.updates.make(this.devices.require(deviceId), true), ...fields };
    this.updates.put(update);
    return update;
  }

  installUpdate(id: string): LevelUpdate {
    return this.patchUpdate(id, { is_available: false, error: null, installed_on: this.stamp() });
  }

  removeUpdate(id: string): void {
    this.updates.delete(id);
  }

  patchUpdate(id: string, fields: Record<string, unknown>, absent: readonly string[] = []): LevelUpdate {
    return this.patch(this.updates, id, fields, absent);
  }

  openAlert(deviceId: string, fields: Partial<LevelAlert> = {}): LevelAlert {
    const { id, hostname } = this.devices.require(deviceId);
    const started_at = this.stamp();
    const alert = { ...this.makers.alerts.make({ id, hostname }, this.time, false), started_at, ...fields };
    this.alerts.put(alert);
    return alert;
  }

  /** An alert already resolved comes back unchanged, as from Level. */
  resolveAlert(id: string): LevelAlert {
    const alert = this.alerts.require(id);
    return alert.is_resolved ? alert : this.patchAlert(id, { is_resolved: true, resolved_at: this.stamp() });
  }

  removeAlert(id: string): void {
    this.alerts.delete(id);
  }

  patchAlert(id: string, fields: Record<string, unknown>, absent: readonly string[] = []): LevelAlert {
    return this.patch(this.alerts, id, fields, absent);
  }

  // Custom fields

  addCustomField(fields: { name: string } & Partial<LevelCustomField>): LevelCustomField {
    const reference = `cf_${fields.name.toLowerCase().replaceAll(" ", "_")}`;
    const field = { id: this.nextFieldId(), reference, admin_only: false, ...fields };
    this.customFields.put(field);
    return field;
  }

  /** Its values go with it. */
  removeCustomField(id: string): void {
    this.customFields.delete(id);
    this.customValues.removeField(id);
  }

  patchCustomField(id: string, fields: Record<string, unknown>, absent: readonly string[] = []) {
    return this.patch(this.customFields, id, fields, absent);
  }

  /** @param owner a device or group; null for the account */
  setCustomFieldValue(fieldId: string, owner: string | null, value: string | null): void {
    this.customValues.set(fieldId, owner, value);
  }

  /** What Level lists: for a device what applies to it, for a group (as seen live) and null the account's own. */
  customFieldValuesOf(assignedTo: string | null): LevelCustomFieldValue[] {
    const known = assignedTo === null || this.devices.has(assignedTo) || this.groups.has(assignedTo);
    if (!known) return [];
    const device = assignedTo === null ? undefined : this.devices.get(assignedTo);
    const groups = device === undefined ? [] : this.pathOf(device.group_id);
    const owners = device === undefined ? [null] : [device.id, ...groups, null];
    return this.customValues.rows(this.customFields, owners);
  }

  /** A group and the groups above it. Survives cycles. */
  private pathOf(groupId: string | null): Set<string> {
    const path = new Set<string>();
    let at = groupId;
    while (at !== null && !path.has(at) && this.groups.has(at)) {
      path.add(at);
      at = this.groups.require(at).parent_id;
    }
    return path;
  }

  private nextFieldId(): string {
    let number = 3_000 + this.customFields.size;
    while (this.customFields.has(levelId("CustomField", number))) number += 1;
    return levelId("CustomField", number);
  }

  private nextGroupId(): string {
    let number = 900_000 + this.groups.size;
    while (this.groups.has(levelId("DeviceGroup", number))) number += 1;
    return levelId("DeviceGroup", number);
  }

  private patch<T extends object, V extends object>(
    table: RecordTable<T, unknown, V>,
    id: string,
    fields: Record<string, unknown>,
    absent: readonly string[],
  ): V {
    const record: Record<string, unknown> = { ...table.stored(id), ...fields };
    for (const field of absent) delete record[field];
    table.put(record as T, id);
    this.changed();
    return table.require(table.idOf(record) ?? id);
  }
}
