import { CircleAlert, CircleCheck } from "lucide-react";

import { Card, CardBody, CardHeader } from "~/ui/card";
import { PostForm, SubmitButton } from "~/ui/form";
import { resourceLabels } from "~/ui/labels";

import type { Probe } from "./check-setup.server";

const purposes: Record<Probe["resource"], string> = {
  groups: "become the scopes that you map to clients",
  devices: "become assets",
  updates: "become the counts of pending patches",
  alerts: "fill the alert inbox",
};

/** Tests each list that a sync reads, and names those that fail. */
export function CheckSetupCard({ probes }: { probes: Probe[] | undefined }) {
  return (
    <Card>
      <CardHeader
        title="Check setup"
        description="Asks Level for groups, devices, updates and alerts, one call each. Changes nothing."
        actions={
          <PostForm intent="check-setup" preventScrollReset>
            <SubmitButton intent="check-setup" variant="secondary" size="sm">
              Check now
            </SubmitButton>
          </PostForm>
        }
      />
      {probes !== undefined && (
        <CardBody>
          <ul role="status" className="divide-y divide-line rounded-md border border-line">
            {probes.map((probe) => (
              <ProbeLine key={probe.resource} probe={probe} />
            ))}
          </ul>
        </CardBody>
      )}
    </Card>
  );
}

function ProbeLine({ probe }: { probe: Probe }) {
  const ok = probe.state === "ok";
  const Mark = ok ? CircleCheck : CircleAlert;
  return (
    <li className="flex items-start gap-2.5 px-3 py-2.5">
      <Mark aria-hidden className={`mt-0.5 size-4 shrink-0 ${ok ? "text-good" : "text-bad"}`} />
      <div className="min-w-0 text-sm">
        <p>
          <span className="font-medium">{resourceLabels[probe.resource]}</span>{" "}
          <span className="text-ink-faint">{purposes[probe.resource]}</span>
        </p>
        {probe.state === "ok" ? (
          <p className="text-ink-muted">
            {probe.isEmpty ? "Can be read. The account has none at present." : "Can be read."}
          </p>
        ) : (
          <p>
            <span className="font-medium text-bad">{probe.message}</span>{" "}
            <span className="text-ink-muted">{probe.hint}</span>
          </p>
        )}
      </div>
    </li>
  );
}
