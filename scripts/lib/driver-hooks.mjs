// Loader hooks that patch the database driver while Node loads it. See mend-driver.mjs.

/** Pairs of driver code and its replacement: for connections that the server closed, and for COPY. */
const mends = [
  [
    `  function nextWrite(fn) {
    const x = socket.write(chunk, fn)
    nextWriteTimer !== null && clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
    return x
  }`,
    `  function nextWrite(fn) {
    nextWriteTimer !== null && clearImmediate(nextWriteTimer)
    const written = chunk
    chunk = nextWriteTimer = null
    if (socket === null) {
      error(Errors.connection('CONNECTION_CLOSED', options))
      return false
    }
    return socket.write(written, fn)
  }`,
  ],
  [
    `    clearImmediate(nextWriteTimer)
    socket.removeListener`,
    `    clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
    socket.removeListener`,
  ],
  // COPY: stop pushing to a reader that has gone away, and resume the socket after a reader that was slow at the end.
  [
    `    stream && (stream.push(x.subarray(5)) || socket.pause())`,
    `    stream && !stream.destroyed && (stream.push(x.subarray(5)) || socket.pause())`,
  ],
  [
    `    stream && stream.push(null)
    stream = null
  }

  function NoticeResponse`,
    `    stream && stream.push(null)
    stream = null
    socket.resume()
  }

  function NoticeResponse`,
  ],
];

/** Returns the patched source, or undefined if any of the parts to replace is missing. */
export function mended(source) {
  if (!mends.every(([from]) => source.includes(from))) return undefined;
  return mends.reduce((text, [from, to]) => text.replace(from, () => to), source);
}

/** Node calls this for each module. */
export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (!url.endsWith("/node_modules/postgres/src/connection.js") || loaded.source == null) return loaded;
  const source = mended(Buffer.from(loaded.source).toString("utf8"));
  return source === undefined ? loaded : { ...loaded, source };
}
