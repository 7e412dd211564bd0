import type { AlertSnapshot } from "./snapshots";

/** Stands in for a name that the provider did not give. */
export const UNNAMED_ALERT = "Unnamed alert";

/** What is kept of an alert, as far as a sparse message may lack it. */
export type KnownAlert = Pick<
  AlertSnapshot,
  "externalDeviceId" | "deviceHostname" | "name" | "severity" | "providerSeverity" | "status"
>;

/** Fills what a sparse message leaves blank with what is known: a blank never wipes a value. */
export function completeAlert(told: AlertSnapshot, known: KnownAlert): AlertSnapshot {
  const severity = told.providerSeverity === null ? known : told;
  return {
    ...told,
    externalDeviceId: told.externalDeviceId === "" ? known.externalDeviceId : told.externalDeviceId,
    deviceHostname: told.deviceHostname ?? known.deviceHostname,
    name: told.name === UNNAMED_ALERT ? known.name : told.name,
    severity: severity.severity,
    providerSeverity: severity.providerSeverity,
  };
}
