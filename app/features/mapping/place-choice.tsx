import { useId } from "react";

import { Select } from "~/ui/field";

import type { ClientParts, PartName } from "./mapping.page.server";
import { placeOf, type Assignment, type ChosenPlace } from "./model";

interface PlaceChoiceProps {
  parts: ClientParts;
  assignment: Assignment | undefined;
  onPick: (assignment: Assignment) => void;
}

/** Chooses the site and the default contact of a group. Shown only if its client has any. */
export function PlaceChoice({ parts, assignment, onPick }: PlaceChoiceProps) {
  const clientId = assignment?.state === "mapped" ? assignment.clientId : undefined;
  if (clientId === undefined) return null;
  const [sites, contacts] = [parts.sites, parts.contacts].map((all) =>
    all.filter((part) => part.clientId === clientId),
  );
  if (sites!.length + contacts!.length === 0) return null;
  const place = placeOf(assignment);
  const choose = (chosen: ChosenPlace) => onPick({ state: "mapped", clientId, ...place, ...chosen });
  return (
    <div className="space-y-2 border-b border-line p-3">
      <Choice
        label="Site"
        none="No site"
        parts={sites!}
        value={place.siteId}
        onChoose={(siteId) => choose({ siteId })}
      />
      <Choice
        label="Default contact"
        none="No contact"
        parts={contacts!}
        value={place.contactId}
        onChoose={(contactId) => choose({ contactId })}
      />
    </div>
  );
}

interface ChoiceProps {
  label: string;
  none: string;
  parts: PartName[];
  value: string | null | undefined;
  onChoose: (id: string | null) => void;
}

function Choice({ label, none, parts, value, onChoose }: ChoiceProps) {
  const id = useId();
  if (parts.length === 0) return null;
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-xs font-medium text-ink-muted">
        {label}
      </label>
      <Select
        id={id}
        value={value ?? ""}
        onChange={({ currentTarget }) => onChoose(currentTarget.value || null)}
      >
        <option value="">{none}</option>
        {parts.map((part) => (
          <option key={part.id} value={part.id}>
            {part.name}
          </option>
        ))}
      </Select>
    </div>
  );
}

/** The names of a place after the client's: "Berlin, Ann"; empty for none. */
export const placeText = ({ sites, contacts }: ClientParts, { siteId, contactId }: ChosenPlace): string =>
  [sites.find(({ id }) => id === siteId), contacts.find(({ id }) => id === contactId)]
    .flatMap((part) => (part === undefined ? [] : [part.name]))
    .join(", ");
