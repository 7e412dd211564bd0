import { pipeline, Readable } from "node:stream";
import { createGzip } from "node:zlib";

/**
 * Bytes as a gzipped download, sent as they arrive. An error cuts the download off, and the browser shows it as failed.
 */
export function gzipDownload(
  bytes: AsyncIterable<Buffer>,
  fileName: string,
  onFault: (error: Error) => void,
): Response {
  const packed = pipeline(Readable.from(bytes), createGzip(), (error) => {
    if (error) onFault(error);
  });
  return new Response(Readable.toWeb(packed) as ReadableStream<Uint8Array>, {
    headers: {
      "Content-Type": "application/gzip",
      "Content-Disposition": `attachment; filename="${fileName}"`,
      "Cache-Control": "no-store",
    },
  });
}
