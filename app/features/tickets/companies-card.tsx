import type { SerializeFrom } from "@remix-run/node";

import { Card, CardBody, CardFooter, CardHeader } from "~/ui/card";
import { Field, Input, Textarea } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import { Table, Td, Th, Tr } from "~/ui/table";

import type { CompaniesPage } from "./companies.server";
import type { TicketCompany } from "./ticket-port";

export interface CompaniesCardProps {
  clients: SerializeFrom<CompaniesPage>["clients"];
  /** The companies that the ticket system listed, if it was just asked. */
  companies: readonly TicketCompany[];
  csvHref: string;
}

const LIST = "companies";

/** The ids of clients in a ticket system. A person types them, or picks them by name once the system was asked. */
export const CompaniesCard = ({ clients, companies, csvHref }: CompaniesCardProps) => (
  <Card>
    <CardHeader
      title="Clients"
      description={
        companies.length === 0
          ? "The id of each client's company in the ticket system. Leave it empty to use the company in the settings."
          : "Type a part of a company's name in a field, and pick it from the list."
      }
      actions={
        <PostForm intent="list" preventScrollReset>
          <SubmitButton intent="list" variant="secondary" size="sm">
            Get its list of companies
          </SubmitButton>
        </PostForm>
      }
    />
    <datalist id={LIST}>
      {companies.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </datalist>
    <PostForm
      intent="save"
      stored={clients.map(({ companyId }) => companyId ?? "").join()}
      preventScrollReset
    >
      <Table label="Clients and their companies">
        <thead>
          <tr>
            <Th>Client</Th>
            <Th>Company in the ticket system</Th>
          </tr>
        </thead>
        <tbody>
          {clients.map(({ id, name, companyId }) => (
            <Tr key={id}>
              <Td className="min-w-32 wrap-anywhere">{name}</Td>
              <Td className="w-56">
                <Input
                  name={`company:${id}`}
                  aria-label={`Company of ${name}`}
                  defaultValue={companyId ?? ""}
                  list={LIST}
                  maxLength={100}
                  autoComplete="off"
                />
                <span className="text-xs text-ink-faint">
                  {companies.find((one) => one.id === companyId)?.name}
                </span>
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      <CardFooter>
        <SubmitButton intent="save">Save</SubmitButton>
        <a href={csvHref} className="text-sm text-accent hover:underline">
          Download as CSV
        </a>
      </CardFooter>
    </PostForm>
  </Card>
);

export const CompaniesImport = ({
  error,
  typed,
}: {
  error: string | undefined;
  typed: string | undefined;
}) => (
  <Card>
    <PostForm intent="import" preventScrollReset>
      <CardHeader
        title="From a CSV"
        description="Paste what you downloaded and filled in. Clients that it leaves out stay as they are."
      />
      <CardBody>
        <Field label="Rows" error={error} hint="The first line names the columns: client, company_id.">
          <Textarea name="csv" rows={5} spellCheck={false} autoComplete="off" required defaultValue={typed} />
        </Field>
      </CardBody>
      <CardFooter>
        <SubmitButton intent="import" variant="secondary">
          Import
        </SubmitButton>
      </CardFooter>
    </PostForm>
  </Card>
);
