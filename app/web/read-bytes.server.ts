/** Read to the end and thrown away, so that the sender gets the answer instead of a reset connection. */
const MAX_DRAINED_BYTES = 32 * 1024 * 1024;

/**
 * Reads a body with a cap on its size, counted while it streams; null when it is larger.
 * @throws when the sender breaks off
 */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | null> {
  // A declared size is refused before a byte of the body is touched: the server then discards the rest itself.
  if (Number(request.headers.get("Content-Length") ?? 0) > maxBytes) return null;
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
  if (total > maxBytes) return null;
  const bytes = new Uint8Array(total);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
