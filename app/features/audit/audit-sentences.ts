import { auditActions, type AuditAction } from "@domain/audit-actions";
import { count } from "@domain/format";
import { syncTypes } from "@domain/sync-words";
import { syncTypeLabels } from "~/ui/labels";

type Details = Readonly<Record<string, unknown>>;

/** The texts before and after the target. A sentence with one text names no target. */
export type Sentence = readonly [before: string, behind?: string];

const text = (value: unknown, absent = "nothing"): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : absent;
const number = (value: unknown): number => (typeof value === "number" ? value : 0);
const listed = (parts: (string | false)[]): string => parts.filter((part) => part !== false).join(", ");

const held = ({ removals, moves, renames }: Details): string =>
  listed([
    number(removals) > 0 && count(number(removals), "removal"),
    number(moves) > 0 && count(number(moves), "move"),
    number(renames) > 0 && count(number(renames), "rename"),
  ]) || "changes";

/** The fields that an entry changed, as " (name, notes)": the details that have a `from`. */
const changed = (details: Details): string => {
  const fields = Object.entries(details).filter(
    ([, value]) => typeof value === "object" && value !== null && "from" in value,
  );
  return fields.length === 0 ? "" : ` (${fields.map(([field]) => detailName(field)).join(", ")})`;
};

const quoted = ({ name }: Details): string => `“${text(name, "without a name")}”`;

const gapNoun = (kind: unknown): string =>
  kind === "assets" ? "asset" : kind === "devices" ? "device" : kind === "clients" ? "client" : "group";

const email = ({ email: address }: Details): string => text(address, "a person");
const host = ({ host: name }: Details): string => text(name, "an address");
const kindOf = ({ type }: Details): string => {
  const known = syncTypes.find((word) => word === type);
  return known === undefined ? "a sync" : `a sync (${syncTypeLabels[known].toLowerCase()})`;
};
const fixed = (before: string, behind?: string) => (): Sentence =>
  behind === undefined ? [before] : [before, behind];

/** One incident by its name, several by their number. */
const onIncidents =
  (did: string) =>
  ({ incidents }: Details): Sentence =>
    number(incidents) > 1 ? [`${did} ${count(number(incidents), "incident")}`] : [`${did} the incident `, ""];

