/**
 * What routes may have done, in one place: the compiler keeps `.server` modules out of the browser's bundle, and the
 * use cases themselves know neither Remix nor its names.
 */
export { confirmHeldDevices } from "./sync/conclude";
export { cancelSync, requestSync } from "./sync/request-sync";
