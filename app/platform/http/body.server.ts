import { readBytes } from "./read-bytes.server";

/** The most bytes of a form, CSV imports included: about 20,000 client names. */
const MAX_FORM_BYTES = 1024 * 1024;

/**
 * Reads a form with a limit on its size.
 * @throws Response 413 if the body is larger, 415 if it is not a form, 400 if it cannot be read
 */
export async function readForm(request: Request, maxBytes = MAX_FORM_BYTES): Promise<FormData> {
  const type = request.headers.get("Content-Type") ?? "";
  if (!/^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(type)) {
    throw new Response("This address takes a form.", { status: 415, statusText: "Unsupported Media Type" });
  }
  const bytes = await readBytes(request, maxBytes);
  if (bytes === null) throw tooLarge(maxBytes);
  try {
    return await new Response(bytes, { headers: { "Content-Type": type } }).formData();
  } catch {
    throw new Response("The form could not be read.", { status: 400, statusText: "Bad Request" });
  }
}

function tooLarge(maxBytes: number): Response {
  const megabytes = Math.round((maxBytes / 1024 / 1024) * 10) / 10;
  return new Response(
    `What was sent is too large: a form may have ${megabytes} MB at most. Nothing was changed.`,
    {
      status: 413,
      statusText: "Content Too Large",
    },
  );
}
