import { useState } from "react";

import { editableFields, type EditableField } from "@domain/asset-fields";
import { ButtonLink } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardFooter, CardHeader } from "~/ui/card";
import { PostForm, SubmitButton } from "~/ui/form";

import type { Detail } from "./asset-detail";
import type { PlaceChoices } from "./assets.page.server";
import { AssetFormFields } from "./asset-form";
import { shownValues, storedPlace, storedValues } from "./field-labels";
import { HoldNote } from "./hold-note";
import { PlaceFields } from "./place-fields";

interface EditAssetCardProps {
  detail: Pick<Detail, "asset" | "client" | "held" | "version">;
  clients: { id: string; name: string }[];
  /** The sites and contacts of the stored client. */
  places: PlaceChoices;
  refusal: { errors: Partial<Record<string, string>>; values: Record<string, string> } | undefined;
}

/**
 * The form of the asset's editable fields. After a refusal it keeps the typed values and shows the stored ones beside
 * them.
 */
export function EditAssetCard({ detail, clients, places, refusal }: EditAssetCardProps) {
  const { asset, client, held, version } = detail;
  const stored = storedValues(detail);
  const shown = shownValues(detail);
  const values = refusal?.values ?? { ...stored, ...storedPlace(detail, places.mapped) };
  const [clientId, setClientId] = useState(values["client"]);
  const choices =
    client === null || client.archivedAt === null
      ? clients
      : [{ id: client.id, name: `${client.name} (archived)` }, ...clients];
  const hint = (field: EditableField) => {
    const isHeld = asset.overriddenFields.includes(field);
    const isOther = refusal !== undefined && (refusal.values[field] ?? "") !== stored[field];
    if (!isHeld && !isOther) return undefined;
    return (
      <>
        {isOther && <span className="block">Stored: {shown[field] ?? "nothing"}.</span>}
        {isHeld && <HoldNote field={field} held={held.find((row) => row.field === field)} />}
      </>
    );
  };
  return (
    <Card className="max-w-2xl">
      <PostForm intent="edit" stored={version} preventScrollReset>
        <CardHeader title="Details" description="What you change here stays: no sync overwrites it." />
        <CardBody className="space-y-4">
          <input type="hidden" name="version" value={version} />
          {refusal?.errors.form !== undefined && (
            <Callout tone="bad" alert>
              {refusal.errors.form}
            </Callout>
          )}
          <AssetFormFields
            values={values}
            errors={refusal?.errors ?? {}}
            clients={choices}
            noClient="Without a client"
            onClient={setClientId}
            place={
              clientId === stored.client ? (
                <PlaceFields
                  choices={places}
                  values={values}
                  errors={refusal?.errors ?? {}}
                  overriddenFields={asset.overriddenFields}
                />
              ) : (
                <p className="text-sm text-ink-muted">
                  The asset leaves its site and contact with its client. Save, then choose new ones.
                </p>
              )
            }
            hints={Object.fromEntries(editableFields.map((field) => [field, hint(field)]))}
          />
        </CardBody>
        <CardFooter>
          <ButtonLink to={`/assets/${asset.id}`} variant="ghost">
            Cancel
          </ButtonLink>
          <SubmitButton intent="edit">Save</SubmitButton>
        </CardFooter>
      </PostForm>
    </Card>
  );
}
