import type { MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { guarded, guardedIntents, isId, notFound, type Context } from "~/auth/guard.server";
import { readSystemForm } from "~/features/tickets/forms.server";
import { isPreset } from "~/features/tickets/presets";
import { PresetPicker, SystemForm } from "~/features/tickets/system-form";
import { SystemTable, TroubledTable } from "~/features/tickets/system-tables";
import {
  pauseTicketSystem,
  removeTicketSystem,
  saveTicketSystem,
  testTicketSystem,
} from "~/features/tickets/systems.server";
import { readTicketSystems } from "~/features/tickets/ticket-systems.page.server";
import { actorOf } from "~/platform/actor";
import { done, problem, refused } from "~/platform/http/form.server";
import { Callout } from "~/ui/callout";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "Ticket systems · Plumbline" }];

const HERE = "/settings/tickets";
const permission = "integrations:manage";

export const loader = /* @__PURE__ */ guarded({ permission }, async ({ app, tenantId, url }) => {
  const page = await readTicketSystems(app.db, tenantId);
  const id = url.searchParams.get("edit");
  const added = url.searchParams.get("add");
  const edited = page.systems.find((one) => one.id === id) ?? null;
  return { ...page, edited, preset: edited?.preset ?? (isPreset(added) ? added : null) };
});

const noSuchSystem = () => notFound("This ticket system does not exist or was removed.");

/**
 * The tenant's ticket system that a form names.
 * @throws Response 404
 */
function refOf({ tenantId, form }: Context) {
  const id = form.get("id");
  if (!isId(id)) throw noSuchSystem();
  return { tenantId, id };
}

async function pause(context: Context, isPaused: boolean, text: string) {
  const ref = { ...refOf(context), isPaused };
  if (!(await pauseTicketSystem(context.app.sync, ref, actorOf(context)))) throw noSuchSystem();
  return done(HERE, text);
}

export const action = /* @__PURE__ */ guardedIntents({
  save: {
    permission,
    run: async (context) => {
      const { app, tenantId, form } = context;
      const ref = form.get("id") === null ? { tenantId, id: null } : refOf(context);
      const read = readSystemForm(form);
      if (!read.ok) return refused(read.problem);
      const options = { allowPrivate: app.config.allowPrivateWebhooks, actor: actorOf(context) };
      const outcome = await saveTicketSystem(app.sync, ref, read.settings, read.secrets, options);
      if (outcome.state === "unknown") throw noSuchSystem();
      if (outcome.state === "refused") return refused(problem(form, { address: outcome.reason }));
      return done(HERE, "Saved. Test it to see that it answers.");
    },
  },
  pause: {
    permission,
    run: (context) => pause(context, true, "Paused: nothing is sent there until you resume it."),
  },
  resume: {
    permission,
    run: (context) => pause(context, false, "Resumed: what waited is sent now."),
  },
  remove: {
    permission,
    run: async (context) => {
      if (!(await removeTicketSystem(context.app.sync, refOf(context), actorOf(context))))
        throw noSuchSystem();
      return done(HERE, "Removed.");
    },
  },
  test: {
    permission,
    run: async (context) => {
      const { app, form } = context;
      const deps = {
        ...app.sync,
        ...app.tickets,
        mailer: app.notify.mailer,
        publicUrl: app.config.publicUrl,
      };
      const test = await testTicketSystem(deps, refOf(context), actorOf(context));
      if (test.state === "unknown") throw noSuchSystem();
      if (test.state === "failed")
        return refused(problem(form, { test: `The test failed: ${test.reason}.` }));
      return done(HERE, "It answers, and knows who is asking.");
    },
  },
});

export default function TicketSystemsPage() {
  const { systems, troubled, edited, preset } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const refusal = answer !== undefined && "errors" in answer ? answer : undefined;
  const errors = refusal?.errors ?? {};
  return (
    <>
      <PageHeader title="Ticket systems" description="Where incidents become tickets." />
      <div className="space-y-5">
        {errors["test"] !== undefined && (
          <Callout tone="bad" alert>
            {errors["test"]}
          </Callout>
        )}
        {preset !== null && (
          <SystemForm
            key={edited?.id ?? preset}
            preset={preset}
            system={edited}
            errors={errors}
            typed={refusal?.values}
          />
        )}
        {troubled.length > 0 && <TroubledTable troubled={troubled} />}
        {systems.length > 0 && <SystemTable systems={systems} />}
        {preset === null && <PresetPicker />}
      </div>
    </>
  );
}
