import type { EditableField } from "@domain/asset-fields";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";

import type { Detail } from "./asset-detail";
import { fieldLabels, obstacleText, valueText } from "./field-labels";

type Held = Detail["held"][number];

interface HoldNoteProps {
  field: EditableField;
  held: Held | undefined;
  withButton?: boolean;
}

/** That a person set the field, and Level's value: "Set by a person. Level says PC-1." */
export function HoldNote({ field, held, withButton = false }: HoldNoteProps) {
  // Level has no notes, and no values for an asset without a device.
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

/** The number of the asset's values that differ from Level's. */
export function DifferenceBadge({ held }: { held: Held[] }) {
  const different = held.filter((row) => row.isDifferent).length;
  if (different === 0) return null;
  return (
    <Badge tone="info">{different === 1 ? "Differs from Level" : `${different} differ from Level`}</Badge>
  );
}
