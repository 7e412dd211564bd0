import { Link } from "@remix-run/react";
import { ExternalLink } from "lucide-react";

import { editableFields, placeFields, type EditableField, type PlaceField } from "@domain/asset-fields";
import { Badge } from "~/ui/badge";
import { Absent, Card, CardBody, CardHeader, Fact, Facts } from "~/ui/card";
import { PostForm } from "~/ui/form";

import { systemInfoOf, type Detail } from "./asset-detail";
import { differenceKey, fieldLabels, placeLabels, shownValues, storedValues } from "./field-labels";
import { HoldNote } from "./hold-note";
import { WhyFact } from "./why-fact";

interface IdentityFactsProps {
  detail: Detail;
  mayWrite: boolean;
}

/** The machine's name, client and place, and where each value is from. */
export function IdentityFacts({ detail, mayWrite }: IdentityFactsProps) {
  const { asset, client, held } = detail;
  const info = systemInfoOf(detail);
  const device = detail.devices[0];
  const values = shownValues(detail);
  const valueOf = (field: EditableField) =>
    field === "client" && client !== null ? (
      <Link to={`/clients/${client.id}`} className="text-accent hover:underline">
        {client.name}
      </Link>
    ) : (
      values[field]
    );
  return (
    <Card>
      <CardHeader
        title="Identity"
        actions={
          device?.url != null && (
            <a
              href={device.url}
              target="_blank"
              rel="noreferrer"
              className="inline-flex items-center gap-1 text-xs font-medium text-accent hover:underline"
            >
              Open in Level
              <ExternalLink aria-hidden className="size-3.5" />
              <span className="sr-only">(opens a new tab)</span>
            </a>
          )
        }
      />
      <CardBody>
        <Facts>
          {editableFields
            .filter((field) => field !== "notes")
            .map((field) => (
              <WhyFact
                key={field}
                detail={detail}
                field={field}
                name={fieldLabels[field]}
                value={storedValues(detail)[field] || null}
              >
                <span className="[overflow-wrap:anywhere]">{valueOf(field) ?? <Absent />}</span>
                {asset.overriddenFields.includes(field) && (
                  <span className="mt-0.5 block text-xs text-ink-faint">
                    <HoldNote
                      field={field}
                      held={held.find((row) => row.field === field)}
                      withButton={mayWrite}
                    />
                  </span>
                )}
              </WhyFact>
            ))}
          {placeFields.map((field) => {
            const isHeld = asset.overriddenFields.includes(field);
            const lines = placeLines(detail, field);
            return (
              (isHeld || lines !== "") && (
                <Fact key={field} name={placeLabels[field].name}>
                  <span className="[overflow-wrap:anywhere] whitespace-pre-line">
                    {lines === "" ? <Absent /> : lines}
                  </span>
                  {isHeld && <span className="mt-0.5 block text-xs text-ink-faint">Set by a person.</span>}
                </Fact>
              )
            );
          })}
          {detail.devices.length > 0 && (
            <>
              <Fact name="Group in the RMM">
                <span className="[overflow-wrap:anywhere]">{device?.groupPath ?? <Absent />}</span>
              </Fact>
              <WhyFact detail={detail} field="hostname" value={info.hostname}>
                {info.hostname}
              </WhyFact>
              <WhyFact detail={detail} field="lanIp" value={detail.details?.lanIp}>
                {detail.details?.lanIp}
              </WhyFact>
              <WhyFact detail={detail} field="lastLoggedInUser" value={detail.details?.lastLoggedInUser}>
                {detail.details?.lastLoggedInUser}
              </WhyFact>
            </>
          )}
        </Facts>
        <Text name="Notes" text={asset.notes} />
        <Text name="Notes in Level" text={info.notes ?? null} />
        {(info.flag !== undefined || (info.tags ?? []).length > 0) && (
          <ul aria-label="Flag and tags" className="mt-4 flex flex-wrap gap-1.5">
            {info.flag !== undefined && (
              <li>
                <Badge tone="warn">Flag: {info.flag}</Badge>
              </li>
            )}
            {(info.tags ?? []).map((tag) => (
              <li key={tag} className="max-w-full">
                <Badge className="max-w-full whitespace-normal [overflow-wrap:anywhere]">{tag}</Badge>
              </li>
            ))}
          </ul>
        )}
      </CardBody>
      {/* The buttons beside the fields submit these forms by their ids. */}
      {mayWrite &&
        held.map((row) => (
          <PostForm key={row.field} id={`follow-${row.field}`} intent="follow" preventScrollReset>
            <input type="hidden" name="row" value={differenceKey(row)} />
          </PostForm>
        ))}
    </Card>
  );
}

/** A site with its address, or a contact with e-mail and phone; empty if there is none. */
function placeLines({ site, contact }: Detail, field: PlaceField): string {
  const parts =
    field === "site" ? [site?.name, site?.address] : [contact?.name, contact?.email, contact?.phone];
  return parts.filter((text) => text !== null && text !== undefined).join("\n");
}

const Text = ({ name, text }: { name: string; text: string | null }) =>
  text === null ? null : (
    <div className="mt-3">
      <h3 className="text-xs text-ink-faint">{name}</h3>
      <p className="text-sm [overflow-wrap:anywhere] whitespace-pre-line">{text}</p>
    </div>
  );
