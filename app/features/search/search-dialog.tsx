import { useLocation, useNavigate, useSubmit } from "@remix-run/react";
import { Command } from "cmdk";
import {
  BellRing,
  Building2,
  CornerDownLeft,
  FolderTree,
  Monitor,
  PanelsTopLeft,
  RefreshCw,
  Search,
  Zap,
  type LucideIcon,
} from "lucide-react";
import { Dialog } from "radix-ui";
import { useState, type ReactNode } from "react";

import { count } from "@domain/format";
import type { Role } from "@domain/permissions";
import { Button } from "~/ui/button";
import { dialogLook } from "~/ui/dialog";
import { cn } from "~/ui/cn";
import { useCsrf } from "~/ui/form";
import { Spinner } from "~/ui/spinner";
import { RelativeTime } from "~/ui/time";

import { commandsFor, type CommandDoes, type SearchCommand } from "./commands";
import { foundKinds, type FoundKind, type SearchHit } from "./search-result";
import { useFound, type Found } from "./use-found";

const kinds: Record<FoundKind, { heading: string; icon: LucideIcon }> = {
  clients: { heading: "Clients", icon: Building2 },
  assets: { heading: "Assets", icon: Monitor },
  alerts: { heading: "Alerts", icon: BellRing },
  groups: { heading: "Groups", icon: FolderTree },
  runs: { heading: "Sync runs", icon: RefreshCw },
};

interface SearchDialogProps {
  role: Role;
  onClose: () => void;
}

/** Search over everything, usable by keyboard alone: typing searches, the arrows select, Enter opens, Escape closes. */
export default function SearchDialog({ role, onClose }: SearchDialogProps) {
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 animate-fade bg-black/45" />
        <Dialog.Content
          aria-describedby={undefined}
          className={cn(
            dialogLook,
            "flex max-w-xl flex-col overflow-hidden max-sm:inset-x-2 max-sm:top-2 max-sm:max-h-[calc(100dvh-1rem)]",
          )}
        >
          <Dialog.Title className="sr-only">Search everywhere</Dialog.Title>
          <SearchPanel role={role} onClose={onClose} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function SearchPanel({ role, onClose }: SearchDialogProps) {
  const [typed, setTyped] = useState("");
  const [attempt, setAttempt] = useState(0);
  const text = typed.trim();
  const found = useFound(text, attempt);
  const { pages, actions } = commandsFor(role, text);
  const run = useCommand(onClose);
  const records = foundKinds.reduce((sum, kind) => sum + found.hits[kind].length, 0);
  const hasNone = found.state === "found" && records + pages.length + actions.length === 0;
  return (
    <Command shouldFilter={false} loop label="Search everywhere" className="flex min-h-0 flex-col">
      <div className="flex items-center gap-2.5 border-b border-line px-4">
        <Search aria-hidden className="size-4 shrink-0 text-ink-faint" />
        {/* Uncontrolled, like the client picker's input: with a value, the highlight would jump after an arrow key. */}
        <Command.Input
          onValueChange={setTyped}
          placeholder="Search clients, assets, alerts, groups, runs and pages"
          maxLength={200}
          className="h-12 min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-ink-faint sm:text-sm"
        />
        {found.state === "searching" && <Spinner className="size-4 text-ink-faint" />}
        <kbd className="rounded border border-line px-1.5 text-xs text-ink-faint max-sm:hidden">Esc</kbd>
        <Dialog.Close className="rounded px-1 text-sm text-accent sm:hidden">Cancel</Dialog.Close>
      </div>
      <Problem found={found} onRetry={() => setAttempt((before) => before + 1)} />
      {hasNone && (
        <p className="px-4 py-8 text-center text-sm text-ink-muted">
          Nothing matches “<span className="break-all">{text}</span>”.
        </p>
      )}
      <Command.List
        label="Search results"
        aria-busy={found.state === "searching"}
        className={cn("min-h-0 flex-1 overflow-y-auto overscroll-contain", hasNone ? "" : "p-2")}
      >
        <Commands heading="Pages" icon={PanelsTopLeft} commands={pages} onSelect={run} />
        {foundKinds.map((kind) => (
          <Section key={kind} heading={kinds[kind].heading} isEmpty={found.hits[kind].length === 0}>
            {found.hits[kind].map((hit) => (
              <Hit
                key={hit.id}
                hit={hit}
                icon={kinds[kind].icon}
                onSelect={() => run({ kind: "open", to: hit.to })}
              />
            ))}
          </Section>
        ))}
        {/* Placed last, after the records, so that the selection that Enter opens does not move. */}
        <Commands
          heading="Actions"
          icon={Zap}
          commands={found.state === "searching" ? [] : actions}
          onSelect={run}
        />
      </Command.List>
      <p role="status" className="sr-only">
        {statusOf(found, records)}
      </p>
    </Command>
  );
}

/** The text that screen readers read as the list changes. */
const statusOf = ({ state }: Found, records: number): string =>
  state === "searching" ? "Searching" : state === "found" ? `${count(records, "record")} found` : "";

/** Returns a function that runs the chosen command and closes the dialog. */
function useCommand(onClose: () => void) {
  const navigate = useNavigate();
  const submit = useSubmit();
  const csrf = useCsrf();
  const { pathname, search } = useLocation();
  return (command: CommandDoes) => {
    onClose();
    switch (command.kind) {
      case "open":
        return navigate(command.to);
      case "download":
        return window.location.assign(command.to);
      case "theme":
        return submit(
          { theme: command.theme, next: pathname + search },
          { method: "post", action: "/theme" },
        );
      case "signOut":
        return submit({ csrf }, { method: "post", action: "/sign-out" });
    }
  };
}

function Problem({ found, onRetry }: { found: Found; onRetry: () => void }) {
  if (found.state !== "failed" && found.state !== "signedOut") return null;
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-4 py-3 text-sm"
    >
      {found.state === "signedOut" ? (
        <>
          <span>You are signed out.</span>
          <Button onClick={() => window.location.reload()}>Sign in again</Button>
        </>
      ) : (
        <>
          <span>The search got no answer. Pages and actions are still here.</span>
          <Button onClick={onRetry}>Try again</Button>
        </>
      )}
    </div>
  );
}

