import { allows, type Permission, type Role } from "@domain/permissions";
import { foldText } from "@domain/text";
import { navigationFor } from "~/ui/shell/navigation";

/** The effect of choosing a command. */
export type CommandDoes =
  | { kind: "open"; to: string }
  | { kind: "download"; to: string }
  | { kind: "theme"; theme: string }
  | { kind: "signOut" };

export interface SearchCommand {
  title: string;
  does: CommandDoes;
  /** Synonyms that find the command besides its title. */
  words: string;
}

interface Entry extends SearchCommand {
  permission: Permission;
}

const open = (title: string, to: string, permission: Permission, words = ""): Entry => ({
  title,
  does: { kind: "open", to },
  permission,
  words,
});

/** Pages that the sidebar does not list. */
const morePages: readonly Entry[] = [
  open("Differences", "/assets/differences", "assets:read", "overridden fields"),
  open("List of alerts", "/alerts/list", "alerts:read", "all resolved"),
  open("Webhook deliveries", "/alerts/deliveries", "integrations:read", "received log"),
  open("Identity", "/review/identity", "assets:read", "duplicates match devices merge"),
  open("New devices", "/review/devices", "assets:read", "approve approval wait left out"),
  open("Outgoing webhooks", "/events/webhooks", "integrations:read", "subscriptions"),
  open("API reference", "/settings/api", "account:self", "openapi documentation examples curl"),
  open("Your account", "/settings/account", "account:self", "password sessions profile"),
];

const actions: readonly Entry[] = [
  open("Add an asset", "/assets/new", "assets:write", "new create machine"),
  open("Add a client", "/clients", "clients:write", "new create import customer"),
  open("Run a sync", "/settings/integrations", "syncs:run", "start now refresh devices"),
  open("Connect an RMM", "/settings/integrations", "integrations:manage", "level api key account"),
  open("Invite a person", "/settings/people", "people:manage", "user team role"),
  {
    title: "Download assets as CSV",
    does: { kind: "download", to: "/assets.csv" },
    permission: "assets:read",
    words: "export",
  },
  {
    title: "Download clients as CSV",
    does: { kind: "download", to: "/clients.csv" },
    permission: "clients:read",
    words: "export",
  },
  ...(["light", "dark", "system"] as const).map((theme) => ({
    title: `Use the ${theme} theme`,
    does: { kind: "theme" as const, theme },
    permission: "account:self" as const,
    words: "appearance colours mode",
  })),
  { title: "Sign out", does: { kind: "signOut" }, permission: "account:self", words: "log out leave" },
];

/** Whether each typed word is part of the command's title or synonyms. */
function fits({ title, words }: SearchCommand, typed: string): boolean {
  const text = foldText(`${title} ${words}`);
  return foldText(typed)
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** The pages and actions that a role may use and that match the typed text; all of them if nothing is typed. */
export function commandsFor(role: Role, typed: string): { pages: SearchCommand[]; actions: SearchCommand[] } {
  const pages = [
    ...navigationFor(role)
      .flatMap((group) => group.items)
      .map(({ label, to, permission }) => open(label, to, permission)),
    ...morePages,
  ];
  const chosen = (entries: readonly Entry[]) =>
    entries.filter((entry) => allows(role, entry.permission) && fits(entry, typed));
  return { pages: chosen(pages), actions: chosen(actions) };
}
