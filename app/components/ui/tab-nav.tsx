import { NavLink } from "@remix-run/react";
import type { ReactNode } from "react";

import { cn } from "./cn";

export interface Tab {
  to: string;
  label: ReactNode;
  /** Active only at exactly this address. */
  end?: boolean;
}

/** Tabs that are links: each has an address, works without scripts and with the back button. */
export const TabNav = ({ label, tabs }: { label: string; tabs: Tab[] }) => (
  <nav aria-label={label} className="mb-5 flex gap-1 overflow-x-auto border-b border-line">
    {tabs.map((tab) => (
      <NavLink
        key={tab.to}
        to={tab.to}
        end={tab.end ?? false}
        prefetch="intent"
        className={({ isActive }) =>
          cn(
            "-mb-px inline-flex items-center gap-2 border-b-2 px-3 py-2 text-sm font-medium whitespace-nowrap focus-visible:-outline-offset-2",
            isActive
              ? "border-accent text-ink"
              : "border-transparent text-ink-muted hover:border-line-strong hover:text-ink",
          )
        }
      >
        {tab.label}
      </NavLink>
    ))}
  </nav>
);
