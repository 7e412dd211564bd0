import type { ReactNode } from "react";

import type { EditableField } from "@domain/asset-fields";
import { Field, Input, Select, Textarea } from "~/ui/field";

export interface AssetFormFieldsProps {
  values: Partial<Record<EditableField, string>>;
  errors: Partial<Record<string, string>>;
  clients: { id: string; name: string }[];
  /** The label of the choice without a client. */
  noClient: string;
  hints?: Partial<Record<EditableField, ReactNode>>;
  /** Shown below the client. */
  place?: ReactNode;
  /** More fields about the machine itself. */
  children?: ReactNode;
  onClient?: (id: string) => void;
}

/** The fields of an asset that a person may edit. */
export const AssetFormFields = ({
  values,
  errors,
  clients,
  noClient,
  hints = {},
  place,
  children,
  onClient,
}: AssetFormFieldsProps) => (
  <>
    <Field label="Name" error={errors.name} hint={hints.name}>
      <Input name="name" defaultValue={values.name} required maxLength={200} autoComplete="off" />
    </Field>
    <Field label="Client" error={errors.client} hint={hints.client}>
      <Select
        name="client"
        defaultValue={values.client ?? ""}
        onChange={({ currentTarget }) => onClient?.(currentTarget.value)}
      >
        <option value="">{noClient}</option>
        {clients.map((client) => (
          <option key={client.id} value={client.id}>
            {client.name}
          </option>
        ))}
      </Select>
    </Field>
    {place}
    <Field label="Type" error={errors.type} hint={hints.type}>
      <Select name="type" defaultValue={values.type ?? "workstation"}>
        <option value="workstation">Workstation</option>
        <option value="server">Server</option>
      </Select>
    </Field>
    {children}
    <Field label="Location" optional error={errors.location} hint={hints.location}>
      <Input name="location" defaultValue={values.location} maxLength={200} autoComplete="off" />
    </Field>
    <Field label="Notes" optional error={errors.notes} hint={hints.notes}>
      <Textarea name="notes" defaultValue={values.notes} rows={3} />
    </Field>
  </>
);
