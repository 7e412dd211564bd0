import {
  Bandage,
  BellRing,
  Building2,
  ClipboardCheck,
  KeyRound,
  LayoutDashboard,
  ListChecks,
  Mail,
  Monitor,
  Plug,
  Radar,
  Radio,
  RefreshCw,
  ScrollText,
  Ticket,
  Users,
  Wrench,
  type LucideIcon,
} from "lucide-react";

import { allows, type Permission, type Role } from "@domain/permissions";

interface NavItem {
  to: string;
  label: string;
  icon: LucideIcon;
  permission: Permission;
  end?: boolean;
}

export interface NavGroup {
  label: string | null;
  items: NavItem[];
}

const groups: NavGroup[] = [
  {
    label: null,
    items: [
      { to: "/", label: "Overview", icon: LayoutDashboard, permission: "assets:read", end: true },
      { to: "/assets", label: "Assets", icon: Monitor, permission: "assets:read" },
      { to: "/clients", label: "Clients", icon: Building2, permission: "clients:read" },
      { to: "/patches", label: "Patches", icon: Bandage, permission: "assets:read" },
      { to: "/alerts", label: "Alerts", icon: BellRing, permission: "alerts:read" },
      { to: "/coverage", label: "Coverage", icon: Radar, permission: "assets:read" },
      { to: "/review", label: "Pending review", icon: ClipboardCheck, permission: "assets:read" },
      { to: "/runs", label: "Sync runs", icon: RefreshCw, permission: "runs:read" },
      { to: "/events", label: "Events", icon: Radio, permission: "integrations:read" },
    ],
  },
  {
    label: "Settings",
    items: [
      { to: "/settings/integrations", label: "Connections", icon: Plug, permission: "integrations:read" },
      {
        to: "/settings/notifications",
        label: "Notifications",
        icon: Mail,
        permission: "integrations:manage",
      },
      { to: "/settings/rules", label: "Rules", icon: ListChecks, permission: "alerts:read" },
      { to: "/settings/maintenance", label: "Maintenance", icon: Wrench, permission: "alerts:read" },
      { to: "/settings/tickets", label: "Ticket systems", icon: Ticket, permission: "integrations:manage" },
      { to: "/settings/people", label: "People", icon: Users, permission: "people:manage" },
      { to: "/settings/tokens", label: "API tokens", icon: KeyRound, permission: "account:self" },
      { to: "/settings/audit", label: "Audit log", icon: ScrollText, permission: "audit:read" },
    ],
  },
];

/** The pages that a role may open, by group. */
export const navigationFor = (role: Role): NavGroup[] =>
  groups
    .map((group) => ({ ...group, items: group.items.filter((item) => allows(role, item.permission)) }))
    .filter((group) => group.items.length > 0);
