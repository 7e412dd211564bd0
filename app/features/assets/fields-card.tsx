import { Link } from "@remix-run/react";

import { editableFields, type EditableField } from "@domain/asset-fields";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { Absent, Card, CardBody, CardFooter, CardHeader, Fact, Facts } from "~/ui/card";
import { PostForm, SubmitButton } from "~/ui/form";

import type { Detail } from "./asset-detail";
import { AssetFormFields } from "./asset-form";
import { differenceKey, fieldLabels, obstacleText, valueText } from "./field-labels";

interface FieldsCardProps {
  detail: Detail;
  /** The clients to choose from; null for somebody who may not change anything. */
  clients: { id: string; name: string }[] | null;
  refusal: { errors: Partial<Record<string, string>>; values: Record<string, string> } | undefined;
}

type Held = Detail["held"][number];

/** What people say of the asset: the values, who holds them, and what Level says instead. */
export const FieldsCard = (props: FieldsCardProps) =>
  props.clients === null ? (
    <FieldFacts detail={props.detail} />
  ) : (
    <FieldForm {...props} clients={props.clients} />
  );

function FieldForm({
  detail,
  clients,
  refusal,
}: FieldsCardProps & { clients: { id: string; name: string }[] }) {
  const { asset, client, held, version } = detail;
  const values = refusal?.values ?? storedValues(detail);
  const now = refusal === undefined ? undefined : shownValues(detail);
  const choices =
    client === null || client.archivedAt === null
      ? clients
      : [{ id: client.id, name: `${client.name} (archived)` }, ...clients];
  const hint = (field: EditableField) => {
    const isHeld = asset.heldFields.includes(field);
    const isOther =
      now !== undefined && (refusal?.values[field] ?? "") !== (storedValues(detail)[field] ?? "");
    if (!isHeld && !isOther) return undefined;
    return (
      <>
        {isOther && <span className="block">Stored: {now?.[field] ?? "nothing"}.</span>}
        {isHeld && <HoldNote field={field} held={held.find((row) => row.field === field)} withButton />}
      </>
    );
  };
  return (
    <Card>
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
            hints={Object.fromEntries(editableFields.map((field) => [field, hint(field)]))}
          />
        </CardBody>
        <CardFooter>
          <SubmitButton intent="edit">Save</SubmitButton>
        </CardFooter>
      </PostForm>
      {/* Beside the form, not in it: its buttons stand at the fields. */}
      {held.map((row) => (
        <PostForm key={row.field} id={`follow-${row.field}`} intent="follow" preventScrollReset>
          <input type="hidden" name="row" value={differenceKey(row)} />
        </PostForm>
      ))}
    </Card>
  );
}

/** "Set by a person. Level says PC-1." */
function HoldNote({
  field,
  held,
  withButton = false,
}: {
  field: EditableField;
  held: Held | undefined;
  withButton?: boolean;
}) {
  // Level knows no notes, and nothing of an asset that no device is tied to.
  if (held === undefined) return <>Set by a person.</>;
  const { obstacle, theirs } = held;
  const canFollow = obstacle === null || obstacle === "blank";
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <span className="min-w-0 break-words">
        Set by a person.{" "}
        {obstacle === null ? (
          <>
            Level says <span className="font-medium text-ink-muted">{valueText(field, theirs)}</span>.
          </>
        ) : (
          `${obstacleText(obstacle, theirs)}.`
        )}
      </span>
      {withButton && canFollow && (
        <Button type="submit" form={`follow-${field}`} size="sm" className="h-6 px-2">
          {obstacle === null ? "Use Level's" : "Let Level set it"}
          <span className="sr-only"> {fieldLabels[field].toLowerCase()}</span>
        </Button>
      )}
    </span>
  );
}

function FieldFacts({ detail }: { detail: Detail }) {
  const { asset, client, held } = detail;
  const values = shownValues(detail);
  return (
    <Card>
      <CardHeader title="Details" />
      <CardBody>
        <Facts>
          {editableFields.map((field) => (
            <Fact key={field} name={fieldLabels[field]}>
              {field === "client" && client !== null ? (
                <Link to={`/clients/${client.id}`} className="hover:underline">
                  {client.name}
                </Link>
              ) : (
                <span className="break-words whitespace-pre-line">{values[field] ?? <Absent />}</span>
              )}
              {asset.heldFields.includes(field) && (
                <span className="mt-0.5 block text-xs text-ink-faint">
                  <HoldNote field={field} held={held.find((row) => row.field === field)} />
                </span>
              )}
            </Fact>
          ))}
        </Facts>
      </CardBody>
    </Card>
  );
}

const storedValues = ({ asset }: Detail): Partial<Record<EditableField, string>> => ({
  name: asset.name,
  type: asset.assetType,
  location: asset.location ?? "",
  client: asset.clientId ?? "",
  notes: asset.notes ?? "",
});

const shownValues = ({ asset, client }: Detail): Record<EditableField, string | null> => ({
  name: asset.name,
  type: valueText("type", asset.assetType),
  location: asset.location,
  client: client?.name ?? null,
  notes: asset.notes,
});

/** How many of the asset's values Level says otherwise. */
export function DifferenceBadge({ held }: { held: Held[] }) {
  const different = held.filter((row) => row.isDifferent).length;
  if (different === 0) return null;
  return (
    <Badge tone="info">{different === 1 ? "Differs from Level" : `${different} differ from Level`}</Badge>
  );
}
