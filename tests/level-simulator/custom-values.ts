import type { LevelCustomField, LevelCustomFieldValue } from "./records";

/** A value is set for the account (null), a group or a device. */
type Owner = string | null;

/** The values of custom fields, by owner. */
export class CustomValues {
  private readonly byOwner = new Map<Owner, Map<string, string | null>>();

  set(fieldId: string, owner: Owner, value: string | null): void {
    const values = this.byOwner.get(owner) ?? new Map<string, string | null>();
    this.byOwner.set(owner, values.set(fieldId, value));
  }

  removeField(fieldId: string): void {
    for (const values of this.byOwner.values()) values.delete(fieldId);
  }

  removeOwner(owner: string): void {
    this.byOwner.delete(owner);
  }

  clear(): void {
    this.byOwner.clear();
  }

  /**
   * A row for each field, with the value of the first owner that has one.
   * @param owners from the device up to the account
   */
  rows(fields: Iterable<LevelCustomField>, owners: readonly Owner[]): LevelCustomFieldValue[] {
    return [...fields].map(({ id, name }) => {
      const owner = owners.find((each) => this.byOwner.get(each)?.has(id)) ?? null;
      return {
        custom_field_id: id,
        custom_field_name: name,
        assigned_to_id: owner,
        value: this.byOwner.get(owner)?.get(id) ?? null,
      };
    });
  }
}