/** The sentence of each action of the audit log, made from the entry's details. */
export const auditSentences: Readonly<Record<AuditAction, (details: Details) => Sentence>> = {
  "alert.acknowledged": fixed("acknowledged the alert ", ""),
  "alert.reopened": fixed("reopened the alert ", ""),
  "alert.resolved": fixed("resolved the alert ", ""),
  "incident.acknowledged": onIncidents("acknowledged"),
  "incident.automation_attempted": ({ outcome, devices, reason }) => [
    "asked the RMM to start an automation for the incident ",
    outcome === "started"
      ? `: started on ${count(number(devices), "device")}`
      : `: ${outcome === "unknown" ? "it may have been started" : "not started"} (${text(reason)})`,
  ],
  "incident.commented": onIncidents("commented on"),
  "incident.disowned": onIncidents("released"),
  "incident.owned": onIncidents("took"),
  "incident.reopened": onIncidents("reopened"),
  "incident.resolved": onIncidents("resolved"),
  "incident.rmm_resolution_requested": fixed("asked the RMM to resolve the incident ", ""),
  "incident.snoozed": onIncidents("snoozed"),
  "alerts.acknowledged": ({ alerts }) => [`acknowledged ${count(number(alerts), "alert")}`],
  "alerts.reopened": ({ alerts }) => [`reopened ${count(number(alerts), "alert")}`],
  "api_token.created": ({ name, scopes }) => [
    `made the API token “${text(name)}” (${Array.isArray(scopes) ? scopes.join(", ") : "read"})`,
  ],
  "api_token.revoked": ({ name }) => [`revoked the API token “${text(name)}”`],
  "asset.added": ({ client }) => ["added ", ` by hand to ${text(client, "no client")}`],
  "asset.change_undone": fixed("took back a change of ", ""),
  "asset.difference_kept": fixed("kept our values of ", " over those of the RMM"),
  "asset.edited": (details) => ["edited ", changed(details)],
  "asset.exempted": fixed("said that ", " needs no agent"),
  "asset.hold_released": fixed("let ", " follow the RMM again"),
  "asset.kept_apart": fixed("decided that ", " and its look-alike are two machines"),
  "asset.linked": ({ by }) => [
    "linked a device to ",
    by === "hand" ? " by hand" : ` by its ${text(by, "identity")}`,
  ],
  "asset.merge_undone": ({ separated }) => [
    "undid the merge of ",
    ` and ${text(separated, "another asset")}`,
  ],
  "asset.merged": ({ merged }) => [`merged ${text(merged, "another asset")} into `, ""],
  "asset.moved": ({ from, to }) => ["moved ", ` from ${text(from, "no client")} to ${text(to, "no client")}`],
  "asset.removed": fixed("removed ", ", which no RMM knew"),
  "asset.retired": fixed("retired ", ", which the RMM no longer lists"),
  "asset.retired_by_hand": fixed("retired ", ", which no RMM knew"),
  "asset.unexempted": fixed("said that ", " needs an agent"),
  "client.archived": fixed("archived the client ", ""),
  "client.changed": fixed("changed the client ", ""),
  "client.created": fixed("created the client ", ""),
  "client.imported": ({ created, changed: others, kind }) => [
    `imported ${count(number(created), text(kind, "client"))} from a file${number(others) > 0 ? ` and changed ${number(others)}` : ""}`,
  ],
  "client.merge_undone": ({ from }) => ["undid the merge of ", ` into ${text(from, "another client")}`],
  "client.merged": ({ into }) => ["merged ", ` into ${text(into, "another client")}`],
  "client.renamed": fixed("renamed the client ", ""),
  "client.restored": fixed("restored the client ", ""),
  "contact.added": (details) => [`added the contact ${quoted(details)} to `, ""],
  "contact.changed": (details) => [`changed the contact ${quoted(details)} of `, ""],
  "contact.removed": (details) => [`removed the contact ${quoted(details)} from `, ""],
  "site.added": (details) => [`added the site ${quoted(details)} to `, ""],
  "site.changed": (details) => [`changed the site ${quoted(details)} of `, ""],
  "site.removed": (details) => [`removed the site ${quoted(details)} from `, ""],
  "coverage.ignored": ({ kind, name, note }) => [
    `ignored the ${gapNoun(kind)} “${text(name)}” in the coverage: “${text(note)}”`,
  ],
  "coverage.unignored": ({ kind, name }) => [
    `showed the ${gapNoun(kind)} “${text(name)}” in the coverage again`,
  ],
  "device.approved": (details) => [`approved the new device ${quoted(details)} of `, ""],
  "device.left_out": (details) => [`left the new device ${quoted(details)} of `, " out"],
  "feature_flag.changed": ({ from, to }) => [
    "changed the feature flag ",
    ` from ${text(from)} to ${text(to)}`,
  ],
  "held.approved": (details) => [`approved ${held(details)} of `, ""],
  "held.rejected": (details) => [`rejected ${held(details)} of `, ""],
  "integration.connected": fixed("connected ", ""),
  "integration.disconnected": ({ assets }) => [
    "disconnected ",
    assets === undefined ? "" : `; its assets were ${assets === "retire" ? "retired" : "kept"}`,
  ],
  "integration.key_replaced": fixed("replaced the API key of ", ""),
  "integration.resumed": fixed("resumed the automatic syncs of ", ""),
  "integration.settings_changed": (details) => ["changed the settings of ", changed(details)],
  "integration.setup_checked": fixed("checked what the API key of ", " may read"),
  "integration.tested": fixed("tested the API key of ", ""),
  "invitation.accepted": fixed("accepted the invitation"),
  "ledger.month_locked": ({ month }) => [`locked the device counts of ${text(month)}`],
  "maintenance.changed": (details) => [`changed the maintenance ${quoted(details)}${changed(details)}`],
  "maintenance.created": (details) => [`planned the maintenance ${quoted(details)}`],
  "maintenance.deleted": (details) => [`deleted the maintenance ${quoted(details)}`],
  "maintenance.paused": (details) => [`paused the maintenance ${quoted(details)}`],
  "maintenance.resumed": (details) => [`resumed the maintenance ${quoted(details)}`],
  "mapping.changed": ({ changes }) => [
    `changed the mapping of ${Array.isArray(changes) ? count(changes.length, "group") : "groups"} of `,
    "",
  ],
  "mcp.disabled": () => ["switched off MCP: AI assistants can no longer use API tokens"],
  "mcp.enabled": () => ["switched on MCP: AI assistants can use API tokens"],
  "mcp.tool_called": ({ tool, refusal }) => [
    `called the MCP tool ${text(tool)}${typeof refusal === "string" ? `, and was refused (${refusal})` : ""}`,
  ],
  "notifications.chosen": fixed("chose what they are sent by e-mail"),
  "matching_rules.changed": (details) => ["changed how devices are matched in ", changed(details)],
  "notifications.recipients_changed": fixed("changed who is notified by mail"),
  "notifications.retried": fixed("sent a notification again"),
  "notifications.tested": ({ result }) => [
    result === "failed" ? "sent a test notification, which failed" : "sent a test notification",
  ],
  "outgoing.changed": (details) => [`changed the outgoing webhook to ${host(details)}`],
  "outgoing.paused": (details) => [`paused the outgoing webhook to ${host(details)}`],
  "outgoing.replayed": ({ deliveries }) => [`had ${count(number(deliveries), "event")} sent again`],
  "outgoing.resumed": (details) => [`resumed the outgoing webhook to ${host(details)}`],
  "outgoing.secret_renewed": (details) => [`renewed the secret of the outgoing webhook to ${host(details)}`],
  "outgoing.subscribed": (details) => [`added an outgoing webhook to ${host(details)}`],
  "outgoing.tested": (details) => [`sent a test event to ${host(details)}`],
  "outgoing.unsubscribed": (details) => [`removed the outgoing webhook to ${host(details)}`],
  "password.changed": fixed("changed the password of this account"),
  "person.invited": (details) => [`invited ${email(details)} as ${text(details["role"], "a user")}`],
  "person.link_made": (details) => [`made a new invitation link for ${email(details)}`],
  "person.removed": (details) => [`removed ${email(details)}`],
  "person.role_changed": (details) => [
    `changed the role of ${email(details)} from ${text(details["from"])} to ${text(details["to"])}`,
  ],
  "person.sign_in_locked": (details) => [`had the sign-in of ${email(details)} locked after wrong passwords`],
  "person.sign_in_unlocked": (details) => [`unlocked the sign-in of ${email(details)}`],
  "person.signed_out": (details) => [`signed ${email(details)} out everywhere`],
  "record.ignored": ({ record }) => [`ignored ${text(record, "a record without an id")} of `, ""],
  "record.unignored": ({ record }) => [`stopped ignoring ${text(record, "a record without an id")} of `, ""],
  "rule.changed": (details) => [`changed the rule ${quoted(details)}${changed(details)}`],
  "rule.created": (details) => [`made the rule ${quoted(details)}`],
  "rule.deleted": (details) => [`deleted the rule ${quoted(details)}`],
  "rule.disabled": (details) => [`switched the rule ${quoted(details)} off`],
  "rule.enabled": (details) => [`switched the rule ${quoted(details)} on`],
  "rule.moved": (details) => [
    typeof details["past"] === "string"
      ? `moved the rule ${quoted(details)} ${text(details["to"])}, past ${quoted({ name: details["past"] })}`
      : `changed the place of the rule ${quoted(details)}`,
  ],
  "rule.stopped": (details) => [`stopped the rule ${quoted(details)}: it matched too many incidents`],
  "run.cancelled": fixed("cancelled ", ""),
  "run.failed_retried": ({ queued }) => [
    `asked again for ${count(number(queued), "record")} that failed in `,
    "",
  ],
  "run.undone": (details) => [
    `undid ${count(number(details["fields"]), "field")} of ${count(number(details["assets"]), "asset")} that was changed by `,
    "",
  ],
  "run.requested": (details) => [
    `asked for ${kindOf(details)} of ${text(details["connection"], "a connection")}: `,
    "",
  ],
  "session.ended": fixed("signed out"),
  "session.refused": fixed("failed to sign in"),
  "session.revoked": ({ sessions }) => [
    `ended ${count(number(sessions), "other session", "other sessions")}`,
  ],
  "session.started": fixed("signed in"),
  "support.downloaded": fixed("downloaded a support bundle"),
  "tenant.created": fixed("set this company up"),
  "ticket.named": onIncidents("named the ticket of"),
  "ticket.requested": onIncidents("asked for a ticket for"),
  "ticket.retried": onIncidents("retried the ticket of"),
  "ticket_system.added": (details) => [`added the ticket system ${text(details["label"])}`],
  "ticket_system.changed": (details) => [`changed the ticket system ${text(details["label"])}`],
  "ticket_system.companies_changed": (details) => [
    `changed the companies of clients in the ticket system ${text(details["label"])}`,
  ],
  "ticket_system.paused": (details) => [`paused the ticket system ${text(details["label"])}`],
  "ticket_system.removed": (details) => [`removed the ticket system ${text(details["label"])}`],
  "ticket_system.resumed": (details) => [`resumed the ticket system ${text(details["label"])}`],
  "ticket_system.tested": (details) => [`tested the ticket system ${text(details["label"])}`],
  "time_zone.changed": (details) => [`changed the time zone of maintenance and rules${changed(details)}`],
  "webhook.replayed": fixed("replayed webhook deliveries"),
  "webhook_secret.revealed": fixed("revealed the webhook secret of ", ""),
  "webhook_secret.rotated": fixed("rotated the webhook secret of ", ""),
};

/** The sentence of an entry. An action that only a later version knows is shown by its name. */
export const sentenceOf = (action: string, details: Details): Sentence =>
  auditActions.includes(action as AuditAction)
    ? auditSentences[action as AuditAction](details)
    : [actionText(action).toLowerCase()];

/** An action as a choice in the filter: `client.renamed` is "Client renamed". */
export function actionText(action: string): string {
  const [thing = "", verb = ""] = action.split(".", 2);
  const words = `${thing} ${verb}`.replaceAll("_", " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The name of a detail: `sessionsEnded` is "sessions ended". */
export const detailName = (name: string): string =>
  name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toLowerCase();
