import { openEmbedded } from "../../db/embedded/open";

/** Opens the embedded database and closes it, as every command does around its work. */
const database = await openEmbedded();
await database.close();
console.log("closed");
