import { Form, useSubmit } from "@remix-run/react";
import { Search } from "lucide-react";
import { createContext, useContext, useEffect, useRef, type ReactNode } from "react";

import { Button } from "./button";
import { Field, Input, Select } from "./field";
import { useOnChange } from "./hydrated";

/** Typing is sent when it pauses, a choice at once; without scripts there is the button. */
const TYPING_PAUSE_MS = 250;

/** Whether something was chosen or typed that is not sent yet: what the page shows is older. */
const UnsentContext = createContext<{ current: boolean }>({ current: false });

interface ChoiceFormProps {
  className: string;
  role?: "search";
  children: ReactNode;
}

/** Fields that say what a page shows; what they say goes into the address. */
export function ChoiceForm({ children, ...rest }: ChoiceFormProps) {
  const submit = useSubmit();
  const form = useRef<HTMLFormElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const unsent = useRef(false);
  const send = (pauseMs: number) => {
    unsent.current = true;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      unsent.current = false;
      submit(form.current, { replace: true, preventScrollReset: true });
    }, pauseMs);
  };
  useEffect(() => {
    // Chosen or typed before there were scripts to send it.
    if ([...form.current!.elements].some(isChanged)) send(0);
    return () => clearTimeout(timer.current);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- of the first moment alone
  }, []);
  return (
    <Form
      ref={form}
      onChange={(event) => send(event.target instanceof HTMLSelectElement ? 0 : TYPING_PAUSE_MS)}
      {...rest}
    >
      <UnsentContext.Provider value={unsent}>{children}</UnsentContext.Provider>
      <noscript>
        <Button type="submit">Show</Button>
      </noscript>
    </Form>
  );
}

function isChanged(control: Element): boolean {
  if (control instanceof HTMLInputElement) return control.value !== control.defaultValue;
  if (!(control instanceof HTMLSelectElement)) return false;
  return [...control.options].some((option) => option.defaultSelected && !option.selected);
}

export interface FilterFormProps {
  text: string;
  placeholder: string;
  children?: ReactNode;
}

/** Above a list: a search field and choices in a row. */
export const FilterForm = ({ text, placeholder, children }: FilterFormProps) => (
  <ChoiceForm role="search" className="flex flex-wrap items-end gap-2 border-b border-line p-3">
    <SearchField text={text} placeholder={placeholder} />
    {children}
  </ChoiceForm>
);

function SearchField({ text, placeholder }: Omit<FilterFormProps, "children">) {
  const search = useShown<HTMLInputElement>(text);
  return (
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
  );
}

/**
 * A field that shows what the address says, also after the back button, and keeps the focus where it is: it is neither
 * made anew, nor changed while somebody types in it, nor while something newer is about to be sent.
 */
function useShown<Control extends HTMLInputElement | HTMLSelectElement>(value: string) {
  const field = useRef<Control>(null);
  const unsent = useContext(UnsentContext);
  useOnChange(value, () => {
    const control = field.current;
    if (control === null || control.value === value || unsent.current) return;
    const isTypedIn = control instanceof HTMLInputElement && control === document.activeElement;
    if (!isTypedIn) control.value = value;
  });
  return field;
}

type Option = readonly [value: string, text: string];

export interface ChoiceProps {
  label: string;
  name: string;
  value: string;
  options: readonly Option[];
  /** Options below a heading, after the others. */
  groups?: readonly { label: string; options: readonly Option[] }[];
}

export function Choice({ label, name, value, options, groups = [] }: ChoiceProps) {
  const select = useShown<HTMLSelectElement>(value);
  return (
    <Field label={label} labelHidden className="max-sm:flex-1 max-sm:basis-36">
      <Select ref={select} name={name} defaultValue={value} className="sm:w-40">
        <Options options={options} />
        {groups.map((group) => (
          <optgroup key={group.label} label={group.label}>
            <Options options={group.options} />
          </optgroup>
        ))}
      </Select>
    </Field>
  );
}

const Options = ({ options }: { options: readonly Option[] }) => (
  <>
    {options.map(([option, text]) => (
      <option key={option} value={option}>
        {text}
      </option>
    ))}
  </>
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

/** A day, or any. */
export function DayChoice({ label, name, value }: { label: string; name: string; value: string }) {
  const input = useShown<HTMLInputElement>(value);
  return (
    <Field label={label} className="max-sm:flex-1 max-sm:basis-36">
      <Input ref={input} type="date" name={name} defaultValue={value} className="sm:w-36" />
    </Field>
  );
}
