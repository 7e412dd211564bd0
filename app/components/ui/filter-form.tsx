import { Form, useSubmit } from "@remix-run/react";
import { Search } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";

import { Button } from "./button";
import { Field, Input, Select } from "./field";

/** Typing is sent when it pauses, a choice at once; without scripts there is the button. */
const TYPING_PAUSE_MS = 250;

export interface FilterFormProps {
  text: string;
  placeholder: string;
  children: ReactNode;
}

/** A search field and choices in a row; what they say goes into the address. */
export function FilterForm({ text, placeholder, children }: FilterFormProps) {
  const submit = useSubmit();
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const search = useRef<HTMLInputElement>(null);
  // After the back button the field shows what the address says, unless somebody types in it.
  useEffect(() => {
    if (search.current !== null && document.activeElement !== search.current) search.current.value = text;
  }, [text]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <Form
      role="search"
      className="flex flex-wrap items-end gap-2 p-3"
      onChange={(event) => {
        const form = event.currentTarget;
        const pause = event.target === search.current ? TYPING_PAUSE_MS : 0;
        clearTimeout(timer.current);
        timer.current = setTimeout(() => submit(form, { replace: true, preventScrollReset: true }), pause);
      }}
    >
      <Field label="Search" labelHidden className="relative min-w-48 flex-1 basis-56 max-sm:basis-full">
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-faint" />
        <Input
          ref={search}
          type="search"
          name="q"
          defaultValue={text}
          placeholder={placeholder}
          className="pl-8.5"
        />
      </Field>
      {children}
      <noscript>
        <Button type="submit">Show</Button>
      </noscript>
    </Form>
  );
}

export interface ChoiceProps {
  label: string;
  name: string;
  value: string;
  options: readonly (readonly [value: string, text: string])[];
}

export const Choice = ({ label, name, value, options }: ChoiceProps) => (
  <Field label={label} labelHidden className="max-sm:flex-1 max-sm:basis-36">
    <Select name={name} defaultValue={value} className="sm:w-40">
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </Select>
  </Field>
);

/** All clients, one of them, or what has none. */
export const ClientChoice = ({
  value,
  clients,
}: {
  value: string;
  clients: { id: string; name: string }[];
}) => (
  <Choice
    label="Client"
    name="client"
    value={value}
    options={[
      ["", "All clients"],
      ["none", "Without a client"],
      ...clients.map(({ id, name }) => [id, name] as const),
    ]}
  />
);
