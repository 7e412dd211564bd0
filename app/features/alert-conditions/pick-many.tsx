import { X } from "lucide-react";
import { useState } from "react";

import { Field, Select } from "~/ui/field";

interface Choice {
  id: string;
  name: string;
}

export interface PickManyProps {
  label: string;
  /** The singular of what is picked: "client". */
  noun: string;
  /** The placeholder while nothing is picked; "Any …" if absent. */
  none?: string;
  /** The form field, sent once for each picked value. */
  name: string;
  choices: readonly Choice[];
  picked: readonly string[];
}

/** A picker of any number of values from a list. */
export function PickMany({ label, noun, none = `Any ${noun}`, name, choices, picked }: PickManyProps) {
  const [chosen, setChosen] = useState<readonly string[]>(picked);
  const names = new Map(choices.map((one) => [one.id, one.name]));
  return (
    <div className="space-y-1.5">
      <Field label={label}>
        <Select
          value=""
          onChange={(event) => setChosen([...chosen, event.currentTarget.value])}
          disabled={choices.length === 0}
        >
          <option value="">{chosen.length === 0 ? none : `Add another ${noun}`}</option>
          {choices
            .filter(({ id }) => !chosen.includes(id))
            .map(({ id, name: text }) => (
              <option key={id} value={id}>
                {text}
              </option>
            ))}
        </Select>
      </Field>
      <PickedChips
        name={name}
        picked={chosen.map((id) => ({ id, name: names.get(id) ?? `Unknown ${noun}` }))}
        onRemove={(id) => setChosen(chosen.filter((one) => one !== id))}
      />
    </div>
  );
}

interface PickedChipsProps {
  name: string;
  picked: readonly Choice[];
  onRemove: (id: string) => void;
}

/** The picked values, each with a button that removes it. */
export const PickedChips = ({ name, picked, onRemove }: PickedChipsProps) =>
  picked.length === 0 ? null : (
    <ul className="flex flex-wrap gap-1.5">
      {picked.map((one) => (
        <li
          key={one.id}
          className="flex max-w-full items-center gap-1 rounded-full bg-sunken py-0.5 pr-1 pl-2.5 text-xs"
        >
          <input type="hidden" name={name} value={one.id} />
          <span className="truncate">{one.name}</span>
          <button
            type="button"
            aria-label={`Remove ${one.name}`}
            onClick={() => onRemove(one.id)}
            className="grid size-6 place-items-center rounded-full hover:bg-line"
          >
            <X aria-hidden className="size-3.5" />
          </button>
        </li>
      ))}
    </ul>
  );
