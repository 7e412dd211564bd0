/** Largest body of a form. CSV imports included: about 20,000 client names. */
export const MAX_FORM_BYTES = 1024 * 1024;

/** Read to the end and thrown away, so that the sender gets the answer instead of a reset connection. */
const MAX_DRAINED_BYTES = 32 * 1024 * 1024;

/**
 * Reads a form with a cap on its size.
 * @throws Response 413 when it is larger, 415 when it is no form, 400 when it cannot be read
 */
export async function readForm(request: Request, maxBytes = MAX_FORM_BYTES): Promise<FormData> {
  const type = request.headers.get("Content-Type") ?? "";
  if (!/^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(type)) {
    throw new Response("This address takes a form.", { status: 415, statusText: "Unsupported Media Type" });
  }
  // A declared size is refused before a byte of the body is touched: the server then discards the rest itself.
  if (Number(request.headers.get("Content-Length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const bytes = await readCapped(request, maxBytes);
  try {
    return await new Response(bytes, { headers: { "Content-Type": type } }).formData();
  } catch {
    throw new Response("The form could not be read.", { status: 400, statusText: "Bad Request" });
  }
}

async function readCapped(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  if (request.body !== null) {
    const reader = request.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      total += value.byteLength;
      if (total <= maxBytes) chunks.push(value);
      if (total > MAX_DRAINED_BYTES) break;
    }
  }
  if (total > maxBytes) throw tooLarge(maxBytes);
  const bytes = new Uint8Array(total);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
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
