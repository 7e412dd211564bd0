// Imported for its effect before the database driver is loaded: `node --import`, or ahead of a dynamic import.
import { register } from "node:module";

/**
 * Where a connection is cut within a transaction, postgres 3.4.9 writes its rollback to a socket that is gone: from a
 * timer, so that nothing can catch it and the process ends. A connection whose write was waiting when it was cut sends
 * nothing ever again. https://github.com/porsager/postgres/issues/1208
 * After the rows of a COPY that were read slowly, or not to their end, it reads from its socket no more: the next
 * statement waits for ever.
 */
register("./driver-hooks.mjs", import.meta.url);
