import { Form, NavigationType, useLocation, useNavigationType, useSubmit } from "@remix-run/react";
import { Search } from "lucide-react";
import { createContext, useContext, useEffect, useId, useRef, type ReactNode } from "react";

import { Button } from "./button";
import { Field, Input, Select } from "./field";
import { useBeforeHydration } from "./hydrated";
import { useOnChange } from "./on-change";

/**
 * Milliseconds without typing after which the text is sent; a choice is sent at once. Without scripts, the button sends
 * both.
 */
const TYPING_PAUSE_MS = 250;

/** The id of the form that a field is in. An address that the form made has this id in `location.state`. */
const FormContext = createContext("");

const BAR = "flex flex-wrap items-end gap-2 border-b border-line p-3";

interface ChoiceFormProps {
  className?: string;
  role?: "search";
  children: ReactNode;
}

/** Filters of a page, as a bar above a list; their values go into the address. */
export function ChoiceForm({ className = BAR, children, ...rest }: ChoiceFormProps) {
  const submit = useSubmit();
  const form = useRef<HTMLFormElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const id = useId();
  const send = (pauseMs: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(
      () => submit(form.current, { replace: true, preventScrollReset: true, state: { madeBy: id } }),
      pauseMs,
    );
  };
  useBeforeHydration(() => {
    if ([...form.current!.elements].some(isChanged)) send(0);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <Form
      ref={form}
      className={className}
      onChange={(event) => send(event.target instanceof HTMLSelectElement ? 0 : TYPING_PAUSE_MS)}
      {...rest}
    >
      <FormContext.Provider value={id}>{children}</FormContext.Provider>
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
  <ChoiceForm role="search">
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
 * A field that shows the address's value, also after the back button. It keeps the focus, because it is never created
 * again. It ignores changes of the address that its own form caused, because the person may have chosen or typed
 * something newer by then.
 */
function useShown<Control extends HTMLInputElement | HTMLSelectElement>(value: string) {
  const field = useRef<Control>(null);
  const form = useContext(FormContext);
  const state = useLocation().state as { madeBy?: string } | null;
  const isOwn = useNavigationType() !== NavigationType.Pop && state?.madeBy === form;
  useOnChange(value, () => {
    if (!isOwn) field.current!.value = value;
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

/** A choice of all clients, one of them, or no client. */
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

/** A choice of all connections, or one of them. */
export const ConnectionChoice = ({
  value,
  connections,
}: {
  value: string;
  connections: { id: string; label: string }[];
}) => (
  <Choice
    label="Connection"
    name="integration"
    value={value}
    options={[["", "All connections"], ...connections.map(({ id, label }) => [id, label] as const)]}
  />
);

export interface TextFilterProps {
  label: string;
  name: string;
  value: string;
  placeholder: string;
}

/** A text to filter by, sent when typing pauses. */
export function TextFilter({ label, name, value, placeholder }: TextFilterProps) {
  const input = useShown<HTMLInputElement>(value);
  return (
    <Field label={label} labelHidden className="max-sm:flex-1 max-sm:basis-36">
      <Input
        ref={input}
        name={name}
        defaultValue={value}
        placeholder={placeholder}
        maxLength={200}
        autoComplete="off"
        className="sm:w-40"
      />
    </Field>
  );
}

/** A choice of any day or one day. */
export function DayChoice({ label, name, value }: { label: string; name: string; value: string }) {
  const input = useShown<HTMLInputElement>(value);
  return (
    <Field label={label} className="max-sm:flex-1 max-sm:basis-36">
      <Input ref={input} type="date" name={name} defaultValue={value} className="sm:w-36" />
    </Field>
  );
}
