import { count } from "@domain/format";
import type { PublishedEvent } from "@domain/published-events";
import { syncTypes } from "@domain/sync-words";
import { runStatusLabels, syncTypeLabels } from "~/ui/labels";

/** The data of an event, with the connection's name. */
interface EventFacts {
  data: Readonly<Record<string, unknown>>;
  connection: string;
  /** The device or alert of a run for a single one. */
  runTarget: string | null;
}

/** The text before and after the link, and the target of the link. */
interface EventSentence {
  before: string;
  link:
    | { to: "run"; text: string }
    | { to: "asset" }
    | { to: "delivery" | "alert" | "incident"; text: string }
    | null;
  behind: string;
}

type Writer = (facts: EventFacts) => EventSentence;

const ofRun =
  (behind: (facts: EventFacts) => string): Writer =>
  (facts) => {
    const type = syncTypes.find((word) => word === facts.data["type"]);
    const label = type === undefined ? "A sync" : syncTypeLabels[type];
    const text = facts.runTarget === null ? label : `${label}: ${facts.runTarget}`;
    return { before: "", link: { to: "run", text }, behind: ` of ${facts.connection} ${behind(facts)}` };
  };

const ofAsset =
  (behind: (facts: EventFacts) => string): Writer =>
  (facts) => ({ before: "", link: { to: "asset" }, behind: ` ${behind(facts)}` });

const of =
  (to: "alert" | "incident", text: string, behind: (facts: EventFacts) => string): Writer =>
  (facts) => ({ before: "", link: { to, text }, behind: ` ${behind(facts)}` });

const plain =
  (text: (facts: EventFacts) => string): Writer =>
  (facts) => ({ before: text(facts), link: null, behind: "" });

const statusText = (status: unknown): string =>
  typeof status === "string" && Object.hasOwn(runStatusLabels, status)
    ? runStatusLabels[status as keyof typeof runStatusLabels].text.toLowerCase()
    : "ended";

export const eventSentences: Readonly<Record<PublishedEvent, Writer>> = {
  RMM_SYNC_STARTED: ofRun(() => "started"),
  RMM_SYNC_COMPLETED: ofRun(({ data }) => statusText(data["status"])),
  RMM_SYNC_FAILED: ofRun(() => "failed"),
  RMM_DEVICE_CREATED: ofAsset(({ connection }) => `was added from ${connection}`),
  RMM_DEVICE_UPDATED: ofAsset(({ connection }) => `changed in ${connection}`),
  RMM_WEBHOOK_RECEIVED: ({ data, connection }) => ({
    before: `${connection} sent `,
    link: { to: "delivery", text: String(data["eventType"] ?? "a webhook").replaceAll("_", " ") },
    behind: " by webhook",
  }),
  INTEGRATION_DISCONNECTED: plain(({ connection }) => `${connection} was disconnected`),
  RMM_CONNECTION_FAILING: plain(({ connection }) => `Syncs of ${connection} keep failing`),
  RMM_CONNECTION_RECOVERED: plain(({ connection }) => `Syncs of ${connection} work again`),
  RMM_CONNECTION_PAUSED: plain(({ connection }) => `Automatic syncs of ${connection} were paused`),
  RMM_CONNECTION_NEEDS_ATTENTION: plain(({ connection }) => `Level refused the API key of ${connection}`),
  RMM_CHANGES_HELD: plain(({ connection }) => `Changes of ${connection} were held and wait for review`),
  RMM_FRESHNESS_BROKEN: plain(({ connection }) => `Too few devices of ${connection} were confirmed in time`),
  RMM_FRESHNESS_KEPT: plain(({ connection }) => `Devices of ${connection} are confirmed in time again`),
  RMM_ALERT_TRIGGERED: of("alert", "An alert", ({ connection }) => `began in ${connection}`),
  RMM_ALERT_RESOLVED: of("alert", "An alert", ({ connection }) => `ended in ${connection}`),
  INCIDENT_OPENED: of("incident", "An incident", ({ connection }) => `opened in ${connection}`),
  INCIDENT_UPDATED: of("incident", "An incident", ({ data, connection }) => {
    const change = typeof data["change"] === "string" ? `: ${data["change"].replaceAll("_", " ")}` : "";
    return `of ${connection} changed${change}`;
  }),
  MAINTENANCE_ENDED: plain(({ data }) => {
    const open = typeof data["open"] === "number" ? count(data["open"], "incident") : "incidents";
    return `Maintenance ended with ${open} still open`;
  }),
  INCIDENT_RESOLVED: of("incident", "An incident", ({ connection }) => `of ${connection} was resolved`),
};
