// Loader hooks: mends the database driver while it is loaded. See mend-driver.mjs.

/** What the driver does with a connection that the server has closed, and what it has to do. */
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
  // Of a COPY: a reader that has left takes no more, and one that was slow at the end asks for no more.
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

/** The mended source; undefined where a part that is to be mended is not in it. */
export function mended(source) {
  if (!mends.every(([from]) => source.includes(from))) return undefined;
  return mends.reduce((text, [from, to]) => text.replace(from, () => to), source);
}

/** Called by Node for each module. */
export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (!url.endsWith("/node_modules/postgres/src/connection.js") || loaded.source == null) return loaded;
  const source = mended(Buffer.from(loaded.source).toString("utf8"));
  return source === undefined ? loaded : { ...loaded, source };
}
