import { NavLink, useLocation } from "@remix-run/react";
import { useEffect, useRef, type ReactNode } from "react";

import { cn } from "./cn";

export interface Tab {
  to: string;
  label: ReactNode;
  /** Marks the tab as active only at exactly this address, not below it. */
  end?: boolean;
}

/** Tabs that are links: each has an address and works without scripts and with the back button. */
export function TabNav({ label, tabs }: { label: string; tabs: Tab[] }) {
  const { pathname } = useLocation();
  const nav = useRef<HTMLElement>(null);
  // Scrolls the open tab into view if the tabs are wider than the screen.
  useEffect(() => {
    const open = nav.current?.querySelector<HTMLElement>("[aria-current=page]");
    if (nav.current && open) nav.current.scrollLeft = open.offsetLeft - nav.current.offsetLeft;
  }, [pathname]);
  return (
    <nav ref={nav} aria-label={label} className="mb-5 flex overflow-x-auto border-b border-line sm:gap-1">
      {tabs.map((tab) => (
        <NavLink
          key={tab.to}
          to={tab.to}
          end={tab.end ?? false}
          prefetch="intent"
          className={({ isActive }) =>
            cn(
              "-mb-px inline-flex items-center gap-2 border-b-2 px-1.5 py-2 sm:px-3 text-sm font-medium whitespace-nowrap focus-visible:-outline-offset-2",
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
}
