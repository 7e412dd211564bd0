import { placeFields, type PlaceField } from "@domain/asset-fields";
import { Field, Select } from "~/ui/field";

import type { PlaceChoices } from "./assets.page.server";
import { MAPPED_PLACE, placeLabels } from "./field-labels";

interface PlaceFieldsProps {
  choices: PlaceChoices;
  values: Partial<Record<string, string>>;
  errors: Partial<Record<string, string>>;
  overriddenFields: readonly string[];
}

/** Fields that choose the asset's site and default contact, or leave them to the mapping of its group. */
export const PlaceFields = ({ choices, values, errors, overriddenFields }: PlaceFieldsProps) =>
  placeFields.map((field) => {
    const parts = choices[field];
    if (parts.length === 0) return null;
    const { name, none } = placeLabels[field];
    return (
      <Field
        key={field}
        label={name}
        optional
        error={errors[field]}
        hint={overriddenFields.includes(field) ? heldText(choices, field) : undefined}
      >
        <Select name={field} defaultValue={values[field] ?? ""}>
          {choices.mapped !== null && (
            <option value={MAPPED_PLACE}>As the mapping says ({mappedName(choices, field)})</option>
          )}
          <option value="">{none}</option>
          {parts.map((part) => (
            <option key={part.id} value={part.id}>
              {part.name}
            </option>
          ))}
        </Select>
      </Field>
    );
  });

const mappedName = ({ mapped, ...parts }: PlaceChoices, field: PlaceField): string =>
  parts[field].find(({ id }) => id === mapped?.[field])?.name ?? placeLabels[field].none.toLowerCase();

const heldText = (choices: PlaceChoices, field: PlaceField): string =>
  choices.mapped === null
    ? "Set by a person."
    : `Set by a person. The mapping says ${mappedName(choices, field)}.`;
