import { Form, Link, NavLink, useLocation, useNavigation } from "@remix-run/react";
import { LogOut, Menu, MonitorCog, Moon, Search, Sun } from "lucide-react";
import { useRef, type ReactNode } from "react";

import { formatNumber } from "@domain/format";
import { roleTitles, type Role } from "@domain/permissions";
import { Badge } from "~/ui/badge";
import { cn } from "~/ui/cn";
import { CsrfField } from "~/ui/form";
import { useHydrated } from "~/ui/hydrated";
import { ConnectionNotice } from "~/ui/live/connection-notice";
import { Logo } from "~/ui/logo";
import { useOnChange } from "~/ui/on-change";

import { navigationFor } from "./navigation";

export interface ShellProps {
  user: { name: string; email: string; role: Role };
  company: string;
  theme: "system" | "light" | "dark";
  /** The number of pending decisions, by the address of the page where they are made. */
  waiting: Partial<Record<string, number>>;
  /** Opens the search over everything. */
  onSearch: () => void;
  /** Called when the person is likely to open the search next. */
  onBeforeSearch: () => void;
  children: ReactNode;
}

/** The frame of every page after sign-in: a sidebar; on phones, a bar with a menu that opens without scripts. */
export function Shell({ children, ...props }: ShellProps) {
  const { pathname } = useLocation();
  const menu = useRef<HTMLDetailsElement>(null);
  useOnChange(pathname, () => {
    if (menu.current !== null) menu.current.open = false;
  });
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[16rem_minmax(0,1fr)] print:block">
      <a
        href="#content"
        className="sr-only z-60 rounded-md bg-accent px-3 py-2 font-medium text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      <LoadingBar />
      <ConnectionNotice />
      <aside className="sticky top-0 hidden h-dvh flex-col border-r border-line bg-surface lg:flex print:hidden">
        <Link to="/" className="m-3 mb-1 rounded-md px-2 py-2">
          <Logo />
        </Link>
        <SearchButton {...props} />
        <Sidebar {...props} />
      </aside>
      <div className="sticky top-0 z-40 lg:hidden print:hidden">
        <button
          type="button"
          onClick={props.onSearch}
          onPointerEnter={props.onBeforeSearch}
          onFocus={props.onBeforeSearch}
          className="absolute top-2 right-14 grid size-9 place-items-center rounded-md text-ink-muted hover:bg-sunken"
        >
          <Search aria-hidden className="size-5" />
          <span className="sr-only">Search</span>
        </button>
        <details ref={menu} className="group border-b border-line bg-surface">
          <summary className="flex h-13 list-none items-center justify-between px-4 [&::-webkit-details-marker]:hidden">
            <Logo />
            <span className="grid size-9 place-items-center rounded-md text-ink-muted group-open:bg-sunken">
              <Menu aria-hidden className="size-5" />
              <span className="sr-only">Menu</span>
            </span>
          </summary>
          <div className="flex max-h-[calc(100dvh-3.25rem)] flex-col overflow-y-auto border-t border-line">
            <Sidebar {...props} />
          </div>
        </details>
      </div>
      <main id="content" tabIndex={-1} className="min-w-0 px-4 py-6 outline-none sm:px-6 lg:px-8 print:p-0">
        <div className="mx-auto max-w-6xl 2xl:max-w-7xl">
          <noscript>
            <p className="mb-5 rounded-lg border border-info/25 bg-info-soft px-4 py-2.5 text-sm">
              JavaScript is off. Links and ordinary forms work; the mapping, questions before a change,
              selections and live updates need it.
            </p>
          </noscript>
          {children}
        </div>
      </main>
    </div>
  );
}

function SearchButton({ onSearch, onBeforeSearch }: Pick<ShellProps, "onSearch" | "onBeforeSearch">) {
  const isApple = useHydrated() && /mac|iphone|ipad/i.test(navigator.userAgent);
  return (
    <button
      type="button"
      onClick={onSearch}
      onPointerEnter={onBeforeSearch}
      onFocus={onBeforeSearch}
      aria-keyshortcuts="Control+K Meta+K /"
      className="mx-3 mt-1 flex h-8 shrink-0 items-center gap-2.5 rounded-md border border-line bg-canvas px-2 text-ink-muted hover:border-line-strong hover:text-ink"
    >
      <Search aria-hidden className="size-4" />
      Search
      <kbd
        aria-hidden
        className="ml-auto rounded border border-line px-1 text-xs text-ink-faint max-lg:hidden"
      >
        {isApple ? "⌘" : "Ctrl"} K
      </kbd>
    </button>
  );
}

