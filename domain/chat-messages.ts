import { severityWords, type AlertSeverity } from "./alert-words";
import { count } from "./format";
import { severityRank } from "./incident-state";
import { cutText } from "./text";

/** What is posted to a channel of Slack or Microsoft Teams, by their incoming webhooks. */

export const subscriptionFormats = ["json", "slack", "teams"] as const;
export type SubscriptionFormat = (typeof subscriptionFormats)[number];
export type ChatFormat = Exclude<SubscriptionFormat, "json">;

/** The events that a channel can ask for; everything else is for programs. */
export const chatEvents = ["INCIDENT_OPENED", "INCIDENT_RESOLVED"] as const;

/** The facts in a message about an incident, beside its names. */
export interface ChatNews {
  state: "open" | "resolved";
  severity: AlertSeverity;
}

/** Milliseconds; after one more message at once, a channel gets at most one per hour about an incident. */
const UPDATE_PAUSE_MS = 60 * 60_000;

/**
 * What to do about an incident in a channel. The incident's present state decides, whatever events led here and in
 * whatever order.
 * @param posted the state in the channel's last message; undefined if there is none
 */
export function nextChatPost(
  posted: (ChatNews & { updatePostedAt: Date | null }) | undefined,
  news: ChatNews,
  { wantsResolved, now }: { wantsResolved: boolean; now: Date },
): { state: "post" } | { state: "nothing_new" } | { state: "wait"; until: Date } {
  if (posted === undefined) return { state: "post" };
  const isWorse = severityRank(news.severity) < severityRank(posted.severity);
  const isNews =
    news.state === "resolved"
      ? wantsResolved && posted.state === "open"
      : posted.state === "resolved" || isWorse;
  if (!isNews) return { state: "nothing_new" };
  const until = new Date((posted.updatePostedAt?.getTime() ?? -UPDATE_PAUSE_MS) + UPDATE_PAUSE_MS);
  return until > now ? { state: "wait", until } : { state: "post" };
}

export interface IncidentCard extends ChatNews {
  title: string;
  client: string | null;
  /** The device's name, or the number of devices. */
  where: string;
  link: string;
}

const MAX_TITLE = 200;

/** Escapes the channel's own syntax: an alert named `<!channel>` would notify everybody. */
const forSlack = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Escapes Markdown, which a card's text is: a link or an emphasis in a name is shown literally. */
const forTeams = (text: string): string => text.replace(/[\\[\]*_`~]/g, "\\$&");

const short = (text: string): string => cutText(text, MAX_TITLE);

/** The body of a message about an incident that opened or was resolved. */
export function chatMessage(format: ChatFormat, card: IncidentCard): Record<string, unknown> {
  const head = card.state === "resolved" ? "Resolved" : severityWords[card.severity];
  const facts: (readonly [string, string])[] = [
    ["Client", card.client ?? "none"],
    ["Device", card.where],
  ];
  if (format === "teams") {
    return teamsCard(
      `${head}: ${forTeams(short(card.title))}`,
      card.state === "resolved" ? "Good" : colours[card.severity],
      facts,
      card.link,
    );
  }
  const title = `${head}: ${forSlack(short(card.title))}`;
  return {
    text: title,
    blocks: [
      { type: "section", text: { type: "mrkdwn", text: `*${title}*` } },
      {
        type: "section",
        fields: facts.map(([name, value]) => ({
          type: "mrkdwn",
          text: `*${name}*\n${forSlack(short(value))}`,
        })),
      },
      {
        type: "actions",
        elements: [
          { type: "button", text: { type: "plain_text", text: "Open the incident" }, url: card.link },
        ],
      },
    ],
  };
}

export interface WindowEndCard {
  /** Null for the RMM's own maintenance mode. */
  window: string | null;
  incidents: (Omit<IncidentCard, "state" | "link"> & { severity: AlertSeverity })[];
  link: string;
}

/** Incidents that a message names; the link leads to the others. */
const MAX_LINES = 10;

/** The body of a message about what is still open when maintenance ends. */
export function chatSummary(
  format: ChatFormat,
  { window, incidents, link }: WindowEndCard,
): Record<string, unknown> {
  const escaped = format === "slack" ? forSlack : forTeams;
  const what = window === null ? "Maintenance mode ended" : `Maintenance “${escaped(short(window))}” ended`;
  const title = `${what}: ${count(incidents.length, "incident is", "incidents are")} still open`;
  const lines = incidents
    .slice(0, MAX_LINES)
    .map((one): readonly [string, string] => [
      severityWords[one.severity],
      [one.title, one.where, one.client].filter((part) => part !== null).join(", "),
    ]);
  const rest = incidents.length - lines.length;
  const others = rest > 0 ? `And ${count(rest, "more")}.` : "";
  if (format === "teams")
    return teamsCard(
      title,
      "Warning",
      others === "" ? lines : [...lines, ["", others]],
      link,
      "Open the inbox",
    );
  const text = [...lines.map(([severity, line]) => `${severity}: ${forSlack(short(line))}`), others];
  return {
    text: title,
    blocks: [
      { type: "section", text: { type: "mrkdwn", text: `*${title}*` } },
      { type: "section", text: { type: "mrkdwn", text: text.filter((line) => line !== "").join("\n") } },
      {
        type: "actions",
        elements: [{ type: "button", text: { type: "plain_text", text: "Open the inbox" }, url: link }],
      },
    ],
  };
}

/** A message that proves that the channel can be reached. */
export const chatTest = (format: ChatFormat): Record<string, unknown> =>
  format === "slack"
    ? { text: "Plumbline can post to this channel." }
    : teamsCard("Plumbline can post to this channel.", "Good", []);

const colours = {
  critical: "Attention",
  major: "Attention",
  moderate: "Warning",
  minor: "Accent",
  none: "Default",
} as const satisfies Record<AlertSeverity, string>;

/** The envelope that the Teams workflow "Post to a channel when a webhook request is received" takes. */
const teamsCard = (
  title: string,
  color: string,
  facts: readonly (readonly [string, string])[],
  link?: string,
  linkText = "Open the incident",
): Record<string, unknown> => ({
  type: "message",
  attachments: [
    {
      contentType: "application/vnd.microsoft.card.adaptive",
      contentUrl: null,
      content: {
        $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
        type: "AdaptiveCard",
        version: "1.4",
        body: [
          { type: "TextBlock", text: title, weight: "Bolder", size: "Medium", wrap: true, color },
          ...(facts.length === 0
            ? []
            : [
                {
                  type: "FactSet",
                  facts: facts.map(([name, value]) => ({ title: name, value: forTeams(short(value)) })),
                },
              ]),
        ],
        ...(link === undefined ? {} : { actions: [{ type: "Action.OpenUrl", title: linkText, url: link }] }),
      },
    },
  ],
});
