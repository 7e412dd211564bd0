import { Check } from "lucide-react";
import type { ReactNode } from "react";

import type { SetupStep, SetupStepId } from "@domain/setup-guide";
import { ButtonLink } from "~/ui/button";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { cn } from "~/ui/cn";
import { PostForm, SubmitButton } from "~/ui/form";

import { levelPath } from "./paths";

const titles: Record<SetupStepId, { title: string; text: string }> = {
  key: { title: "Connect", text: "Save an API key of the Level account." },
  groups: { title: "Find groups", text: "Read the account's groups." },
  mapping: { title: "Map", text: "Say which group belongs to which client." },
  sync: { title: "First sync", text: "Turn the devices into assets." },
  webhook: { title: "Receive alerts", text: "Have Level report alerts as they happen." },
};

export interface SetupGuideProps {
  steps: SetupStep[];
  connectionId: string;
  mayManage: boolean;
  maySync: boolean;
  isBusy: boolean;
}

/**
 * The steps to a working connection. A step is ticked automatically once it is done; the first open one explains what
 * to do.
 */
export function SetupGuide({ steps, connectionId, mayManage, maySync, isBusy }: SetupGuideProps) {
  const doneCount = steps.filter((step) => step.done).length;
  const actions: Record<SetupStepId, ReactNode> = {
    key: null,
    groups: maySync && <SyncStep type="organizations" label="Find groups" disabled={isBusy} />,
    mapping: mayManage && (
      <ButtonLink to={levelPath(connectionId, "mapping")} variant="primary" size="sm">
        Map groups
      </ButtonLink>
    ),
    sync: maySync && <SyncStep type="full" label="Sync now" disabled={isBusy} />,
    webhook: mayManage && (
      <ButtonLink to={levelPath(connectionId, "webhook")} variant="primary" size="sm">
        Set up webhook
      </ButtonLink>
    ),
  };
  return (
    <Card>
      <CardHeader
        title="Setup"
        description={
          doneCount === steps.length
            ? "Everything is in place."
            : `${doneCount} of ${steps.length} steps done`
        }
      />
      <CardBody>
        <ol className="grid gap-2 lg:grid-cols-5">
          {steps.map((step, index) => (
            <li
              key={step.id}
              aria-current={step.current ? "step" : undefined}
              className={cn(
                "flex gap-3 rounded-md border p-3 lg:flex-col lg:gap-2",
                step.current ? "border-accent bg-accent-soft/50" : "border-line",
              )}
            >
              <span
                className={cn(
                  "grid size-6 shrink-0 place-items-center rounded-full text-xs font-semibold",
                  step.done
                    ? "bg-good-soft text-good"
                    : step.current
                      ? "bg-accent text-on-accent"
                      : "bg-sunken text-ink-muted",
                )}
              >
                {step.done ? <Check aria-hidden className="size-3.5" /> : index + 1}
                {step.done && <span className="sr-only">Done:</span>}
              </span>
              <div className="min-w-0 flex-1">
                <p className={cn("text-sm font-medium", !step.done && !step.current && "text-ink-muted")}>
                  {titles[step.id].title}
                </p>
                <p className="text-xs text-ink-muted">{titles[step.id].text}</p>
                {step.current && <div className="mt-2.5">{actions[step.id]}</div>}
              </div>
            </li>
          ))}
        </ol>
      </CardBody>
    </Card>
  );
}

const SyncStep = ({
  type,
  label,
  disabled,
}: {
  type: "organizations" | "full";
  label: string;
  disabled: boolean;
}) => (
  <PostForm intent="sync" preventScrollReset>
    <input type="hidden" name="type" value={type} />
    <SubmitButton intent="sync" size="sm" disabled={disabled}>
      {label}
    </SubmitButton>
  </PostForm>
);
