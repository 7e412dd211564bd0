import { Random } from "../random";
import { levelId, type LevelCustomField } from "../records";

const fields = [
  { id: levelId("CustomField", 2048), name: "Site contact", reference: "cf_site_contact", admin_only: false },
  {
    id: levelId("CustomField", 2051),
    name: "After hours code",
    reference: "cf_after_hours_code",
    admin_only: true,
  },
  {
    id: levelId("CustomField", 2054),
    name: "Inventory tag",
    reference: "cf_inventory_tag",
    admin_only: false,
  },
  {
    id: levelId("CustomField", 2057),
    name: "Warranty until",
    reference: "cf_warranty_until",
    admin_only: false,
  },
  { id: levelId("CustomField", 2061), name: "Backup", reference: "cf_backup", admin_only: false },
] as const satisfies LevelCustomField[];

const [contact, code, tag, warranty, backup] = fields;

/** The field that everyday life changes. */
export const BACKUP_FIELD: string = backup.id;

interface Value {
  fieldId: string;
  owner: string | null;
  value: string;
}

/** The custom fields of an account and what is set in them: for the account, its first groups, and many devices. */
export function customFieldsOf(seed: number, groups: readonly string[], devices: readonly string[]) {
  const random = new Random(seed, "custom fields");
  const values: Value[] = [
    { fieldId: backup.id, owner: null, value: "Not covered" },
    { fieldId: code.id, owner: null, value: "4711#" },
  ];
  if (groups[0] !== undefined)
    values.push({ fieldId: contact.id, owner: groups[0], value: "Maria, ext. 12" });
  devices.forEach((owner, index) => {
    if (random.chance(0.7)) values.push({ fieldId: tag.id, owner, value: `INV-${10_000 + index}` });
    if (random.chance(0.4))
      values.push({ fieldId: warranty.id, owner, value: `${random.int(2025, 2029)}-${random.pick(ENDS)}` });
    if (random.chance(0.25)) values.push({ fieldId: backup.id, owner, value: random.pick(BACKUPS) });
  });
  return { fields, values };
}

const ENDS = ["03-31", "06-30", "09-30", "12-31"] as const;
export const BACKUPS = ["Image, daily", "Image, hourly", "Files only"] as const;
