import { json, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { guarded, guardedIntents, notFound, permits } from "~/auth/guard.server";
import { mcpForm, newTokenForm, tokenForm, tokenScopes } from "~/features/api-tokens/forms.server";
import { McpCard } from "~/features/api-tokens/mcp-card";
import { readMcpSetting, switchMcp } from "~/features/api-tokens/mcp-setting.server";
import { TokenForm, TokenNotice } from "~/features/api-tokens/token-form";
import { TokenTable } from "~/features/api-tokens/token-table";
import {
  createApiToken,
  endApiToken,
  managesTokens,
  readApiTokens,
} from "~/features/api-tokens/tokens.server";
import { done, parseForm, problem, refused } from "~/platform/http/form.server";
import { ButtonLink } from "~/ui/button";
import { Card, CardHeader } from "~/ui/card";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "API tokens · Plumbline" }];

const HERE = "/settings/tokens";

export const loader = /* @__PURE__ */ guarded({ permission: "account:self" }, async (context) => ({
  tokens: await readApiTokens(context),
  isManager: managesTokens(context.user),
  now: context.app.clock().toISOString(),
  apiUrl: `${context.app.config.publicUrl}/api/v1`,
  mcp: {
    isEnabled: await readMcpSetting(context),
    address: `${context.app.config.publicUrl}/api/mcp`,
    isManager: permits(context, { permission: "people:manage" }),
  },
}));

export const action = /* @__PURE__ */ guardedIntents({
  create: {
    permission: "account:self",
    run: async (context) => {
      const { form } = context;
      const parsed = parseForm(newTokenForm, form);
      if (!parsed.ok) return refused(parsed.problem);
      const scopes = tokenScopes.safeParse(form.getAll("scope"));
      if (!scopes.success) return refused(problem(form, { scope: "Choose what the token may do." }));
      const outcome = await createApiToken(context, { ...parsed.data, scopes: scopes.data });
      switch (outcome.state) {
        case "not_allowed":
          return refused(problem(form, { kind: "Only administrators make tokens for programs." }), 403);
        case "too_many":
          return refused(
            problem(form, { form: "You have 50 tokens already. Revoke those not in use." }),
            409,
          );
        case "created":
          // Shows the token, once, to the person who made it.
          return json({ made: { name: parsed.data.name, token: outcome.token } });
      }
    },
  },
  revoke: {
    permission: "account:self",
    run: async (context) => {
      const parsed = parseForm(tokenForm, context.form);
      const name = parsed.ok ? await endApiToken(context, parsed.data.token) : null;
      if (name === null) throw notFound("This token does not exist or was removed.");
      return done(HERE, `“${name}” is revoked: programs that use it are refused from now on.`);
    },
  },
  "switch-mcp": {
    permission: "people:manage",
    run: async (context) => {
      const parsed = parseForm(mcpForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const isOn = parsed.data.to === "on";
      await switchMcp(context, isOn);
      return done(
        HERE,
        isOn ? "AI assistants can use API tokens now." : "AI assistants are refused from now on.",
      );
    },
  },
});

export default function TokensPage() {
  const { tokens, isManager, now, apiUrl, mcp } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const refusal = answer !== undefined && "errors" in answer ? answer : undefined;
  const made = answer !== undefined && "made" in answer ? answer.made : undefined;
  return (
    <>
      <PageHeader
        title="API tokens"
        description="Keys for scripts and other programs. A token may never do more than its owner, and ends with them."
        actions={
          <ButtonLink to="/settings/api" variant="secondary">
            API reference
          </ButtonLink>
        }
      />
      <div className="space-y-5">
        {made !== undefined && <TokenNotice {...made} apiUrl={apiUrl} />}
        <Card>
          <TokenTable tokens={tokens} showsOwners={isManager} now={now} />
        </Card>
        <Card>
          <CardHeader title="New token" description="It is shown once, when you make it." />
          <TokenForm refusal={refusal} made={made?.token} isManager={isManager} />
        </Card>
        <McpCard {...mcp} />
      </div>
    </>
  );
}
