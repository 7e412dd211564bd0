import type { HttpConfig } from "./http-config";

/** A helpdesk or PSA with a documented API: what a person enters, and the requests that follow from it. */
export interface TicketPreset {
  label: string;
  addressLabel: string;
  addressExample: string;
  fields: { name: string; label: string; hint?: string; value?: string; isOptional?: boolean }[];
  secrets: { name: string; label: string }[];
  requests: Omit<HttpConfig, "preset" | "address" | "fields">;
}

const priority = (words: Record<"critical" | "major" | "moderate" | "other", string>): string =>
  `{{#is.critical}}${words.critical}{{/is.critical}}{{#is.major}}${words.major}{{/is.major}}{{#is.moderate}}${words.moderate}{{/is.moderate}}{{#is.minor}}${words.other}{{/is.minor}}{{#is.none}}${words.other}{{/is.none}}`;

const none = {
  headers: {},
  auth: { kind: "none" },
  keyHeader: "",
  numberPath: "",
  link: "",
  find: null,
  comment: null,
  close: null,
  test: null,
  companies: null,
} as const;

/** Text that is left out of the body if the person's value is empty. */
const whenSet = (field: string, text: string) => `{{#field.${field}}}${text}{{/field.${field}}}`;

/** The id of the client in that system, otherwise the one for all clients; left out if there is neither. */
const company = (field: string, text: (id: string) => string) =>
  `{{#client.companyId}}${text("{{client.companyId}}")}{{/client.companyId}}{{^client.companyId}}${whenSet(field, text(`{{field.${field}}}`))}{{/client.companyId}}`;

/** A helpdesk that turns e-mails into tickets. It needs an address and nothing else. */
export const emailPreset: Omit<TicketPreset, "requests"> = {
  label: "E-mail to a ticket address",
  addressLabel: "Address of the helpdesk",
  addressExample: "helpdesk@example.com",
  fields: [],
  secrets: [],
};

