/** A connection of a tenant to an RMM (`rmm_integrations`), as every function of one takes it. */
export interface ConnectionRef {
  tenantId: string;
  connectionId: string;
}

/** A run of a tenant. */
export interface RunRef {
  tenantId: string;
  runId: string;
}
