import { Callout } from "~/ui/callout";
import { goneReasonText } from "~/ui/labels";
import { ExactTime, RelativeTime } from "~/ui/time";

import type { Detail } from "./asset-detail";

/** Says that an asset is gone or retired, since when, why, and what happens next. */
export function LeavingCallout({
  asset: { status, goneAt, goneReason, retiredAt },
  retiresAt,
}: Pick<Detail, "asset" | "retiresAt">) {
  switch (status) {
    case "active":
      return null;
    case "gone":
      return (
        <Callout
          tone="warn"
          className="mb-5"
          title={
            <>
              Gone since <RelativeTime at={goneAt} absent="some time" />
              {retiresAt !== null && (
                <>
                  , will be retired on <ExactTime at={retiresAt} />
                </>
              )}
            </>
          }
        >
          {goneReasonText(goneReason)} Its records are kept, and it comes back automatically when it is seen
          again.
        </Callout>
      );
    case "retired":
      return (
        <Callout
          tone="info"
          className="mb-5"
          title={
            <>
              Retired on <ExactTime at={retiredAt} />, gone since <ExactTime at={goneAt} />
            </>
          }
        >
          {goneReasonText(goneReason)} It is not counted among current assets. It comes back automatically
          when it is seen again.
        </Callout>
      );
  }
}
