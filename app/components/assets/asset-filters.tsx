import { Form, useSubmit } from "@remix-run/react";
import { Search } from "lucide-react";
import { useEffect, useRef } from "react";

import { Button } from "../ui/button";
import { Field, Input, Select } from "../ui/field";

export interface AssetFiltersProps {
  values: { q: string; client: string; type: string; state: string; sort: string };
  clients: { id: string; name: string }[];
}

/** Typing is sent when it pauses, a choice at once; without scripts there is the button. */
const TYPING_PAUSE_MS = 250;

export function AssetFilters({ values, clients }: AssetFiltersProps) {
  const submit = useSubmit();
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const search = useRef<HTMLInputElement>(null);
  // After the back button the field shows what the address says, unless somebody types in it.
  useEffect(() => {
    if (search.current !== null && document.activeElement !== search.current) search.current.value = values.q;
  }, [values.q]);
  const send = (form: HTMLFormElement) => submit(form, { replace: true, preventScrollReset: true });
  return (
    <Form
      role="search"
      className="flex flex-wrap items-end gap-2 p-3"
      onChange={(event) => {
        const form = event.currentTarget;
        clearTimeout(timer.current);
        timer.current = setTimeout(() => send(form), event.target === search.current ? TYPING_PAUSE_MS : 0);
      }}
    >
      <Field label="Search" labelHidden className="relative min-w-48 flex-1 basis-full sm:basis-48">
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-faint" />
        <Input
          ref={search}
          type="search"
          name="q"
          defaultValue={values.q}
          placeholder="Name, serial, IP address, user"
          className="pl-8.5"
        />
      </Field>
      <Field label="Client" labelHidden className="max-sm:basis-[calc(50%-0.25rem)]">
        <Select name="client" defaultValue={values.client} className="sm:w-44">
          <option value="">All clients</option>
          <option value="none">Without a client</option>
          {clients.map((client) => (
            <option key={client.id} value={client.id}>
              {client.name}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Type" labelHidden className="max-sm:basis-[calc(50%-0.25rem)]">
        <Select name="type" defaultValue={values.type} className="sm:w-36">
          <option value="">All types</option>
          <option value="workstation">Workstations</option>
          <option value="server">Servers</option>
        </Select>
      </Field>
      <Field label="State" labelHidden className="max-sm:basis-[calc(50%-0.25rem)]">
        <Select name="state" defaultValue={values.state} className="sm:w-40">
          <option value="current">Current</option>
          <option value="online">Online</option>
          <option value="offline">Offline</option>
          <option value="patches">Updates pending</option>
          <option value="gone">Gone</option>
          <option value="retired">Retired</option>
          <option value="all">All states</option>
        </Select>
      </Field>
      <Field label="Order" labelHidden className="max-sm:basis-[calc(50%-0.25rem)]">
        <Select name="sort" defaultValue={values.sort} className="sm:w-40">
          <option value="name">By name</option>
          <option value="client">By client</option>
          <option value="patches">Most updates first</option>
          <option value="seen">Last seen first</option>
        </Select>
      </Field>
      <noscript>
        <Button type="submit">Show</Button>
      </noscript>
    </Form>
  );
}
