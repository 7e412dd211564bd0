import { useNavigate } from "@remix-run/react";

import { count } from "@domain/format";
import { Button, ButtonLink } from "~/ui/button";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { Dialog, DialogActions, DialogContent } from "~/ui/dialog";
import { PostForm, SubmitButton } from "~/ui/form";
import { useCameWithPage } from "~/ui/hydrated";

import type { FormProblem } from "~/platform/http/form.server";

const title = (label: string) => `Disconnect ${label}?`;

export interface DisconnectProps {
  label: string;
  assets: number;
  /** The page's address, to which the question closes. */
  path: string;
  refusal: FormProblem | undefined;
}

/**
 * Asks what happens to the assets. The question has an address (`?disconnect`). Opened by that address, with or without
 * scripts, it is part of the page and keeps the choice; otherwise it is a dialog.
 */
export function DisconnectQuestion(props: DisconnectProps) {
  if (useCameWithPage()) {
    return (
      <Card className="border-bad/40">
        <CardHeader title={title(props.label)} />
        <CardBody>
          <DisconnectForm {...props} />
        </CardBody>
      </Card>
    );
  }
  return <DisconnectDialog {...props} />;
}

function DisconnectDialog(props: DisconnectProps) {
  const navigate = useNavigate();
  const close = () => navigate(props.path, { preventScrollReset: true, replace: true });
  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && close()}>
      <DialogContent title={title(props.label)}>
        <DisconnectForm {...props} onCancel={close} />
      </DialogContent>
    </Dialog>
  );
}

function DisconnectForm({ assets, path, refusal, onCancel }: DisconnectProps & { onCancel?: () => void }) {
  const choices = [
    {
      value: "keep",
      title: `Keep ${count(assets, "asset")} as they are`,
      text: "They stay with their clients and are not updated any more.",
    },
    {
      value: "retire",
      title: "Mark them as no longer managed",
      text: "They are shown as gone, with today's date and this reason. Nothing is deleted.",
    },
  ];
  return (
    <PostForm intent="disconnect" action={`${path}?index`}>
      <p className="text-sm text-ink-muted">
        The API key and the webhook secret are removed, and a sync under way is cancelled. Groups, mappings
        and history stay: a new key takes them up again.
      </p>
      <fieldset className="mt-4 space-y-2">
        <legend className="mb-2 text-sm font-medium">What happens with the assets?</legend>
        {choices.map((choice, index) => (
          <label
            key={choice.value}
            className="flex cursor-pointer items-start gap-3 rounded-md border border-line p-3 hover:bg-sunken/60 has-checked:border-accent has-checked:bg-accent-soft/40"
          >
            <input
              type="radio"
              name="assets"
              value={choice.value}
              defaultChecked={index === 0}
              className="mt-0.5 size-4 accent-accent"
            />
            <span className="text-sm">
              <span className="block font-medium">{choice.title}</span>
              <span className="block text-ink-muted">{choice.text}</span>
            </span>
          </label>
        ))}
        {refusal?.errors.assets !== undefined && (
          <p className="text-sm text-bad" role="alert">
            {refusal.errors.assets}
          </p>
        )}
      </fieldset>
      <DialogActions>
        {onCancel === undefined ? (
          <ButtonLink to={path}>Cancel</ButtonLink>
        ) : (
          <Button onClick={onCancel}>Cancel</Button>
        )}
        <SubmitButton intent="disconnect" variant="danger">
          Disconnect
        </SubmitButton>
      </DialogActions>
    </PostForm>
  );
}
