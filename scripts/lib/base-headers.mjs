/**
 * Gives every answer the headers that it does not set itself: one place for pages, redirects, data, downloads, files
 * and refusals alike. At the last moment, because an answer may be stricter and a header that is set twice is sent twice.
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
