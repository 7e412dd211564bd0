import nodemailer from "nodemailer";

import { oneLine } from "@domain/notification-text";
import type { MailAccount, Mailer, MailOutcome } from "~/platform/ports";

/** Milliseconds for a whole message, and for each wait within it. */
const TOTAL_MS = 30_000;
const STEP_MS = 10_000;
const MAX_REASON = 300;

/** A mailer for an account. Sends the password only over TLS, unless the mail server is on this machine. */
export function createMailer(account: MailAccount): Mailer {
  const { host, port, isTls, auth, from } = account;
  const transport = nodemailer.createTransport({
    host,
    port,
    secure: isTls,
    requireTLS: auth !== undefined && !isLoopback(host),
    ...(auth === undefined ? {} : { auth: { user: auth.user, pass: auth.password } }),
    connectionTimeout: STEP_MS,
    greetingTimeout: STEP_MS,
    dnsTimeout: STEP_MS,
    socketTimeout: STEP_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const messageId = (id: string) => `<${id}@${domainOf(from)}>`;
  const attempt = async (work: () => Promise<string[]>): Promise<MailOutcome> => {
    try {
      return { state: "sent", refused: await work() };
    } catch (error) {
      return describe(error as MailError, account);
    }
  };
  return {
    send: (mail) =>
      attempt(async () => {
        const info = await transport.sendMail({
          from,
          to: mail.to.map((address) => ({ name: "", address })),
          subject: mail.subject,
          text: mail.text,
          html: mail.html,
          messageId: messageId(mail.id),
          ...(mail.answers === undefined
            ? {}
            : { inReplyTo: messageId(mail.answers), references: messageId(mail.answers) }),
          // Asks auto-responders not to reply.
          headers: {
            "Auto-Submitted": "auto-generated",
            ...(mail.unsubscribe === undefined
              ? {}
              : {
                  "List-Unsubscribe": `<${mail.unsubscribe}>`,
                  "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                }),
          },
          signal: AbortSignal.timeout(TOTAL_MS),
        });
        return info.rejected;
      }),
    verify: () =>
      attempt(async () => {
        await transport.verify();
        return [];
      }),
  };
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host);

const domainOf = (from: string): string => /@([^\s<>@]+)>?\s*$/.exec(from)?.[1] ?? "localhost";

interface MailError extends Error {
  /** The command that was sent last; `CONN` while connecting. */
  command?: string;
  code?: string;
  responseCode?: number;
  response?: string;
}

function describe(error: MailError, { host, port, auth }: MailAccount): MailOutcome {
  const failed = (reason: string, hint: string): MailOutcome => ({
    state: "failed",
    reason: withoutPassword(oneLine(reason, MAX_REASON), auth?.password),
    hint,
    isUnsent: isUnsent(error),
  });
  const answer = error.response ?? error.message;
  switch (error.code) {
    case "EAUTH":
    case "ENOAUTH":
      return failed(
        `the mail server refuses user and password: ${answer}`,
        "Check user and password in SMTP_URL; characters such as @ and / are written %40 and %2F there.",
      );
    case "ETLS":
      return failed(
        `no encrypted connection to ${host}:${port}: ${error.message}`,
        "A password is sent over TLS alone. Use smtps:// or a server with STARTTLS and a certificate that this machine trusts (NODE_EXTRA_CA_CERTS).",
      );
    case "EABORT":
    case "ETIMEDOUT":
      return failed(
        `no answer from ${host}:${port} in time`,
        "Check host and port in SMTP_URL, and that a firewall lets this machine out to them.",
      );
  }
  if (error.responseCode !== undefined) {
    return failed(`the mail server answered: ${answer}`, "The mail server's own log says more.");
  }
  return failed(
    `no connection to ${host}:${port}: ${error.message}`,
    "Check host and port in SMTP_URL: smtp:// for 587 or 25, smtps:// for 465.",
  );
}

/**
 * Whether the mail was certainly not accepted: the error came before the mail was sent, or the server's answer says so.
 */
const isUnsent = ({ responseCode, command, code }: MailError): boolean =>
  responseCode !== undefined ||
  command === "CONN" ||
  ["EAUTH", "ENOAUTH", "ETLS", "EDNS"].includes(code ?? "");

/** The text without the password, because a server's answer may repeat what was sent. */
const withoutPassword = (text: string, password: string | undefined): string =>
  password ? text.replaceAll(password, "[redacted]") : text;
