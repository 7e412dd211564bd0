import { json, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { guarded, guardedIntents, type Context } from "~/auth/guard.server";
import {
  importColumns,
  importFile,
  importForm,
  importKinds,
  planImport,
} from "~/features/clients/csv.server";
import { importNouns } from "~/features/clients/import-labels";
import { FileProblems, ImportRows } from "~/features/clients/import-result";
import { decodeText } from "~/platform/http/csv.server";
import { parseForm, problem, refused } from "~/platform/http/form.server";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardFooter } from "~/ui/card";
import { Field, Input, Select } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "Import from CSV · Plumbline" }];

export const loader = /* @__PURE__ */ guarded({ permission: "clients:write" }, async ({ url }) => {
  const wanted = url.searchParams.get("kind");
  return {
    kind: importKinds.find((kind) => kind === wanted) ?? "client",
    kinds: importKinds.map((kind) => ({ kind, columns: importColumns(kind).join(", ") })),
  };
});

/** The text of the uploaded file, its kind, and the version of the preview; or the refusal of the form. */
async function fileOf({ form }: Context) {
  const parsed = parseForm(importForm, form);
  if (!parsed.ok) return { refusal: refused(parsed.problem) };
  const file = form.get("file");
  if (file === null || typeof file === "string" || file.size === 0)
    return { refusal: refused(problem(form, { file: "Choose a CSV file." })) };
  return { ...parsed.data, text: decodeText(new Uint8Array(await file.arrayBuffer())) };
}

export const action = /* @__PURE__ */ guardedIntents({
  preview: {
    permission: "clients:write",
    run: async (context) => {
      const sent = await fileOf(context);
      if ("refusal" in sent) return sent.refusal!;
      const outcome = await planImport(context, sent.kind, sent.text);
      return json(outcome, outcome.state === "unreadable" ? 422 : 200);
    },
  },
  import: {
    permission: "clients:write",
    run: async (context) => {
      const sent = await fileOf(context);
      if ("refusal" in sent) return sent.refusal!;
      const outcome = await importFile(context, sent.kind, sent.text, sent.version);
      if (outcome.state === "taken")
        return refused(
          problem(context.form, { form: "Somebody took one of these names meanwhile. Nothing was changed." }),
          409,
        );
      return json(outcome, { imported: 200, stale: 409, has_errors: 422, unreadable: 422 }[outcome.state]);
    },
  },
});

const notices = {
  stale: "This is not what was previewed: nothing was changed. Look at it again.",
  has_errors: "Nothing was changed: fix the rows with errors in the file, and preview it again.",
};

export default function ImportPage() {
  const { kind, kinds } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const errors = answer !== undefined && "errors" in answer ? answer.errors : {};
  const outcome = answer !== undefined && "state" in answer ? answer : undefined;
  const plan = outcome !== undefined && "plan" in outcome ? outcome.plan : undefined;
  const isDone = outcome?.state === "imported";
  const mayImport = plan !== undefined && !isDone && plan.counts.error === 0;
  return (
    <>
      <PageHeader
        back={{ to: "/clients", label: "Clients" }}
        title="Import from CSV"
        description="A row is new, or changes what has its name. Either all rows are imported or none."
      />
      {errors["form"] !== undefined && (
        <Callout tone="bad" alert className="mb-5">
          {errors["form"]}
        </Callout>
      )}
      {outcome?.state === "unreadable" && <FileProblems problems={outcome.problems} />}
      {(outcome?.state === "stale" || outcome?.state === "has_errors") && (
        <Callout tone="warn" alert className="mb-5">
          {notices[outcome.state]}
        </Callout>
      )}
      {isDone && (
        <Callout tone="good" alert className="mb-5">
          The file is imported.
        </Callout>
      )}
      <Card className="mb-5 max-w-2xl">
        <PostForm encType="multipart/form-data" preventScrollReset>
          <CardBody className="space-y-4 pt-4">
            <input type="hidden" name="version" value={plan?.version ?? ""} />
            <Field
              label="The file has"
              error={errors["kind"]}
              hint={
                <>
                  {kinds.map((one) => (
                    <span key={one.kind} className="block">
                      {importNouns[one.kind]}: {one.columns}
                    </span>
                  ))}
                </>
              }
            >
              <Select name="kind" defaultValue={kind}>
                {kinds.map((one) => (
                  <option key={one.kind} value={one.kind}>
                    {importNouns[one.kind]}
                  </option>
                ))}
              </Select>
            </Field>
            <Field
              label="CSV file"
              error={errors["file"]}
              hint="The first line names the columns. A column that is left out leaves what is stored. At most 1 MB."
            >
              <Input
                name="file"
                type="file"
                accept=".csv,text/csv"
                required
                className="h-auto py-1 text-xs file:mr-3 file:rounded file:bg-sunken file:px-2 file:py-1 file:font-medium"
              />
            </Field>
          </CardBody>
          <CardFooter>
            <SubmitButton name="intent" value="preview" variant={mayImport ? "secondary" : "primary"}>
              Preview
            </SubmitButton>
            {mayImport && (
              <SubmitButton name="intent" value="import">
                Import
              </SubmitButton>
            )}
          </CardFooter>
        </PostForm>
      </Card>
      {plan !== undefined && <ImportRows plan={plan} isDone={isDone} />}
    </>
  );
}
