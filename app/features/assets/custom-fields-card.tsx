import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";
import { TextCursorInput } from "lucide-react";

import { Badge } from "~/ui/badge";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardHeader, Fact, Facts } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { RelativeTime } from "~/ui/time";

import type { AssetCustomFields } from "./custom-fields.page.server";

type Shown = SerializeFrom<AssetCustomFields>;

interface CustomFieldsCardProps {
  custom: Shown;
  /** Whether the person may change the settings of connections. */
  mayManage: boolean;
}

/** The RMM's custom fields of an asset, or why they are unknown. They are read, never written. */
export function CustomFieldsCard({ custom, mayManage }: CustomFieldsCardProps) {
  const { fields, sources } = custom;
  if (sources.length === 0) return null;
  const shown = sources.filter(({ connectionId }) =>
    fields.some((field) => field.connectionId === connectionId),
  );
  return (
    <Card>
      <CardHeader
        title="Custom fields"
        description={shown.length > 0 ? "As Level has them; edit them there." : undefined}
      />
      {shown.length === 0 ? (
        <Nothing sources={sources} mayManage={mayManage} />
      ) : (
        <CardBody className="space-y-4">
          {shown.map((source) => (
            <FieldsOf
              key={source.connectionId}
              source={source}
              fields={fields.filter(({ connectionId }) => connectionId === source.connectionId)}
              isNamed={shown.length > 1}
            />
          ))}
        </CardBody>
      )}
    </Card>
  );
}

interface FieldsOfProps {
  source: Shown["sources"][number];
  fields: Shown["fields"];
  /** Whether to name the connection of each field. */
  isNamed: boolean;
}

function FieldsOf({ source, fields, isNamed }: FieldsOfProps) {
  const readAtMs = fields[0]!.readAtMs;
  return (
    <div className="space-y-2.5">
      {isNamed && <h3 className="text-sm font-medium">{source.connection}</h3>}
      {source.error !== null && source.interval !== "off" && (
        <Callout tone="warn" title={source.error}>
          {source.hint}
        </Callout>
      )}
      <Facts>
        {fields.map(({ fieldId, name, value, isAdminOnly }) => (
          <Fact
            key={fieldId}
            name={
              <span className="inline-flex flex-wrap items-center gap-1.5 [overflow-wrap:anywhere]">
                {name}
                {isAdminOnly && <Badge>Administrators only</Badge>}
              </span>
            }
          >
            {value !== null && <span className="[overflow-wrap:anywhere] whitespace-pre-line">{value}</span>}
          </Fact>
        ))}
      </Facts>
      <p className="text-xs text-ink-faint">
        {readAtMs === null ? (
          "Not read of this asset yet."
        ) : (
          <>
            Read <RelativeTime at={new Date(readAtMs).toISOString()} />
            {source.interval === "off" && "; not read any more"}
          </>
        )}
      </p>
    </div>
  );
}

function Nothing({ sources, mayManage }: { sources: Shown["sources"]; mayManage: boolean }) {
  const on = sources.filter(({ interval }) => interval !== "off");
  const failed = on.find(({ error }) => error !== null);
  const link = (text: string) =>
    mayManage && (
      <Link
        to={`/settings/integrations/levelio/${(failed ?? sources[0]!).connectionId}`}
        className="font-medium text-accent hover:underline"
      >
        {text}
      </Link>
    );
  if (on.length === 0)
    return (
      <EmptyState icon={TextCursorInput} title="Custom fields are not read">
        Reading them takes a call to Level for each device, so it is off at first.{" "}
        {link("Set how often they are read")}
      </EmptyState>
    );
  if (failed !== undefined)
    return (
      <EmptyState icon={TextCursorInput} title={failed.error!}>
        {failed.hint} {link("Open the connection")}
      </EmptyState>
    );
  if (!on.some(({ hasEnded }) => hasEnded))
    return <EmptyState icon={TextCursorInput} title="Custom fields are not read yet" />;
  return <EmptyState icon={TextCursorInput} title="Level has no custom fields that you may see" />;
}
