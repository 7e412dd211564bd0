export * from "./alerts";
export * from "./assets";
export * from "./clients";
export * from "./events";
export * from "./integrations";
export * from "./runs";
export { tenants } from "./tenants";
export * from "./updates";
export * from "./users";