export const ticketPresets = {
  // https://halopsa.com/apidoc and the swagger page of each instance: /auth/token takes client credentials. Tickets and
  // actions are posted as lists, and the answer is the created one.
  halopsa: {
    label: "HaloPSA",
    addressLabel: "Address of your HaloPSA",
    addressExample: "https://example.halopsa.com",
    fields: [
      { name: "clientId", label: "Client ID of the API application" },
      {
        name: "customerId",
        label: "Client that tickets belong to",
        hint: "Its number in HaloPSA",
        isOptional: true,
      },
      { name: "ticketTypeId", label: "Ticket type", hint: "Its number in HaloPSA", isOptional: true },
      {
        name: "closedStatusId",
        label: "Status of a closed ticket",
        value: "9",
        hint: "Its number in HaloPSA",
      },
      { name: "noteOutcome", label: "Outcome of a note", value: "Private Note" },
    ],
    secrets: [{ name: "clientSecret", label: "Client secret of the API application" }],
    requests: {
      ...none,
      auth: {
        kind: "oauth2",
        tokenAddress: "{{address}}/auth/token",
        clientId: "{{field.clientId}}",
        scope: "all",
      },
      open: {
        method: "POST",
        path: "/api/Tickets",
        body: `[{"summary": "{{summary}}", "details": "{{description}}"${company("customerId", (id) => `, "client_id": ${id}`)}${whenSet("ticketTypeId", ', "tickettype_id": {{field.ticketTypeId}}')}}]`,
      },
      idPath: "id",
      link: "/tickets?id={{id}}",
      find: {
        method: "GET",
        path: "/api/Tickets?search={{reference}}&count=50",
        body: "",
        listPath: "tickets",
        idPath: "id",
        numberPath: "",
        pageSize: 50,
      },
      comment: {
        method: "POST",
        path: "/api/Actions",
        body: '[{"ticket_id": {{id}}, "outcome": "{{field.noteOutcome}}", "note": "{{text}}", "hiddenfromuser": true}]',
      },
      close: {
        method: "POST",
        path: "/api/Tickets",
        body: '[{"id": {{id}}, "status_id": {{field.closedStatusId}}}]',
      },
      test: { method: "GET", path: "/api/Tickets?count=1", body: "" },
      companies: {
        method: "GET",
        path: "/api/Client?count=5000",
        body: "",
        listPath: "clients",
        idPath: "id",
        namePath: "name",
      },
    },
  },
  // https://developer.connectwise.com/Products/ConnectWise_PSA/REST: Basic `company+public key:private key`, and the
  // integration's id in `clientId`. `PATCH` takes JSON Patch. A page has at most 1,000 rows.
  connectwise: {
    label: "ConnectWise PSA",
    addressLabel: "Address of the API",
    addressExample: "https://api-na.myconnectwise.net/v4_6_release/apis/3.0",
    fields: [
      { name: "login", label: "Company ID that you sign in with" },
      { name: "publicKey", label: "Public key" },
      { name: "clientId", label: "Client ID of the integration", hint: "From the developer network" },
      {
        name: "company",
        label: "Company that tickets belong to",
        hint: "Its identifier, such as XYZTestCompany",
      },
      { name: "board", label: "Service board", isOptional: true },
      { name: "closedStatus", label: "Status of a closed ticket", value: "Closed" },
      {
        name: "site",
        label: "Host that you sign in at",
        hint: "For links, such as na.myconnectwise.net",
        value: "na.myconnectwise.net",
      },
    ],
    secrets: [{ name: "privateKey", label: "Private key" }],
    requests: {
      ...none,
      headers: { clientId: "{{field.clientId}}" },
      auth: { kind: "basic", user: "{{field.login}}+{{field.publicKey}}", password: "{{secret.privateKey}}" },
      open: {
        method: "POST",
        path: "/service/tickets",
        body: `{"summary": "{{summary}}", "initialDescription": "{{description}}", "company": {"identifier": "${company("company", (id) => id)}"}${whenSet("board", ', "board": {"name": "{{field.board}}"}')}}`,
      },
      idPath: "id",
      link: "https://{{field.site}}/v4_6_release/services/system_io/Service/fv_sr100_request.rails?service_recid={{id}}",
      find: {
        method: "GET",
        path: "/service/tickets?conditions=summary%20contains%20%22{{reference}}%22&fields=id,summary",
        body: "",
        listPath: "",
        idPath: "id",
        numberPath: "",
        pageSize: 0,
      },
      comment: {
        method: "POST",
        path: "/service/tickets/{{id}}/notes",
        body: '{"text": "{{text}}", "detailDescriptionFlag": false, "internalAnalysisFlag": true, "resolutionFlag": false}',
      },
      close: {
        method: "PATCH",
        path: "/service/tickets/{{id}}",
        body: '[{"op": "replace", "path": "status", "value": {"name": "{{field.closedStatus}}"}}]',
      },
      test: { method: "GET", path: "/service/tickets?pageSize=1&fields=id", body: "" },
      companies: {
        method: "GET",
        path: "/company/companies?fields=identifier,name&pageSize=1000&orderBy=name%20asc",
        body: "",
        listPath: "",
        idPath: "identifier",
        namePath: "name",
      },
    },
  },
  // https://autotask.net/help/developerhelp/content/apis/REST/Entities/TicketsEntity.htm and TicketNotesEntity.htm:
  // three headers authenticate, `PATCH` changes the fields that it names, and notes are created below their ticket.
  autotask: {
    label: "Autotask PSA",
    addressLabel: "Address of the API of your zone",
    addressExample: "https://webservices5.autotask.net/atservicesrest/v1.0",
    fields: [
      { name: "user", label: "User name of the API user" },
      { name: "integrationCode", label: "Tracking identifier (API integration code)" },
      { name: "companyId", label: "Company that tickets belong to", hint: "Its number in Autotask" },
      { name: "queueId", label: "Queue", hint: "Its number in Autotask", isOptional: true },
      { name: "openStatus", label: "Status of a new ticket", value: "1", hint: "Its number in Autotask" },
      {
        name: "closedStatus",
        label: "Status of a complete ticket",
        value: "5",
        hint: "Its number in Autotask",
      },
      { name: "site", label: "Host that you sign in at", hint: "For links", value: "ww5.autotask.net" },
    ],
    secrets: [{ name: "secret", label: "Secret (password) of the API user" }],
    requests: {
      ...none,
      headers: {
        ApiIntegrationCode: "{{field.integrationCode}}",
        UserName: "{{field.user}}",
        Secret: "{{secret.secret}}",
      },
      open: {
        method: "POST",
        path: "/Tickets",
        body: `{"title": "{{summary}}", "description": "{{description}}", "companyID": ${company("companyId", (id) => id)}, "status": {{field.openStatus}}, "priority": ${priority({ critical: "4", major: "1", moderate: "2", other: "3" })}${whenSet("queueId", ', "queueID": {{field.queueId}}')}}`,
      },
      idPath: "itemId",
      link: "https://{{field.site}}/Mvc/ServiceDesk/TicketDetail.mvc?ticketId={{id}}",
      find: {
        method: "POST",
        path: "/Tickets/query",
        body: '{"MaxRecords": 50, "filter": [{"op": "contains", "field": "title", "value": "{{reference}}"}]}',
        listPath: "items",
        idPath: "id",
        numberPath: "ticketNumber",
        pageSize: 0,
      },
      comment: {
        method: "POST",
        path: "/Tickets/{{id}}/Notes",
        body: '{"title": "Plumbline", "description": "{{text}}", "noteType": 1, "publish": 1}',
      },
      close: { method: "PATCH", path: "/Tickets", body: '{"id": {{id}}, "status": {{field.closedStatus}}}' },
      test: {
        method: "POST",
        path: "/Tickets/query",
        body: '{"MaxRecords": 1, "filter": [{"op": "gte", "field": "id", "value": 0}]}',
      },
      companies: {
        method: "POST",
        path: "/Companies/query",
        body: '{"MaxRecords": 500, "IncludeFields": ["id", "companyName"], "filter": [{"op": "eq", "field": "isActive", "value": true}]}',
        listPath: "items",
        idPath: "id",
        namePath: "companyName",
      },
    },
  },
  // https://github.com/itflow-org/itflow, api/v1: the key is in the body of a POST and in the query of a GET. A write
  // names the ticket's client. Replies exist since 26.08. The list of tickets begins with the oldest, so none can be
  // searched for.
  itflow: {
    label: "ITFlow",
    addressLabel: "Address of your ITFlow",
    addressExample: "https://itflow.example.com",
    fields: [
      {
        name: "clientId",
        label: "Client that tickets belong to",
        hint: "Its number in ITFlow",
        isOptional: true,
      },
    ],
    secrets: [{ name: "apiKey", label: "API key" }],
    requests: {
      ...none,
      open: {
        method: "POST",
        path: "/api/v1/tickets/create.php",
        body: `{"api_key": "{{secret.apiKey}}", "ticket_subject": "{{summary}}", "ticket_details": "{{description}}", "ticket_priority": "${priority({ critical: "Urgent", major: "High", moderate: "Medium", other: "Low" })}"${company("clientId", (id) => `, "client_id": ${id}`)}}`,
      },
      idPath: "data.0.insert_id",
      link: "/agent/ticket.php?ticket_id={{id}}",
      comment: {
        method: "POST",
        path: "/api/v1/ticket_replies/create.php",
        body: `{"api_key": "{{secret.apiKey}}", "ticket_id": {{id}}, "ticket_reply": "{{text}}", "ticket_reply_type": "Internal"${company("clientId", (id) => `, "client_id": ${id}`)}}`,
      },
      close: {
        method: "POST",
        path: "/api/v1/tickets/resolve.php",
        body: `{"api_key": "{{secret.apiKey}}", "ticket_id": {{id}}${company("clientId", (id) => `, "client_id": ${id}`)}}`,
      },
      test: { method: "GET", path: "/api/v1/tickets/read.php?api_key={{secret.apiKey}}&limit=1", body: "" },
      companies: {
        method: "GET",
        path: "/api/v1/clients/read.php?api_key={{secret.apiKey}}&limit=1000",
        body: "",
        listPath: "data",
        idPath: "client_id",
        namePath: "client_name",
      },
    },
  },
  // https://api.freshservice.com: Basic with the key and any password; tickets, notes and departments below /api/v2.
  freshservice: {
    label: "Freshservice",
    addressLabel: "Address of your Freshservice",
    addressExample: "https://example.freshservice.com",
    fields: [
      { name: "requester", label: "E-mail address of the requester" },
      { name: "workspaceId", label: "Workspace", hint: "Its number in Freshservice", isOptional: true },
      {
        name: "closedStatus",
        label: "Status of a resolved ticket",
        value: "4",
        hint: "4: resolved, 5: closed",
      },
    ],
    secrets: [{ name: "apiKey", label: "API key" }],
    requests: {
      ...none,
      auth: { kind: "basic", user: "{{secret.apiKey}}", password: "X" },
      open: {
        method: "POST",
        path: "/api/v2/tickets",
        body: `{"subject": "{{summary}}", "description": "{{description}}", "email": "{{field.requester}}", "status": 2, "priority": ${priority({ critical: "4", major: "3", moderate: "2", other: "1" })}${whenSet("workspaceId", ', "workspace_id": {{field.workspaceId}}')}{{#client.companyId}}, "department_id": {{client.companyId}}{{/client.companyId}}}`,
      },
      idPath: "ticket.id",
      link: "/a/tickets/{{id}}",
      // The filter cannot search subjects, so the newest tickets are searched.
      find: {
        method: "GET",
        path: `/api/v2/tickets?order_by=created_at&order_type=desc&per_page=100${whenSet("workspaceId", "&workspace_id={{field.workspaceId}}")}`,
        body: "",
        listPath: "tickets",
        idPath: "id",
        numberPath: "",
        pageSize: 100,
      },
      comment: {
        method: "POST",
        path: "/api/v2/tickets/{{id}}/notes",
        body: '{"body": "{{text}}", "private": true}',
      },
      close: { method: "PUT", path: "/api/v2/tickets/{{id}}", body: '{"status": {{field.closedStatus}}}' },
      test: { method: "GET", path: "/api/v2/tickets?per_page=1", body: "" },
      // A company is a department in Freshservice for MSPs.
      companies: {
        method: "GET",
        path: "/api/v2/departments?per_page=100",
        body: "",
        listPath: "departments",
        idPath: "id",
        namePath: "name",
      },
    },
  },
  // https://docs.zammad.org/en/latest/api/intro.html, ticket/index.html and ticket/articles.html: the customer by
  // e-mail address; group, priority and state by name. With `expand`, lists contain names.
  zammad: {
    label: "Zammad",
    addressLabel: "Address of your Zammad",
    addressExample: "https://zammad.example.com",
    fields: [
      { name: "group", label: "Group", value: "Users" },
      {
        name: "customer",
        label: "E-mail address of the customer",
        hint: "A user of Zammad in whose name tickets are opened",
      },
    ],
    secrets: [{ name: "apiKey", label: "Access token" }],
    requests: {
      ...none,
      headers: { Authorization: "Token token={{secret.apiKey}}" },
      open: {
        method: "POST",
        path: "/api/v1/tickets",
        body: `{"title": "{{summary}}", "group": "{{field.group}}", "customer": "${company("customer", (id) => id)}", "priority": "${priority({ critical: "3 high", major: "3 high", moderate: "2 normal", other: "1 low" })}", "article": {"subject": "{{summary}}", "body": "{{description}}", "type": "note", "internal": false}}`,
      },
      idPath: "id",
      numberPath: "number",
      link: "/#ticket/zoom/{{id}}",
      find: {
        method: "GET",
        path: "/api/v1/tickets/search?query=%22{{reference}}%22&expand=true&limit=50",
        body: "",
        listPath: "",
        idPath: "id",
        numberPath: "number",
        pageSize: 50,
      },
      comment: {
        method: "POST",
        path: "/api/v1/ticket_articles",
        body: '{"ticket_id": {{id}}, "body": "{{text}}", "type": "note", "internal": true}',
      },
      close: {
        method: "PUT",
        path: "/api/v1/tickets/{{id}}",
        body: '{"state": "closed", "article": {"body": "{{text}}", "type": "note", "internal": true}}',
      },
      test: { method: "GET", path: "/api/v1/tickets?per_page=1", body: "" },
    },
  },
  custom: {
    label: "Another system with an API",
    addressLabel: "Address of the system",
    addressExample: "https://helpdesk.example.com",
    fields: [],
    secrets: [
      { name: "apiKey", label: "API key" },
      { name: "clientSecret", label: "Client secret (OAuth2)" },
    ],
    requests: {
      ...none,
      headers: { Authorization: "Bearer {{secret.apiKey}}" },
      open: {
        method: "POST",
        path: "/api/tickets",
        body: '{"title": "{{summary}}", "description": "{{description}}"}',
      },
      idPath: "id",
      comment: { method: "POST", path: "/api/tickets/{{id}}/comments", body: '{"text": "{{text}}"}' },
    },
  },
} as const satisfies Record<string, TicketPreset>;

export type PresetName = keyof typeof ticketPresets;

export const presetOf = (name: string): TicketPreset =>
  Object.hasOwn(ticketPresets, name) ? ticketPresets[name as PresetName] : ticketPresets.custom;

/** Whether a text names a preset, the one for e-mails included. */
export const isPreset = (name: string | null): name is PresetName | "email" =>
  name !== null && (name === "email" || Object.hasOwn(ticketPresets, name));

/** How a system of a kind is presented, the kind that gets e-mails included. */
export const shownPreset = (name: string): Omit<TicketPreset, "requests"> =>
  name === "email" ? emailPreset : presetOf(name);
