import { Callout } from "~/ui/callout";
import { ConfirmButton } from "~/ui/confirm-button";
import { ExactTime } from "~/ui/time";

interface MergedCalloutProps {
  merge: { name: string; actor: string | null; mergedAt: string; until: string };
  mayUndo: boolean;
}

/** Says that another asset was merged into this one, and offers to undo that. */
export const MergedCallout = ({ merge, mayUndo }: MergedCalloutProps) => (
  <Callout
    tone="info"
    className="mb-5"
    title={
      <>
        {merge.name} was merged into this asset on <ExactTime at={merge.mergedAt} />
      </>
    }
    actions={
      mayUndo && (
        <ConfirmButton
          intent="undo-merge"
          label="Undo the merge"
          title="Make two assets again?"
          confirm="Undo the merge"
        >
          Both get their devices, alerts and notes back as they were. What somebody has set since stays with
          this asset.
        </ConfirmButton>
      )
    }
  >
    By {merge.actor ?? "a sync"}. It can be undone until <ExactTime at={merge.until} />.
  </Callout>
);
