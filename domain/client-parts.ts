/** The sites of a client and its contacts. */
export const clientPartKinds = ["site", "contact"] as const;
export type ClientPartKind = (typeof clientPartKinds)[number];

interface SiteValues {
  name: string;
  address: string | null;
}

interface ContactValues {
  name: string;
  email: string | null;
  phone: string | null;
}

export interface ClientPartValues {
  site: SiteValues;
  contact: ContactValues;
}

/** The fields of each, as forms, files and the API name them. */
export const clientPartFields = {
  site: ["name", "address"],
  contact: ["name", "email", "phone"],
} as const satisfies { [Kind in ClientPartKind]: readonly (keyof ClientPartValues[Kind])[] };

/** The values of a row without its ids, in the order of the form. */
export const partValues = <Kind extends ClientPartKind>(
  kind: Kind,
  row: ClientPartValues[Kind],
): ClientPartValues[Kind] =>
  Object.fromEntries(
    clientPartFields[kind].map((field) => [field, row[field as keyof typeof row]]),
  ) as unknown as ClientPartValues[Kind];

/** The most sites, or contacts, per client: its page lists them all. */
export const MAX_CLIENT_PARTS = 1_000;
