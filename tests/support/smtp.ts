import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { SMTPServer } from "smtp-server";

interface ReceivedMail {
  from: string;
  to: string[];
  /** The message as it came over the wire. */
  source: string;
  header(name: string): string | undefined;
}

/** A mail server on this machine that accepts and records every message unless configured otherwise. */
export interface TestMailServer {
  port: number;
  /** Its address, with user and password. */
  url: string;
  received: ReceivedMail[];
  /** Answers to the next messages, one each; afterwards all are accepted. */
  answerWith(...codes: number[]): void;
  /** Recipients that it rejects. */
  unknown: Set<string>;
  close(): Promise<void>;
}

export const TEST_SMTP = { user: "plumbline", password: "s3cret/word@smtp" };

export async function startMailServer(): Promise<TestMailServer> {
  const received: ReceivedMail[] = [];
  const answers: number[] = [];
  const unknown = new Set<string>();
  const refusal = (responseCode: number) =>
    Object.assign(new Error(`refused with ${responseCode}`), { responseCode });
  const server = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    logger: false,
    onAuth: (auth, _session, done) => {
      const isRight = auth.username === TEST_SMTP.user && auth.password === TEST_SMTP.password;
      done(
        isRight ? null : new Error("Authentication failed"),
        isRight ? { user: TEST_SMTP.user } : undefined,
      );
    },
    onRcptTo: ({ address }, _session, done) => done(unknown.has(address) ? refusal(550) : null),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const code = answers.shift();
        if (code !== undefined) return done(refusal(code));
        const { mailFrom, rcptTo } = session.envelope;
        const source = Buffer.concat(chunks).toString("utf8");
        received.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          source,
          header: (name) => headerOf(source, name),
        });
        done(null);
      });
    },
  });
  const listening = server.listen(0, "127.0.0.1");
  await once(listening, "listening");
  const { port } = listening.address() as AddressInfo;
  return {
    port,
    url: `smtp://${TEST_SMTP.user}:${encodeURIComponent(TEST_SMTP.password)}@127.0.0.1:${port}`,
    received,
    answerWith: (...codes) => void answers.push(...codes),
    unknown,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

function headerOf(source: string, name: string): string | undefined {
  const head = source.slice(0, source.indexOf("\r\n\r\n")).replace(/\r\n[ \t]+/g, " ");
  const line = head.split("\r\n").find((text) => text.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return line?.slice(name.length + 1).trim();
}
