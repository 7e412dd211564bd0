import type { SerializeFrom } from "@remix-run/node";
import { Ban } from "lucide-react";

import { ButtonLink } from "~/ui/button";
import { PostForm, SubmitButton } from "~/ui/form";

import type { RunDetail } from "./runs.page.server";

interface RunActionsProps {
  run: SerializeFrom<RunDetail>["run"];
  isLive: boolean;
  mayCancel: boolean;
  mayUndo: boolean;
}

/** Whether runs of this type can change assets; runs of groups or alerts cannot. */
const changesAssets = (type: RunActionsProps["run"]["type"]) => type === "full" || type === "device";

/** The actions on a run: show what it changed, undo it, cancel it. */
export const RunActions = ({ run, isLive, mayCancel, mayUndo }: RunActionsProps) => (
  <>
    {run.type !== "dry_run" && (
      <ButtonLink to={`/runs/${run.id}/changes`} variant="ghost">
        What it changed
      </ButtonLink>
    )}
    {!isLive && mayUndo && changesAssets(run.type) && (
      <ButtonLink to={`/runs/${run.id}/undo`} variant="ghost">
        Undo
      </ButtonLink>
    )}
    {isLive && mayCancel && (
      <PostForm intent="cancel">
        <SubmitButton intent="cancel" variant="secondary" disabled={run.cancelRequestedAt !== null}>
          <Ban aria-hidden />
          {run.cancelRequestedAt === null ? "Cancel" : "Cancelling"}
        </SubmitButton>
      </PostForm>
    )}
  </>
);
