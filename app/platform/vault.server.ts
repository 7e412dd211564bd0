import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

import { ConfigError, MIN_SECRET_LENGTH } from "./env.server";
import { UnopenableSecretError, type SecretOwner, type Vault } from "./vault";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals and opens secrets with AES-256-GCM. The owner of a secret is authenticated with it: a sealed text that was
 * copied to another tenant, connection or name does not open. APP_SECRET holds one secret, or several separated by
 * commas, of which the first seals and all open, so that a new one can be put in front and the old one dropped after
 * `secrets rotate`.
 */
export function createVault(appSecret: string): Vault {
  const keys = keysOf(appSecret);
  const [current] = keys;
  if (current === undefined) throw new Error("APP_SECRET is empty.");
  return {
    keyId: current.id,
    seal(plain, owner) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", current.key, nonce, { authTagLength: TAG_BYTES }).setAAD(
        labelOf(owner),
      );
      const text = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return {
        keyId: current.id,
        sealed: Buffer.concat([nonce, cipher.getAuthTag(), text]).toString("base64"),
      };
    },
    open({ keyId, sealed }, owner) {
      const found = keys.find((key) => key.id === keyId);
      if (found === undefined) {
        throw new UnopenableSecretError("unknown_key", `No key ${keyId} in APP_SECRET.`);
      }
      try {
        return decipher(found.key, Buffer.from(sealed, "base64"), owner);
      } catch (cause) {
        throw new UnopenableSecretError("damaged", "A sealed secret does not open.", { cause });
      }
    },
  };
}

/** The keys of the secrets in APP_SECRET; the first one seals. */
const keysOf = (appSecret: string) =>
  appSecret.split(",").map((part) => {
    const key = Buffer.from(hkdfSync("sha256", part.trim(), "plumbline", "tenant secrets", 32));
    return { key, id: createHash("sha256").update(key).digest("hex").slice(0, 12) };
  });

/** The ids of the keys in APP_SECRET, which are not secret. */
export const keyIdsOf = (appSecret: string): string[] => keysOf(appSecret).map(({ id }) => id);

/**
 * Keys that sign the cookies of one purpose, one from each part of APP_SECRET. A cookie is valid for its own purpose
 * alone.
 */
export const cookieKeys = (appSecret: string, purpose: string): string[] =>
  appSecret
    .split(",")
    .map((part) =>
      Buffer.from(hkdfSync("sha256", part.trim(), "plumbline", `cookie ${purpose}`, 32)).toString("hex"),
    );

/**
 * Decrypts and verifies. Requires a tag of full length, because Node would also accept a shorter one, which is easier
 * to forge.
 */
function decipher(key: Buffer, bytes: Buffer, owner: SecretOwner): string {
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const opening = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(labelOf(owner))
    .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const text = [opening.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), opening.final()];
  return Buffer.concat(text).toString("utf8");
}

const labelOf = ({ tenantId, connectionId, name }: SecretOwner): Buffer =>
  Buffer.from([tenantId, connectionId ?? "", name].join("/"));

/**
 * APP_SECRET as configured; otherwise, with the embedded database, a secret that is generated at the first start and
 * stored with the data (mode 0600).
 * @throws ConfigError if the stored secret is too short: even an empty one would yield a key
 */
export function loadAppSecret(config: { appSecret: string | undefined; dataDir: string }): string {
  if (config.appSecret !== undefined) return config.appSecret;
  const file = path.join(config.dataDir, "app-secret");
  if (!existsSync(file)) {
    mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
    createWhole(file, randomBytes(32).toString("hex"));
  }
  const secret = readFileSync(file, "utf8").trim();
  if (secret.length < MIN_SECRET_LENGTH) throw new ConfigError([cutSecret(file)]);
  return secret;
}

const cutSecret = (file: string): string =>
  `${file} must hold at least ${MIN_SECRET_LENGTH} characters: put it back from a backup, or delete it, start again and save the API keys again.`;

/** Creates the file completely or not at all, wherever the process or the machine stops. */
function createWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  const opened = openSync(draft, "w", 0o600);
  try {
    writeFileSync(opened, text);
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
  linkSync(draft, file);
  rmSync(draft);
}
