/** Above this many bytes of unwanted body, the server drops the connection. */
const MAX_DISCARDED_BYTES = 32 * 1024 * 1024;

/**
 * Reads and discards the rest of a request's body after the response, for example of a request refused for its size. A
 * browser reads the response only after it has sent everything, so the connection would hang.
 * @type {import("express").RequestHandler}
 */
export function discardUnreadBody(request, response, next) {
  response.once("finish", () => {
    if (request.readableEnded || request.destroyed) return;
    // The previous reader pauses the stream as soon as nobody consumes its data.
    request.removeAllListeners("data");
    let left = MAX_DISCARDED_BYTES;
    request.on("data", (chunk) => {
      left -= chunk.length;
      if (left < 0) request.destroy();
    });
    request.resume();
  });
  next();
}
