/**
 * Adds each of these headers to every response that does not set it itself: pages, redirects, data, downloads, files
 * and refusals. Adds them when the head is written, because a response may set a stricter value and a header set twice
 * is sent twice.
 * @param {Record<string, string>} headers
 * @returns {import("express").RequestHandler}
 */
export function addBaseHeaders(headers) {
  const all = Object.entries(headers);
  return (_request, response, next) => {
    const { writeHead } = response;
    response.writeHead = (...args) => {
      for (const [name, value] of all) if (!response.hasHeader(name)) response.setHeader(name, value);
      return writeHead.apply(response, args);
    };
    next();
  };
}
