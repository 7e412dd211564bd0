import { ButtonLink } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { PostForm, SubmitButton } from "~/ui/form";

interface NextStepProps {
  /** The address of the connection's page. */
  path: string;
  maySync: boolean;
  className?: string;
}

/** Shown after a mapping was saved: says that it is not applied yet, and starts the sync that applies it. */
export const NextStep = ({ path, maySync, className }: NextStepProps) => (
  <Callout
    tone="info"
    {...(className === undefined ? {} : { className })}
    title="Next: a full sync carries the mapping out"
    actions={
      <>
        {maySync && (
          <>
            <SyncButton path={path} type="full" label="Sync now" />
            <SyncButton path={path} type="dry_run" label="Dry run first" />
          </>
        )}
        <ButtonLink to="/review" variant="ghost">
          Pending review
        </ButtonLink>
      </>
    }
  >
    A dry run shows what would change and writes nothing. What moves many assets at once waits under pending
    review.
  </Callout>
);

const SyncButton = ({ path, type, label }: { path: string; type: "full" | "dry_run"; label: string }) => (
  <PostForm intent="sync" action={`${path}?index`}>
    <input type="hidden" name="type" value={type} />
    <SubmitButton variant={type === "full" ? "primary" : "secondary"}>{label}</SubmitButton>
  </PostForm>
);
