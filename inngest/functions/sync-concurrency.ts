/** Runs of one connection at a time: a full sync, a groups sync, alerts and single devices beside each other. */
const PER_CONNECTION = 5;

/** Runs of one tenant at a time where nothing bounds all of them together. */
const PER_TENANT = 10;

interface Limit {
  key?: string;
  limit: number;
}

const ofTenant = (limit: number): Limit => ({ key: "event.data.tenantId", limit });

/**
 * How many syncs run at a time. Inngest takes two limits: with one over all tenants, a tenant gets half of the places, so
 * that one with large accounts never keeps the others waiting; otherwise each tenant and each connection has its own.
 * @param overall over all tenants; undefined: what the Inngest server allows
 */
export function syncConcurrency(overall: number | undefined): [Limit, Limit] {
  if (overall === undefined)
    return [ofTenant(PER_TENANT), { key: "event.data.integrationId", limit: PER_CONNECTION }];
  return [ofTenant(Math.ceil(overall / 2)), { limit: overall }];
}
