/** The answer is larger than any page of Level. `head` is its beginning. */
export class BodyTooLargeError extends Error {
  override readonly name = "BodyTooLargeError";

  constructor(readonly head: string) {
    super("the body is too large");
  }
}

const HEAD_BYTES = 64 * 1024;

/**
 * The body as text. Stops reading at `maxBytes` (counted after decompression).
 * @throws BodyTooLargeError if the body is longer
 */
export async function readBody(
  body: ReadableStream<Uint8Array> | null | undefined,
  maxBytes: number,
): Promise<string> {
  if (!body) return "";
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    size += read.value.byteLength;
    if (size > maxBytes) {
      await reader.cancel().catch(() => undefined);
      throw new BodyTooLargeError(headOf([...chunks, read.value]));
    }
    chunks.push(read.value);
  }
  return new TextDecoder().decode(Buffer.concat(chunks, size));
}

function headOf(chunks: Uint8Array[]): string {
  const head: Uint8Array[] = [];
  for (let size = 0, at = 0; size < HEAD_BYTES && at < chunks.length; at++) {
    const part = chunks[at]!.subarray(0, HEAD_BYTES - size);
    head.push(part);
    size += part.byteLength;
  }
  return new TextDecoder().decode(Buffer.concat(head));
}