function Sidebar({
  user,
  company,
  theme,
  waiting,
}: Pick<ShellProps, "user" | "company" | "theme" | "waiting">) {
  return (
    <>
      <nav aria-label="Main" className="flex-1 space-y-5 overflow-y-auto px-3 py-3">
        {navigationFor(user.role).map((group) => (
          <div key={group.label ?? "main"}>
            {group.label !== null && (
              <p className="mb-1 px-2 text-xs font-medium text-ink-faint">{group.label}</p>
            )}
            <ul className="space-y-0.5">
              {group.items.map(({ to, label, icon: Icon, end }) => (
                <li key={to}>
                  <NavLink
                    to={to}
                    end={end ?? false}
                    prefetch="intent"
                    className={({ isActive }) =>
                      cn(
                        "flex h-8 items-center gap-2.5 rounded-md px-2 font-medium max-lg:h-10",
                        isActive
                          ? "bg-accent-soft text-accent-strong"
                          : "text-ink-muted hover:bg-sunken hover:text-ink",
                      )
                    }
                  >
                    <Icon aria-hidden className="size-4" />
                    {label}
                    <WaitingBadge waiting={waiting[to] ?? 0} />
                  </NavLink>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <div className="border-t border-line p-3">
        <div className="flex items-center gap-1">
          <Link
            to="/settings/account"
            className="flex min-w-0 flex-1 items-center gap-2.5 rounded-md px-2 py-1.5 hover:bg-sunken"
            title={`${user.email}, ${roleTitles[user.role].title}`}
          >
            <span
              aria-hidden
              className="grid size-7 shrink-0 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-accent-strong"
            >
              {initials(user.name)}
            </span>
            <span className="min-w-0 leading-tight">
              <span className="block truncate font-medium">{user.name}</span>
              <span className="block truncate text-xs text-ink-faint">{company}</span>
            </span>
          </Link>
          <ThemeSwitch theme={theme} />
          <Form method="post" action="/sign-out">
            <CsrfField />
            <IconButton label="Sign out">
              <LogOut aria-hidden className="size-4" />
            </IconButton>
          </Form>
        </div>
      </div>
    </>
  );
}

const WaitingBadge = ({ waiting }: { waiting: number }) =>
  waiting === 0 ? null : (
    <Badge tone="warn" className="ml-auto tabular-nums">
      {formatNumber(waiting)}
      <span className="sr-only"> waiting</span>
    </Badge>
  );

const nextTheme = { system: "light", light: "dark", dark: "system" } as const;
const themeIcons = { system: MonitorCog, light: Sun, dark: Moon } as const;

function ThemeSwitch({ theme }: { theme: ShellProps["theme"] }) {
  const { pathname, search } = useLocation();
  const Icon = themeIcons[theme];
  return (
    <Form method="post" action="/theme" preventScrollReset>
      <input type="hidden" name="theme" value={nextTheme[theme]} />
      <input type="hidden" name="next" value={pathname + search} />
      <IconButton label={`Theme: ${theme}. Change to ${nextTheme[theme]}`}>
        <Icon aria-hidden className="size-4" />
      </IconButton>
    </Form>
  );
}

const IconButton = ({ label, children }: { label: string; children: ReactNode }) => (
  <button
    type="submit"
    aria-label={label}
    title={label}
    className="grid size-8 place-items-center rounded-md text-ink-faint hover:bg-sunken hover:text-ink"
  >
    {children}
  </button>
);

/** A thin line at the top while a page loads. Appears only if loading takes longer than 200 ms. */
function LoadingBar() {
  const busy = useNavigation().state !== "idle";
  return (
    <div
      aria-hidden
      className={cn(
        "pointer-events-none fixed inset-x-0 top-0 z-60 h-0.5 overflow-hidden opacity-0 transition-opacity",
        busy && "opacity-100 delay-200",
      )}
    >
      {busy && <div className="h-full w-1/3 animate-indeterminate bg-accent" />}
    </div>
  );
}

const initials = (name: string): string => {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...(word ?? "")][0]?.toUpperCase() ?? "").join("");
};
