/** The words of a connection. */

export const integrationStatuses = ["active", "needs_attention", "disconnected"] as const;
export type IntegrationStatus = (typeof integrationStatuses)[number];

export const syncStatuses = ["never", "syncing", "completed", "completed_with_errors", "failed"] as const;
export type SyncStatus = (typeof syncStatuses)[number];
