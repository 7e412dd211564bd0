import { count } from "./format";
import { oneLine, type Message } from "./notification-text";
import { capText } from "./text";

/** Above this many incidents an e-mail gives only the number of the rest. */
const NAMED = 20;
const MAX_NAME = 100;

export interface OpenIncident {
  name: string;
  client: string | null;
  /** Its device, or the number of devices. */
  where: string;
}

/**
 * The e-mail about what is still open when maintenance ends.
 * @param window null for the RMM's own maintenance mode
 */
export function maintenanceEndedMessage(window: string | null, incidents: readonly OpenIncident[]): Message {
  const what =
    window === null ? "Maintenance mode ended" : `Maintenance “${capText(oneLine(window), MAX_NAME)}” ended`;
  const still = `${count(incidents.length, "incident is", "incidents are")} still open`;
  const lines = incidents
    .slice(0, NAMED)
    .map(({ name, client, where }) =>
      [name, where, client]
        .flatMap((part) => (part === null ? [] : capText(oneLine(part), MAX_NAME)))
        .join(", "),
    );
  const rest = incidents.length - lines.length;
  return {
    subject: `${what}: ${still}`,
    body: [
      `${what}. ${still} that began meanwhile, of which you were not told:`,
      ...lines,
      ...(rest > 0 ? [`And ${count(rest, "more incident")}.`] : []),
    ].join("\n\n"),
  };
}
