/**
 * The stored values that each form shows and replaces, in a form that `shownVersion` can compare. One function for each
 * form, named after it.
 */

export const clientValues = ({ name, notes }: { name: string; notes: string | null }) => ({ name, notes });

export const recipientValues = (recipients: readonly string[]) => ({ recipients });

export const personValues = ({ role }: { role: string }) => ({ role });

export const connectionNameValues = ({ label }: { label: string }) => ({ label });

export const graceValues = ({ goneGraceDays }: { goneGraceDays: number }) => ({ goneGraceDays });

export const promiseValues = (stored: { promisedPercent: number | null; promisedHours: number | null }) => ({
  promisedPercent: stored.promisedPercent,
  promisedHours: stored.promisedHours,
});

export const scheduleValues = (stored: {
  fullSyncEnabled: boolean;
  fullSyncIntervalMinutes: number;
  alertsSyncIntervalMinutes: number;
}) => ({
  fullSyncEnabled: stored.fullSyncEnabled,
  fullSyncIntervalMinutes: stored.fullSyncIntervalMinutes,
  alertsSyncIntervalMinutes: stored.alertsSyncIntervalMinutes,
});

export const subscriptionValues = ({ url, eventNames }: { url: string; eventNames: readonly string[] }) => ({
  url,
  events: [...eventNames].sort(),
});

export const customFieldSchedule = (interval: string) => ({ customFields: interval });
