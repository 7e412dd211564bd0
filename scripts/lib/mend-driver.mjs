// Imported for its effect before the database driver is loaded: by `node --import`, or before a dynamic import.
import { register } from "node:module";

/**
 * Patches three faults of postgres 3.4.9. If a connection is cut within a transaction, the driver writes its rollback
 * to the closed socket from a timer, where nothing can catch the error, and the process ends. A connection cut with a
 * write pending never sends anything again. https://github.com/porsager/postgres/issues/1208 After a COPY whose rows
 * were read slowly or not to the end, the driver never reads from the socket again, and the next statement waits for
 * ever.
 */
register("./driver-hooks.mjs", import.meta.url);
