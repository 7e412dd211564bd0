import { Link } from "@remix-run/react";

import { Badge, type Tone } from "~/ui/badge";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { CopyButton } from "~/ui/copy-button";
import { Table, Td, Th, Tr } from "~/ui/table";

import type { ReferenceEntry, ReferenceField, ReferencePage } from "./reference.page.server";

const tones: Record<string, Tone> = { GET: "info", POST: "good", DELETE: "bad" };

export const MethodBadge = ({ method }: { method: string }) => (
  <Badge tone={tones[method] ?? "warn"} className="font-mono">
    {method}
  </Badge>
);

/** The operations of one kind, each with a link to its page. */
export const ReferenceGroup = ({ tag, entries }: { tag: string; entries: ReferenceEntry[] }) => (
  <Card>
    <CardHeader title={tag} />
    <ul>
      {entries.map(({ id, method, path, summary, scope }) => (
        <li
          key={id}
          className="flex flex-wrap items-baseline gap-x-3 gap-y-1 border-t border-line px-4 py-2 text-sm"
        >
          <span className="w-16 shrink-0">
            <MethodBadge method={method} />
          </span>
          <Link to={`/settings/api/${id}`} className="min-w-0 font-medium wrap-anywhere hover:underline">
            {summary}
          </Link>
          <code className="min-w-0 font-mono text-xs break-all text-ink-muted">{path}</code>
          <span className="ml-auto text-xs text-ink-faint">{scope}</span>
        </li>
      ))}
    </ul>
  </Card>
);

/** The input, answer and refusals of an operation, with examples. */
export const ReferenceDetail = ({ page }: { page: ReferencePage }) => {
  const { description, parameters, body, answer, refusals, samples } = page;
  return (
    <div className="space-y-5">
      <Card>
        <CardHeader title="Examples" description={<Prose text={description} />} />
        <CardBody className="space-y-4">
          {samples.map(({ label, source }) => (
            <figure key={label}>
              <figcaption className="mb-1.5 flex items-center justify-between gap-2 text-xs text-ink-muted">
                {label}
                <CopyButton text={source} label={`Copy the example: ${label}`} />
              </figcaption>
              <pre
                tabIndex={0}
                aria-label={label}
                className="overflow-x-auto rounded-md bg-sunken px-3 py-2 font-mono text-xs text-ink"
              >
                {source}
              </pre>
            </figure>
          ))}
        </CardBody>
      </Card>
      {parameters.length > 0 && (
        <Card>
          <CardHeader title="Parameters" />
          <FieldTable label="Parameters" fields={parameters.map((one) => ({ ...one, more: one.place }))} />
        </Card>
      )}
      {body.length > 0 && (
        <Card>
          <CardHeader title="Body" description="JSON" />
          <FieldTable label="Body" fields={body} />
        </Card>
      )}
      <Card>
        <CardHeader
          title={`Answer: ${answer.status}`}
          description={`${answer.description}.${answer.isCsvToo ? " Also as CSV, with Accept: text/csv." : ""}`}
        />
        <FieldTable label="Answer" fields={answer.fields} />
      </Card>
      <Card>
        <CardHeader title="Otherwise" description="Refusals are problem documents (RFC 9457) with a code." />
        <CardBody>
          <dl className="space-y-1 text-sm">
            {refusals.map((refusal) => (
              <div key={refusal.status} className="flex gap-3">
                <dt className="w-10 shrink-0 font-mono text-xs leading-5">{refusal.status}</dt>
                <dd className="min-w-0 text-ink-muted">
                  <Prose text={refusal.description} />
                </dd>
              </div>
            ))}
          </dl>
        </CardBody>
      </Card>
    </div>
  );
};

const FieldTable = ({ label, fields }: { label: string; fields: (ReferenceField & { more?: string })[] }) => (
  <Table label={label}>
    <thead>
      <tr>
        <Th>Name</Th>
        <Th>Type</Th>
        <Th>Meaning</Th>
      </tr>
    </thead>
    <tbody>
      {fields.map(({ name, type, isRequired, description, more }) => (
        <Tr key={`${more} ${name}`}>
          <Td className="align-top">
            <code className="font-mono text-xs text-ink">{name}</code>
            <span className="block text-xs text-ink-faint">
              {[more, isRequired ? "required" : undefined].filter(Boolean).join(", ")}
            </span>
          </Td>
          <Td className="max-w-72 min-w-32 align-top text-xs text-ink-muted">{type}</Td>
          <Td className="min-w-48 align-top">
            <Prose text={description} />
          </Td>
        </Tr>
      ))}
    </tbody>
  </Table>
);

/** A text of the document, with the parts between backticks as code. */
const Prose = ({ text }: { text: string }) => (
  <>
    {text.split("`").map((part, at) =>
      at % 2 === 0 ? (
        part
      ) : (
        <code key={at} className="font-mono text-xs text-ink">
          {part}
        </code>
      ),
    )}
  </>
);
