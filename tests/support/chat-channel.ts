import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** The channel's answer to one message: a status, or nothing (it accepts the message and the answer is lost). */
type ChannelAnswer = number | "lost";

/** A stub of the incoming webhook of Slack or Teams: records the posts and answers as configured. */
export interface ChatChannel {
  url: string;
  messages: Record<string, unknown>[];
  /** Answers to the next messages, in order; 200 once they are used up. */
  answers: ChannelAnswer[];
  close(): Promise<void>;
}

export async function startChatChannel(): Promise<ChatChannel> {
  const messages: Record<string, unknown>[] = [];
  const answers: ChannelAnswer[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      const answer = answers.shift() ?? 200;
      if (answer === 200 || answer === "lost") messages.push(JSON.parse(body) as Record<string, unknown>);
      if (answer === "lost") response.destroy();
      else response.writeHead(answer, answer === 429 ? { "Retry-After": "30" } : {}).end("ok");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0/B0/a-secret-address`,
    messages,
    answers,
    close: async () => {
      server.close();
      await once(server, "close");
    },
  };
}