interface CommandsProps {
  heading: string;
  icon: LucideIcon;
  commands: SearchCommand[];
  onSelect: (does: CommandDoes) => void;
}

const Commands = ({ heading, icon: Icon, commands, onSelect }: CommandsProps) => (
  <Section heading={heading} isEmpty={commands.length === 0}>
    {commands.map(({ title, does }) => (
      <Row key={title} value={`${heading} ${title}`} icon={Icon} onSelect={() => onSelect(does)}>
        <span className="truncate">{title}</span>
      </Row>
    ))}
  </Section>
);

const Section = ({
  heading,
  isEmpty,
  children,
}: {
  heading: string;
  isEmpty: boolean;
  children: ReactNode;
}) =>
  isEmpty ? null : (
    <Command.Group
      heading={heading}
      className="mb-1 [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-ink-faint"
    >
      {children}
    </Command.Group>
  );

const Hit = ({ hit, icon, onSelect }: { hit: SearchHit; icon: LucideIcon; onSelect: () => void }) => (
  <Row value={hit.id} icon={icon} onSelect={onSelect}>
    <span className="max-w-[70%] truncate" title={hit.title}>
      {hit.title}
    </span>
    <span className="min-w-0 flex-1 truncate text-xs text-ink-muted">
      {hit.detail}
      {hit.at !== undefined && (
        <>
          {" · "}
          <RelativeTime at={hit.at} />
        </>
      )}
    </span>
  </Row>
);

interface RowProps {
  value: string;
  icon: LucideIcon;
  onSelect: () => void;
  children: ReactNode;
}

const Row = ({ value, icon: Icon, onSelect, children }: RowProps) => (
  <Command.Item
    value={value}
    onSelect={onSelect}
    className="group flex min-h-9 cursor-default items-center gap-2.5 rounded-md px-2 py-1.5 text-sm data-[selected=true]:bg-sunken"
  >
    <Icon aria-hidden className="size-4 shrink-0 text-ink-faint" />
    {children}
    <CornerDownLeft
      aria-hidden
      className="ml-auto size-3.5 shrink-0 text-ink-faint opacity-0 group-data-[selected=true]:opacity-100"
    />
  </Command.Item>
);
