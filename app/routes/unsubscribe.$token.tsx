import { json, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData, useNavigation } from "@remix-run/react";

import { open } from "~/auth/guard.server";
import { readUnsubscribing, stopNotices } from "~/features/notifications/own-notices.server";
import { personOfToken } from "~/features/notifications/unsubscribe-link.server";
import { BadLink } from "~/ui/bad-link";
import { Button } from "~/ui/button";
import { PostForm } from "~/ui/form";
import { FrontPage } from "~/ui/front-page";

export const meta: MetaFunction = () => [{ title: "Unsubscribe · Plumbline" }];

const badLink = {
  title: "This link does not work",
  text: "It is incomplete, or its account no longer exists. Sign in to choose what you are sent, under Account.",
};

/** Only shows the button, because mail programs open links to check them. */
export const loader = /* @__PURE__ */ open("the signature is what lets in", async ({ app, params }) => {
  const person = personOfToken(app.notify.linkKeys, params["token"]);
  const reader = person === null ? null : await readUnsubscribing(app.db, person);
  return json({ email: reader?.email ?? null });
});

/** Also answers `List-Unsubscribe-Post` (RFC 8058), which follows no redirect. */
export const action = /* @__PURE__ */ open("the signature is what lets in", async ({ app, params, ip }) => {
  const person = personOfToken(app.notify.linkKeys, params["token"]);
  const isDone = person !== null && (await stopNotices(app.notify, person, ip));
  return json({ isDone }, { status: isDone ? 200 : 404 });
});

export default function UnsubscribePage() {
  const { email } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const busy = useNavigation().formMethod === "POST";
  if (email === null) return <BadLink {...badLink} />;
  if (answer?.isDone === true)
    return (
      <FrontPage title="Unsubscribed">
        <p className="text-sm text-ink-muted">
          Plumbline sends {email} no notices any more. Sign in to choose otherwise, under Account.
        </p>
      </FrontPage>
    );
  return (
    <FrontPage title="Unsubscribe" description={`${email} is then sent no notices by Plumbline.`}>
      <PostForm>
        <Button type="submit" variant="primary" size="lg" className="w-full" busy={busy}>
          Unsubscribe
        </Button>
      </PostForm>
    </FrontPage>
  );
}
