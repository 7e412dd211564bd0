import { Command } from "cmdk";
import { Ban, Building2, Check, CornerLeftUp, Plus, SearchX } from "lucide-react";
import { useMemo, useState, type ReactNode } from "react";

import { cleanClientName, maxClientName } from "@domain/client-name";
import { foldText } from "@domain/text";
import { Popover, PopoverContent, PopoverTrigger } from "~/ui/popover";

import { findClients } from "./find-clients";
import type { ClientParts } from "./mapping.page.server";
import type { Assignment } from "./model";
import { PlaceChoice } from "./place-choice";

/** The most clients shown: nobody reads a longer list; they type instead. */
const SHOWN = 50;

export interface AssignmentPickerProps {
  clients: readonly { id: string; name: string }[];
  /** The sites and contacts of all clients; only for a single group. */
  parts?: ClientParts;
  /** The button that opens the picker. */
  trigger: ReactNode;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onPick: (assignment: Assignment) => void;
  /** Moves the focus when the picker closes; by default the button gets it. */
  onReturn?: () => void;
  /** The current choice; undefined for several groups. */
  current?: Assignment;
  /** The group's name, suggested as the name of a new client. */
  groupName?: string;
  /** The client that would be inherited; undefined if there is none. */
  inheritedClient?: string | null;
  /** Whether the group has no parent to inherit from. */
  isTopLevel?: boolean;
  /** Offered for several groups: gives each the client of its own name. */
  onPickOwnNames?: () => void;
}

/** Chooses the client of a group: an existing one, a new one, the parent's, or none. */
export function AssignmentPicker({ trigger, open, onOpenChange, onReturn, ...list }: AssignmentPickerProps) {
  const onCloseAutoFocus = (event: Event) => {
    if (onReturn === undefined) return;
    event.preventDefault();
    // If the focus has moved elsewhere, it stays there.
    if (document.activeElement === document.body) onReturn();
  };
  return (
    <Popover open={open} onOpenChange={onOpenChange}>
      <PopoverTrigger asChild>{trigger}</PopoverTrigger>
      <PopoverContent
        align="end"
        aria-label="Choose a client"
        onCloseAutoFocus={onCloseAutoFocus}
        className="w-80 max-w-[calc(100vw-1rem)] p-0"
      >
        {list.parts !== undefined && (
          <PlaceChoice parts={list.parts} assignment={list.current} onPick={list.onPick} />
        )}
        <AssignmentList {...list} onClose={() => onOpenChange(false)} />
      </PopoverContent>
    </Popover>
  );
}

type ListProps = Omit<AssignmentPickerProps, "trigger" | "open" | "onOpenChange" | "onReturn"> & {
  onClose: () => void;
};

function AssignmentList({
  clients,
  onPick,
  onClose,
  current,
  groupName,
  inheritedClient,
  isTopLevel = false,
  onPickOwnNames,
}: ListProps) {
  const [typed, setTyped] = useState("");
  const query = typed.trim();
  const found = useMemo(() => findClients(clients, query), [clients, query]);
  const newName = cleanClientName(typed) || cleanClientName(groupName ?? "");
  const exists = clients.some(({ name }) => foldText(name) === foldText(newName));
  const pick = (assignment: Assignment) => {
    onPick(assignment);
    onClose();
  };
  const isCurrent = (assignment: Assignment) =>
    current?.state === assignment.state &&
    (assignment.state !== "mapped" ||
      (current.state === "mapped" && current.clientId === assignment.clientId));
  const inherit = (
    <Choice
      icon={CornerLeftUp}
      value="inherit"
      isCurrent={isCurrent({ state: "inherit" })}
      onSelect={() => pick({ state: "inherit" })}
    >
      {isTopLevel ? "No client" : "As the group above"}
      {inheritedClient !== undefined && !isTopLevel && (
        <span className="text-ink-faint"> ({inheritedClient ?? "no client"})</span>
      )}
    </Choice>
  );
  const exclude = (
    <Choice
      icon={Ban}
      value="excluded"
      isCurrent={isCurrent({ state: "excluded" })}
      onSelect={() => pick({ state: "excluded" })}
    >
      Exclude: no assets from here
    </Choice>
  );
  const create = newName !== "" && !exists && (
    <Choice icon={Plus} onSelect={() => pick({ state: "mapped", clientName: newName })} value="new">
      New client “{newName}”
    </Choice>
  );
  const matches = found.slice(0, SHOWN).map(({ id, name }) => (
    <Choice
      key={id}
      icon={Building2}
      value={id}
      isCurrent={isCurrent({ state: "mapped", clientId: id })}
      onSelect={() =>
        pick(isCurrent({ state: "mapped", clientId: id }) ? current! : { state: "mapped", clientId: id })
      }
    >
      {name}
    </Choice>
  ));
  // Not cmdk's own separator, because a listbox may contain only options.
  const separator = <div aria-hidden className="my-1 h-px bg-line" />;
  return (
    <Command shouldFilter={false} loop label="Choose a client" defaultValue={stateValue(current)}>
      {/* Uncontrolled: with a value, cmdk would move the highlight to the first match after the next key. */}
      <Command.Input
        onValueChange={setTyped}
        placeholder="Find or name a client"
        maxLength={maxClientName}
        className="w-full rounded-t-lg border-b border-line bg-transparent px-3 py-2.5 text-base outline-none placeholder:text-ink-faint sm:text-sm"
      />
      <Command.List label="Choices" className="max-h-72 overflow-y-auto overscroll-contain p-1">
        {query === "" ? (
          <>
            {inherit}
            {exclude}
            {create}
            {onPickOwnNames !== undefined && (
              <Choice
                icon={Plus}
                value="own-names"
                onSelect={() => {
                  onPickOwnNames();
                  onClose();
                }}
              >
                A client for each, named like the group
              </Choice>
            )}
            {found.length > 0 && separator}
            {matches}
          </>
        ) : (
          <>
            {matches}
            {/* Comes first, so that Enter alone creates no client. */}
            {found.length === 0 && (
              <Choice icon={SearchX} value="nobody" onSelect={() => undefined}>
                <span className="text-ink-faint">No client of this name yet</span>
              </Choice>
            )}
            {separator}
            {create}
            {exclude}
          </>
        )}
      </Command.List>
      {found.length > SHOWN && (
        <p className="border-t border-line px-3 py-2 text-xs text-ink-faint">
          {found.length - SHOWN} more: type to find them.
        </p>
      )}
    </Command>
  );
}

/** The current choice by its value in the list. */
const stateValue = (current: Assignment | undefined): string =>
  current?.state === "mapped" ? (current.clientId ?? "") : (current?.state ?? "inherit");

interface ChoiceProps {
  icon: typeof Plus;
  value: string;
  isCurrent?: boolean;
  onSelect: () => void;
  children: ReactNode;
}

const Choice = ({ icon: Icon, value, isCurrent = false, onSelect, children }: ChoiceProps) => (
  <Command.Item
    value={value}
    onSelect={onSelect}
    className="flex cursor-default items-center gap-2 rounded-md px-2 py-1.5 data-[selected=true]:bg-sunken"
  >
    <Icon aria-hidden className="size-4 shrink-0 text-ink-faint" />
    <span className="min-w-0 flex-1 truncate">{children}</span>
    {isCurrent && <Check aria-label="chosen" className="size-4 shrink-0 text-accent" />}
  </Command.Item>
);
