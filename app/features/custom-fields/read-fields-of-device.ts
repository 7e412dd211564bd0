import type { CustomFieldValues } from "@domain/snapshots";
import { isRmmError, type RmmError } from "~/connectors/rmm-error";
import type { RmmProvider } from "~/connectors/rmm-provider";

/** Errors of one device alone, after which the other devices are still worth a call. */
const ofOneDevice: ReadonlySet<RmmError["code"]> = new Set(["rejected", "bad_response"]);

export type DeviceReading =
  | { state: "read"; values: CustomFieldValues }
  /** The RMM does not know the device. The next sync of devices will find that out, too. */
  | { state: "gone" }
  | { state: "failed"; error: RmmError }
  /** The RMM refuses or cannot be reached, so reading on is pointless for now or for good. */
  | { state: "stopped"; error: RmmError };

/**
 * Reads the values of one device. One call.
 * @throws any error that is not an `RmmError`
 */
export async function readFieldsOfDevice(provider: RmmProvider, externalId: string): Promise<DeviceReading> {
  try {
    const fetched = await provider.getCustomFieldValues(externalId);
    if (fetched.state === "found") return { state: "read", values: fetched.item };
    return { state: "gone" };
  } catch (error) {
    if (!isRmmError(error)) throw error;
    const isOwn = ofOneDevice.has(error.code) && !error.isTransient;
    return { state: isOwn ? "failed" : "stopped", error };
  }
}
