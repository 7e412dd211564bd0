import type { SerializeFrom } from "@remix-run/node";
import { Eye } from "lucide-react";

import type { WebhookInfo } from "~/features/connections/integrations.page.server";
import { Callout } from "~/ui/callout";
import { ConfirmButton } from "~/ui/confirm-button";
import { CopyButton } from "~/ui/copy-button";
import { PostForm, SubmitButton } from "~/ui/form";
import { ExactTime, RelativeTime, useClock } from "~/ui/time";

/** A text to copy exactly as it is. */
export const CopyLine = ({ label, text }: { label: string; text: string }) => (
  <div className="flex items-center gap-2">
    <code
      aria-label={label}
      className="min-w-0 flex-1 rounded-md border border-line bg-sunken px-2.5 py-1.5 font-mono text-xs break-all"
    >
      {text}
    </code>
    <CopyButton text={text} label={`Copy ${label}`} />
  </div>
);

export interface WebhookSecretProps {
  info: SerializeFrom<WebhookInfo>;
  mayManage: boolean;
  /** The revealed secret, only in the answer that revealed it. */
  revealed: string | undefined;
}

/**
 * The secret that proves that a delivery is from Level. Shown once; a rotation keeps the former one valid for a day.
 */
export function WebhookSecret({ info, mayManage, revealed }: WebhookSecretProps) {
  const { secret, previousSecretUntil } = info;
  const { now } = useClock();
  const formerUntil =
    previousSecretUntil !== null && new Date(previousSecretUntil).getTime() > now
      ? previousSecretUntil
      : null;
  return (
    <div className="space-y-2">
      <h3 className="text-sm font-medium">Secret</h3>
      {revealed !== undefined ? (
        <Callout tone="warn" alert title="Copy the secret now: it is not shown again">
          <div className="mt-2">
            <CopyLine label="secret" text={revealed} />
          </div>
        </Callout>
      ) : secret === null ? (
        <p className="text-sm text-ink-muted">No secret is stored. Save an API key first.</p>
      ) : (
        <div className="flex flex-wrap items-center gap-2">
          <code
            className="rounded-md border border-line bg-sunken px-2.5 py-1.5 font-mono text-xs"
            aria-hidden
          >
            ••••••••••••••••••••••••
          </code>
          {mayManage && !secret.wasRevealed && (
            <PostForm intent="reveal" preventScrollReset>
              <SubmitButton intent="reveal" variant="secondary" size="sm">
                <Eye aria-hidden />
                Reveal once
              </SubmitButton>
            </PostForm>
          )}
          {mayManage && (
            <ConfirmButton
              intent="rotate"
              label="Make a new secret"
              variant="secondary"
              title="Make a new webhook secret?"
              confirm="Make a new secret"
            >
              Enter the new one in Level. The current secret stays valid for 24 hours, so nothing is lost
              meanwhile.
              {formerUntil !== null && (
                <strong className="mt-2 block font-medium text-warn">
                  The former secret, valid until <ExactTime at={formerUntil} />, ends at once.
                </strong>
              )}
            </ConfirmButton>
          )}
        </div>
      )}
      {secret !== null && revealed === undefined && (
        <p className="text-xs text-ink-faint">
          Made <RelativeTime at={secret.createdAt} />
          {secret.wasRevealed ? "; it was shown and cannot be shown again." : "; it has not been shown yet."}
        </p>
      )}
      {formerUntil !== null && (
        <p className="text-xs text-warn">
          The former secret is still valid until <ExactTime at={formerUntil} />.
        </p>
      )}
    </div>
  );
}
