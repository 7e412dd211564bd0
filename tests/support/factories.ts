import type { InferInsertModel, Table } from "drizzle-orm";

import type { Db } from "@db/client";
import {
  assets,
  clients,
  customFields,
  customFieldValues,
  rmmIntegrations,
  rmmOrganizationMappings,
  tenants,
  users,
} from "@db/schema";

/** Rows for tests: each has what the schema requires; the test overrides what matters to it. */

type Row<T extends Table> = Partial<InferInsertModel<T>>;
type Owned<T extends Table> = Row<T> & { tenantId: string };

let counter = 0;
const next = () => ++counter;

export async function createTenant(db: Db, row: Row<typeof tenants> = {}) {
  const n = next();
  return one(
    db
      .insert(tenants)
      .values({ slug: `tenant-${n}`, name: `Tenant ${n}`, ...row })
      .returning(),
  );
}

/** A person who cannot sign in, unless you give a `passwordHash`. */
export async function createUser(db: Db, row: Owned<typeof users>) {
  const n = next();
  return one(
    db
      .insert(users)
      .values({ email: `person-${n}@example.com`, name: `Person ${n}`, role: "admin", ...row })
      .returning(),
  );
}

export async function createClient(db: Db, row: Owned<typeof clients>) {
  return one(
    db
      .insert(clients)
      .values({ name: `Client ${next()}`, ...row })
      .returning(),
  );
}

/** A Level account without a stored key. */
export async function createIntegration(db: Db, row: Owned<typeof rmmIntegrations>) {
  return one(
    db
      .insert(rmmIntegrations)
      .values({ provider: "levelio", instanceUrl: "https://api.level.io", label: `Level ${next()}`, ...row })
      .returning(),
  );
}

/** A group of the account; mapped if you give a `clientId`. */
export async function createGroup(
  db: Db,
  row: Owned<typeof rmmOrganizationMappings> & { connectionId: string },
) {
  const name = row.name ?? `Group ${next()}`;
  return one(
    db
      .insert(rmmOrganizationMappings)
      .values({
        externalId: `group-${next()}`,
        name,
        path: name,
        state: row.clientId ? "mapped" : "inherit",
        ...row,
      })
      .returning(),
  );
}

export async function createAsset(db: Db, row: Owned<typeof assets>) {
  return one(
    db
      .insert(assets)
      .values({ name: `Asset ${next()}`, assetType: "workstation", ...row })
      .returning(),
  );
}

async function one<R>(rows: Promise<R[]>): Promise<R> {
  const [row] = await rows;
  if (row === undefined) throw new Error("The insert returned no row.");
  return row;
}

/** A custom field of a connection, with the values of assets. */
export async function createCustomField(
  db: Db,
  row: Owned<typeof customFields> & { connectionId: string; name: string },
  values: Record<string, string> = {},
) {
  const field = await one(
    db
      .insert(customFields)
      .values({ externalId: row.name, isAdminOnly: false, ...row })
      .returning(),
  );
  for (const [assetId, value] of Object.entries(values))
    await db.insert(customFieldValues).values({ tenantId: row.tenantId, fieldId: field.id, assetId, value });
  return field;
}
