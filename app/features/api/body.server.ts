import { readBytes } from "~/platform/http/read-bytes.server";

import { ApiProblem } from "./base/problem";

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * The bytes of a JSON body.
 * @throws ApiProblem if its content type is not JSON, or it is too large
 */
export async function readJsonBytes(
  request: Request,
  limit = MAX_BODY_BYTES,
): Promise<Uint8Array<ArrayBuffer>> {
  const type = request.headers.get("Content-Type") ?? "";
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(type)) {
    throw new ApiProblem("unsupported_media_type", "Send the body as application/json.");
  }
  const bytes = await readBytes(request, limit);
  if (bytes === null) {
    const message = `A body may have ${limit / MAX_BODY_BYTES} MB at most. Nothing was changed.`;
    throw new ApiProblem("too_large", message);
  }
  return bytes;
}

/**
 * Parses JSON.
 * @throws ApiProblem if the bytes are not JSON
 */
export function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new ApiProblem("invalid_request", "The body is no JSON.");
  }
}
