import { openEmbedded } from "../../db/embedded/open";

/** Opens the embedded database and closes it: all that a command does beside its work. */
const database = await openEmbedded();
await database.close();
console.log("closed");
