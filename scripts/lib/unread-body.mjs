/** More than this of a body that nobody wants ends the connection instead. */
const MAX_DISCARDED_BYTES = 32 * 1024 * 1024;

/**
 * Reads and throws away what is left of a request's body once it is answered, such as one that is refused for its
 * size. A browser looks at the answer only when it has sent everything, and its connection would stay stuck.
 * @type {import("express").RequestHandler}
 */
export function discardUnreadBody(request, response, next) {
  response.once("finish", () => {
    if (request.readableEnded || request.destroyed) return;
    // Whoever began to read holds the stream back as soon as nobody takes from them.
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
