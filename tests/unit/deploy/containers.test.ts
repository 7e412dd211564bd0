import { existsSync, readFileSync, statSync } from "node:fs";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { variableNames } from "~/platform/env.server";

/** Compares the container files with the app; needs no Docker daemon. */

interface Service {
  image?: string;
  build?: string;
  environment?: Record<string, string>;
  secrets?: string[];
  volumes?: string[];
  ports?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: object;
  command?: string[];
  read_only?: boolean;
  cap_drop?: string[];
  deploy?: { replicas: number };
}
interface Compose {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, null>;
}

const dockerfile = readFileSync("Dockerfile", "utf8");
/** The instructions, each on one line, without comments. */
const instructions = dockerfile
  .replace(/\\\n\s*/g, " ")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => ({ word: line.split(" ", 1)[0]!, rest: line.slice(line.indexOf(" ") + 1) }));
const ignored = readFileSync(".dockerignore", "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"));
const isOurs = (name: string) => variableNames.includes(name.replace(/_FILE$/, ""));

describe("the image", () => {
  it("copies only files that exist and that its build context includes", () => {
    const copies = instructions.filter(({ word, rest }) => word === "COPY" && !rest.includes("--from"));
    const sources = copies.flatMap(({ rest }) =>
      rest
        .replace(/--\S+ /g, "")
        .split(" ")
        .slice(0, -1),
    );
    expect(sources).toContain("db/migrations");
    for (const source of sources) {
      expect(existsSync(source), source).toBe(true);
      expect(ignored).not.toContain(source.split("/")[0]);
    }
    for (const name of [".env", ".data", "secrets", "node_modules", ".git"]) expect(ignored).toContain(name);
    const made = ["node_modules", "build", "public"];
    const fromBuild = instructions.filter(({ rest }) => rest.startsWith("--from=build"));
    expect(fromBuild.map(({ rest }) => rest.split(" ").at(-1))).toEqual(made);
  });

  it("runs as an unprivileged user, and checks its health where the server answers", () => {
    const last = (word: string) => instructions.filter((one) => one.word === word).at(-1)?.rest ?? "";
    expect(last("USER")).toBe("node");
    expect(instructions.findIndex(({ word }) => word === "USER")).toBeLessThan(
      instructions.findIndex(({ word }) => word === "CMD"),
    );
    const path = /127\.0\.0\.1:\$\{process\.env\.PORT\}(\/\w+)/.exec(last("HEALTHCHECK"))?.[1];
    expect(path).toBe("/healthz");
    expect(readFileSync("scripts/lib/web-server.mjs", "utf8")).toContain(`web.get("${path}"`);
    // In exec form, so that no shell stands between a signal and the app.
    expect(JSON.parse(last("CMD"))).toEqual(["node", "server.mjs"]);
  });

  it("names only variables that the app knows", () => {
    const named = instructions
      .filter(({ word }) => word === "ENV")
      .flatMap(({ rest }) => rest.split(" ").map((pair) => pair.split("=", 1)[0]!));
    expect(named.filter((name) => name !== "NODE_ENV" && !isOurs(name))).toEqual([]);
  });
});

describe.each(["compose.yaml", "compose.small.yaml"])("%s", (file) => {
  const { services, secrets, volumes } = parse(readFileSync(file, "utf8")) as Compose;
  const all = Object.entries(services);

  it("gives the app only variables that it knows, and each secret as a file", () => {
    const { environment = {}, secrets: given = [] } = services["app"]!;
    expect(Object.keys(environment).filter((name) => !isOurs(name))).toEqual([]);
    const files = Object.entries(environment).filter(([name]) => name.endsWith("_FILE"));
    expect(files.map(([, at]) => at.replace("/run/secrets/", "")).sort()).toEqual([...given].sort());
    for (const name of Object.keys(environment))
      expect(name).not.toMatch(/^(APP_SECRET|DATABASE_URL|INNGEST_\w+_KEY|SMTP_URL|METRICS_TOKEN)$/);
  });

  it("declares each secret, volume and service in use, and deploy/make-secrets.sh makes the secrets", () => {
    const script = readFileSync("deploy/make-secrets.sh", "utf8");
    const used = new Set(all.flatMap(([, service]) => service.secrets ?? []));
    expect([...used].sort()).toEqual(Object.keys(secrets).sort());
    for (const name of used) {
      expect(secrets[name]).toEqual({ file: `./secrets/${name}` });
      expect(script).toContain(`\nmake ${name} `);
    }
    const mounted = all.flatMap(([, service]) => service.volumes ?? []).map((text) => text.split(":")[0]!);
    expect(mounted.filter((name) => !name.startsWith("./")).sort()).toEqual(Object.keys(volumes).sort());
    for (const name of mounted.filter((text) => text.startsWith("./")))
      expect(existsSync(name), name).toBe(true);
    for (const [, { depends_on: on = {} }] of all) {
      for (const [name, { condition }] of Object.entries(on)) {
        expect(services[name], name).toBeDefined();
        // The app's check of its health is in its image.
        if (condition === "service_healthy" && name !== "app")
          expect(services[name]!.healthcheck).toBeDefined();
      }
    }
  });

  it("pins each image, publishes no database port, and gives the app no rights", () => {
    for (const [name, { image, ports = [] }] of all) {
      if (name !== "app") expect(image).toMatch(/:v?\d+(\.\d+)*(-alpine)?$/);
      if (!["app", "proxy"].includes(name)) expect(ports).toEqual([]);
    }
    expect(services["app"]).toMatchObject({ read_only: true, cap_drop: ["ALL"], init: true });
  });
});

it("runs two replicas behind a proxy whose address they trust", () => {
  const { services } = parse(readFileSync("compose.yaml", "utf8")) as Compose & {
    services: { proxy: { networks: { default: { ipv4_address: string } } } };
  };
  expect(services["app"]).toMatchObject({
    deploy: { replicas: 2 },
    environment: { TRUSTED_PROXIES: services.proxy.networks.default.ipv4_address },
  });
  expect(readFileSync("deploy/Caddyfile", "utf8")).toContain("dynamic a app 3000");
  const { INNGEST_SERVE_ORIGIN: origin } = services["app"]!.environment!;
  expect(services["inngest"]!.command!.join()).toContain(`--sdk-url ${origin}/api/inngest`);
});

it("the scripts of deploy/ are executable", () => {
  for (const name of ["plumbline", "make-secrets", "postgres-init"])
    expect(statSync(`deploy/${name}.sh`).mode & 0o111).not.toBe(0);
});
