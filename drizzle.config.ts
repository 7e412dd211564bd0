import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: ["./db/schema/index.ts", "./db/schema/runner.ts"],
  out: "./db/migrations",
  entities: { roles: false },
});
